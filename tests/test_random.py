"""The global random states of Python, NumPy and TensorFlow stay as they are."""

import random

import numpy as np
import pytest

from sk_mnist import (
    DigitFramer,
    DigitGridDisplay,
    ElasticDeformation,
    HiddenUnitsDisplay,
    ImageNormalizer,
    MNISTMLPClassifier,
    TrainingHistoryDisplay,
    build_mlp,
    load_sample_digits,
    make_digit_reader,
    recipes,
)
from sk_mnist._random import make_generator


def fit(digits, **parameters):
    return MNISTMLPClassifier(8, epochs=2, **parameters).fit(*digits)


# Every public function that does random work, or calls others that might.
CALLS = {
    "fit": fit,
    "fit, with all that is random": lambda digits: fit(
        digits,
        dropout=0.1,
        validation_split=0.2,
        augmentation=ElasticDeformation(deskew=0.5, thickness=0.5),
    ),
    "partial_fit": lambda digits: MNISTMLPClassifier(8).partial_fit(
        *digits, classes=range(10)
    ),
    "predict": lambda digits: fit(digits).predict_proba(digits[0]),
    "to_keras": lambda digits: fit(digits).to_keras(),
    "from_keras": lambda digits: MNISTMLPClassifier.from_keras(fit(digits).to_keras()),
    "build_mlp": lambda digits: build_mlp(
        meta={"n_features_in_": 64, "n_classes_": 10}
    ),
    "deform": lambda digits: ElasticDeformation().deform(digits[0]),
    "recipes.build": lambda digits: recipes.build("committee"),
    "make_digit_reader": lambda digits: make_digit_reader(
        "fast", epochs=1, augmentation=None
    ).fit(digits[0].reshape(-1, 8, 8)[:20], digits[1][:20]),
    "load_sample_digits": lambda digits: load_sample_digits(),
    "DigitFramer": lambda digits: DigitFramer().fit_transform(
        digits[0][:3].reshape(-1, 8, 8)
    ),
    "ImageNormalizer": lambda digits: ImageNormalizer().fit_transform(digits[0]),
    "DigitGridDisplay": lambda digits: DigitGridDisplay.from_images(
        digits[0], which="random"
    ),
    "HiddenUnitsDisplay": lambda digits: HiddenUnitsDisplay.from_estimator(fit(digits)),
    "TrainingHistoryDisplay": lambda digits: TrainingHistoryDisplay.from_estimator(
        fit(digits)
    ),
}


def next_random_numbers(tf):
    """What each global random state gives next, after the same seeds."""
    return random.random(), np.random.random(), float(tf.random.uniform(()))  # noqa: NPY002


def seed_everything(tf):
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
    tf.random.set_seed(0)


@pytest.mark.parametrize("name", CALLS)
def test_global_random_states_are_not_changed(name, digits):
    from sk_mnist._keras._backend import tf

    seed_everything(tf)
    expected = next_random_numbers(tf)
    seed_everything(tf)
    CALLS[name](digits)
    assert next_random_numbers(tf) == expected


RANDOM_RESULTS = {
    "fit": lambda digits: fit(digits).coefs_[0],
    "deform": CALLS["deform"],
    "recipes.build": lambda digits: [
        member.random_state
        for _, member in recipes.build("committee")["mlp"].estimators
    ],
    "DigitGridDisplay": lambda digits: CALLS["DigitGridDisplay"](digits).indices,
}


@pytest.mark.parametrize("name", RANDOM_RESULTS)
def test_global_random_states_are_not_used(name, digits):
    """Seeded alike, two calls without random_state still differ."""
    from sk_mnist._keras._backend import tf

    results = []
    for _ in range(2):
        seed_everything(tf)
        results.append(RANDOM_RESULTS[name](digits))
    assert not np.array_equal(*results)


def test_generators_of_one_integer_are_alike():
    assert make_generator(3).random() == make_generator(3).random()
    assert make_generator(3).random() != make_generator(4).random()


def test_a_random_state_is_advanced():
    state = np.random.RandomState(0)
    first, second = make_generator(state).random(), make_generator(state).random()
    assert first != second
    assert make_generator(np.random.RandomState(0)).random() == first
