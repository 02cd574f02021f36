"""Test-time augmentation: each image is read several times, deformed."""

import copy

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from networks import small
from sk_mnist import ElasticDeformation, MNISTMLPClassifier

GENTLE = ElasticDeformation(shift=0.5, alpha=5, sigma=2)  # for digits of 8 x 8 pixels
NOTHING = ElasticDeformation(rotation=0, scale=0, shift=0, alpha=0)


@pytest.fixture(scope="module")
def trained(digits):
    return MNISTMLPClassifier(
        32, learning_rate=0.01, epochs=20, augmentation=GENTLE, random_state=0
    ).fit(*digits)


def reading(classifier, n_times, **parameters):
    """The same network, which reads each image so many times."""
    same = copy.copy(classifier)
    return same.set_params(test_time_augmentation=n_times, **parameters)


@pytest.fixture
def augmented(trained):
    return reading(trained, 8)


def test_is_off_by_default():
    assert MNISTMLPClassifier().test_time_augmentation == 0


def test_other_probabilities_but_still_probabilities(trained, augmented, other_digits):
    X, _ = other_digits
    probabilities = augmented.predict_proba(X)
    assert not np.allclose(probabilities, trained.predict_proba(X), atol=1e-3)
    assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_all_predictions_agree(augmented, other_digits):
    X, y = other_digits
    probabilities = augmented.predict_proba(X)
    assert_allclose(augmented.predict_log_proba(X), np.log(probabilities), atol=1e-3)
    assert_array_equal(augmented.predict(X), probabilities.argmax(axis=1))
    assert augmented.score(X, y) == np.mean(augmented.predict(X) == y)


@pytest.mark.parametrize("deskew", [0, 1])
def test_log_probabilities_are_averaged_over_deformed_images(
    trained, other_digits, deskew
):
    """Half as strong as in training, but for deskew; without thickness."""
    X = other_digits[0][:5]
    training = clone(GENTLE).set_params(deskew=deskew, thickness=1)
    weaker = clone(GENTLE).set_params(
        **{name: getattr(GENTLE, name) / 2 for name in ("rotation", "scale", "shift")},
        alpha=GENTLE.alpha / 2,
        deskew=deskew,
    )
    deformed = weaker.deform(np.repeat(X, 2000, axis=0), random_state=0)
    logs = trained.predict_log_proba(deformed).reshape(5, 2000, 10).mean(axis=1)
    expected = np.exp(logs) / np.exp(logs).sum(axis=1, keepdims=True)
    augmented = reading(trained, 500, augmentation=training)
    assert_allclose(augmented.predict_proba(X), expected, atol=0.02)


def test_deformations_of_zero_change_nothing(trained, augmented, other_digits):
    X, _ = other_digits
    augmented.set_params(augmentation=NOTHING)
    assert_allclose(augmented.predict_proba(X), trained.predict_proba(X), atol=1e-5)


@pytest.mark.parametrize("n_images", [1, 2, 7, 50])
def test_other_images_do_not_change_the_answer(augmented, other_digits, n_images):
    X, _ = other_digits
    together = augmented.predict_proba(X)
    assert_array_equal(
        augmented.predict_proba(X[3 : 3 + n_images]), together[3:][:n_images]
    )


def test_asking_again_does_not_change_the_answer(augmented, other_digits):
    X, _ = other_digits
    first = augmented.predict_proba(X[:9])
    np.random.random()  # noqa: NPY002
    assert_array_equal(augmented.predict_proba(X[:9]), first)


def test_is_kept_in_a_saved_file(augmented, other_digits, tmp_path):
    X, _ = other_digits
    joblib.dump(augmented, tmp_path / "digits.joblib")
    loaded = joblib.load(tmp_path / "digits.joblib")
    assert_array_equal(loaded.predict_proba(X[:9]), augmented.predict_proba(X[:9]))


def test_asking_adds_nothing_to_the_estimator(augmented, other_digits):
    before = set(vars(augmented))
    augmented.predict(other_digits[0])
    assert set(vars(augmented)) == before


def test_training_is_the_same(digits):
    plain = small(augmentation=GENTLE).fit(*digits)
    augmented = small(augmentation=GENTLE, test_time_augmentation=4).fit(*digits)
    assert_array_equal(augmented.coefs_[0], plain.coefs_[0])


def test_can_be_searched(digits):
    search = GridSearchCV(
        small(augmentation=GENTLE), {"test_time_augmentation": [0, 2]}, cv=2
    ).fit(*digits)
    assert set(search.best_params_) == {"test_time_augmentation"}
    assert len(cross_val_score(search.best_estimator_, *digits, cv=2)) == 2


def test_needs_deformations(digits, augmented):
    with pytest.raises(ValueError, match=r"test_time_augmentation=3 needs.*Set augm"):
        small(test_time_augmentation=3).fit(*digits)
    with pytest.raises(ValueError, match=r"test_time_augmentation=8 needs.*Set augm"):
        augmented.set_params(augmentation=None).predict(digits[0])


@pytest.mark.parametrize("number", [-1, 2.5, "8"])
def test_impossible_number_is_named(digits, augmented, number):
    with pytest.raises(ValueError, match="'test_time_augmentation' parameter of MNIST"):
        small(augmentation=GENTLE, test_time_augmentation=number).fit(*digits)
    with pytest.raises(ValueError, match="'test_time_augmentation' parameter of MNIST"):
        augmented.set_params(test_time_augmentation=number).predict(digits[0])


def test_needs_no_tensorflow(augmented, other_digits, tmp_path, run_python):
    joblib.dump((augmented, other_digits[0]), tmp_path / "digits.joblib")
    script = """
import sys, joblib
model, X = joblib.load(sys.argv[1])
model.predict(X)
assert not {"tensorflow", "keras", "PIL"} & set(sys.modules)
"""
    assert run_python(script, tmp_path / "digits.joblib").returncode == 0
