"""Write one saved model of each kind, which every later version must read.

Run it by hand when a new kind is added, or a new layout of the saved state:
``python tests/data/write_saved_models.py NAME ...``. Files that are there stay as they
are: they stand for the models that users have saved.
"""

import sys
from pathlib import Path

import joblib
from sklearn.pipeline import Pipeline

from sk_mnist import (
    DigitFramer,
    ElasticDeformation,
    ImageNormalizer,
    MNISTMLPClassifier,
    load_sample_digits,
    recipes,
)

SMALL = {"hidden_units": 8, "epochs": 5, "learning_rate": 0.01, "random_state": 0}


def reader(**parameters):
    """The whole way from raw images to digits."""
    return Pipeline(
        [
            ("frame", DigitFramer()),
            ("normalize", ImageNormalizer()),
            ("mlp", MNISTMLPClassifier(**{**SMALL, **parameters})),
        ]
    )


KINDS = {
    "pipeline": lambda: reader()[1:],
    "reader": lambda: reader(augmentation=ElasticDeformation(deskew=1), epochs=10),
    "continued": lambda: reader(warm_start=True, validation_split=0.1, dropout=0.1),
    "committee": lambda: recipes.build(
        "committee", **SMALL, augmentation=None, test_time_augmentation=0
    ),
}

if __name__ == "__main__":
    digits = load_sample_digits()
    for name in sys.argv[1:]:
        path = Path(__file__).with_name(f"{name}.joblib")
        if path.exists():
            sys.exit(f"{path} is there already, and stays.")
        model = KINDS[name]().fit(digits.images, digits.target)
        images = digits.images[:20]
        saved = {
            "model": model,
            "images": images,
            "labels": model.predict(images),
            "probabilities": model.predict_proba(images),
        }
        joblib.dump(saved, path, compress=9)
