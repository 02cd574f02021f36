"""The fitted classifier: its attributes and what it predicts."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss

from networks import small
from sk_mnist import MNISTMLPClassifier

# What is fitted


def test_fitted_attributes(baseline):
    assert_array_equal(baseline.classes_, np.arange(10))
    assert baseline.n_features_in_ == 64
    assert not hasattr(baseline, "feature_names_in_")
    assert isinstance(baseline.coefs_, list)
    assert isinstance(baseline.intercepts_, list)
    assert {array.dtype for array in baseline.coefs_} == {np.dtype(np.float32)}
    assert {array.dtype for array in baseline.intercepts_} == {np.dtype(np.float32)}
    assert all(type(array) is np.ndarray for array in baseline.coefs_)
    assert baseline.n_iter_ == 2
    assert baseline.n_layers_ == 3
    assert baseline.n_outputs_ == 10
    assert baseline.out_activation_ == "softmax"
    assert baseline.loss_ == baseline.history_["loss"][-1]


def test_history_holds_a_plain_list_per_epoch(baseline):
    assert baseline.history_.keys() == {"loss", "accuracy"}
    for values in baseline.history_.values():
        assert len(values) == 2
        assert {type(value) for value in values} == {float}


def test_loss_and_accuracy_of_an_epoch_are_means_over_its_samples(digits):
    # Weights that do not move make the means those of the fitted network.
    X, y = digits
    sample_weight = np.linspace(0.5, 2, len(X))
    classifier = small(optimizer="sgd", learning_rate=1e-20, epochs=1)
    classifier.fit(X, y, sample_weight)
    loss = log_loss(y, classifier.predict_proba(X), sample_weight=sample_weight)
    assert_allclose(classifier.history_["loss"], loss, rtol=1e-5)
    accuracy = classifier.score(X, y, sample_weight)
    assert_allclose(classifier.history_["accuracy"], accuracy, rtol=1e-5)


@pytest.mark.parametrize(
    "use", ["predict", "predict_proba", "predict_log_proba", "to_keras", "to_scikeras"]
)
def test_unfitted_classifier_says_so(digits, use):
    arguments = () if use.startswith("to_") else (digits[0],)
    with pytest.raises(NotFittedError):
        getattr(small(), use)(*arguments)


# Predicting


def test_probabilities_are_those_of_the_softmax(other_digits, fitted):
    X, _ = other_digits
    probabilities = fitted.predict_proba(X)
    hidden = np.maximum(X @ fitted.coefs_[0] + fitted.intercepts_[0], 0)
    logits = hidden @ fitted.coefs_[1] + fitted.intercepts_[1]
    odds = np.exp(logits.astype(float))
    assert probabilities.dtype == np.float32
    assert_allclose(probabilities, odds / odds.sum(axis=1, keepdims=True), atol=1e-6)
    assert_array_equal(fitted.predict(X), probabilities.argmax(axis=1))


def test_log_probabilities_stay_finite_where_probabilities_vanish(other_digits, fitted):
    X, _ = other_digits
    assert_allclose(
        fitted.predict_log_proba(X), np.log(fitted.predict_proba(X)), atol=1e-4
    )
    far_out = 1000 * X
    assert (fitted.predict_proba(far_out) == 0).any()
    assert np.isfinite(fitted.predict_log_proba(far_out)).all()


def test_many_rows_are_predicted_like_each_alone(digits, fitted):
    X, _ = digits
    many = np.concatenate([X] * 6)  # more than one block
    together = fitted.predict_proba(many)
    assert len(together) == len(many)
    alone = [fitted.predict_proba(row[np.newaxis])[0] for row in X]
    assert_allclose(together, alone * 6, atol=1e-6)


def test_pixels_are_taken_whose_squares_no_float_can_hold(digits, fitted):
    X = np.float32(1e30) * digits[0]
    assert_array_equal(fitted.predict(X), fitted.predict(X.astype(np.float64)))


def test_it_learns(digits, other_digits, fitted):
    assert fitted.score(*digits) > 0.97
    assert fitted.score(*other_digits) > 0.8


def test_parameters_set_after_fit_wait_for_the_next_fit(digits, other_digits):
    X, _ = other_digits
    classifier = small().fit(*digits)
    before = classifier.predict_proba(X)
    classifier.set_params(hidden_units=(5, 4), activation="tanh", dropout=0.5)
    assert_array_equal(classifier.predict_proba(X), before)
    assert_allclose(classifier.to_keras().predict(X, verbose=0), before, atol=1e-5)
    assert_allclose(classifier.to_scikeras().predict_proba(X), before, atol=1e-5)


def test_repr_and_html_evaluate_nothing_heavy(fitted, monkeypatch):
    for door in ("to_keras", "to_scikeras"):
        monkeypatch.delattr(MNISTMLPClassifier, door)
    assert "MNISTMLPClassifier(" in repr(fitted)
    assert "MNISTMLPClassifier" in fitted._repr_html_()
