"""How a saved model is split into its framing and the rest."""

import joblib
import numpy as np
from PIL import Image
from sklearn.model_selection import GridSearchCV

from sk_mnist import DigitFramer
from sk_mnist.cli._reading import make_reader


def test_a_model_with_a_framer_is_not_framed_twice(model):
    pipeline = joblib.load(model)
    reader = make_reader(pipeline)
    assert reader.framer[-1] is pipeline[0]
    assert not any(isinstance(step, DigitFramer) for step in reader.classifier)


def test_a_model_without_a_framer_gets_one(model, pages):
    pipeline = joblib.load(model)
    image = Image.open(pages / "5.png")
    np.testing.assert_array_equal(
        make_reader(pipeline[1:]).read(image).probabilities,
        make_reader(pipeline).read(image).probabilities,
    )


def test_a_search_is_read_with_its_best_pipeline(model, pages):
    pipeline = joblib.load(model)
    search = GridSearchCV(pipeline, {})
    search.best_estimator_ = pipeline
    assert make_reader(search).framer[-1] is pipeline[0]


def test_a_network_without_a_normalizer_gets_pixels_between_0_and_1(model, pages):
    pipeline = joblib.load(model)
    image = Image.open(pages / "5.png")
    np.testing.assert_array_equal(
        make_reader(pipeline[-1]).read(image).probabilities,
        make_reader(pipeline).read(image).probabilities,
    )
