"""Validation data, held out or given, and early stopping."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.metrics import log_loss

from networks import assert_same_network, small


def test_own_validation_data_give_loss_and_accuracy_per_epoch(digits, other_digits):
    X, y = other_digits
    classifier = small().fit(*digits, X_val=X, y_val=y)
    history = classifier.history_
    assert history.keys() == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {len(values) for values in history.values()} == {2}
    assert_allclose(
        history["val_loss"][-1], log_loss(y, classifier.predict_proba(X)), rtol=1e-5
    )
    assert_allclose(history["val_accuracy"][-1], classifier.score(X, y), rtol=1e-5)


def test_validating_does_not_change_what_is_learned(digits, other_digits, baseline):
    X, y = other_digits
    assert_same_network(small().fit(*digits, X_val=X, y_val=y), baseline)


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "mse"])
def test_validation_loss_is_the_loss_that_is_trained(digits, loss):
    X, y = digits
    history = small(loss=loss, optimizer="sgd", learning_rate=1e-20, epochs=1)
    history = history.fit(X, y, X_val=X, y_val=y).history_
    assert_allclose(history["val_loss"], history["loss"], rtol=1e-5)


def held_out_rows(**parameters):
    """Which of 60 samples of 3 classes a fit holds out.

    Each sample is a feature of its own, so that its row of coefs moves only if it is
    trained on.
    """
    X, y = np.eye(60), np.arange(60) % 3
    classifier = small(hidden_units=(), optimizer="sgd", epochs=1, **parameters)
    unmoved = clone(classifier).set_params(learning_rate=1e-30).fit(X, y)
    moved = clone(classifier).set_params(learning_rate=10.0).fit(X, y)
    return np.flatnonzero(np.all(moved.coefs_[0] == unmoved.coefs_[0], axis=1))


def test_validation_split_holds_out_a_stratified_part():
    rows = held_out_rows(validation_split=0.25)
    assert_array_equal(np.bincount(rows % 3), [5, 5, 5])
    assert rows.max() > 20  # shuffled, not the first or the last ones
    assert rows.min() < 40


def test_hold_out_is_drawn_with_the_random_state():
    first, same, other = (
        held_out_rows(validation_split=0.25, random_state=seed) for seed in (0, 0, 1)
    )
    assert_array_equal(first, same)
    assert not np.array_equal(first, other)


def test_nothing_is_held_out_without_validation_split():
    assert len(held_out_rows()) == 0


def test_validation_split_of_too_few_samples_is_an_error(digits):
    X, y = digits
    with pytest.raises(ValueError, match=r"validation_split=0\.001 .* 1 of 401"):
        small(validation_split=0.001).fit(X, y)


VALIDATION_MISTAKES = {
    "y_val is missing": (lambda X, y: {"X_val": X}, {}, "y_val is missing"),
    "X_val is missing": (lambda X, y: {"y_val": y}, {}, "X_val is missing"),
    "both ways at once": (
        lambda X, y: {"X_val": X, "y_val": y},
        {"validation_split": 0.2},
        "X_val.*validation_split=0.2",
    ),
    "a label of its own": (
        lambda X, y: {"X_val": X, "y_val": y + 1},
        {},
        r"y_val.*\[10\]",
    ),
    "other features": (
        lambda X, y: {"X_val": X[:, 1:], "y_val": y},
        {},
        "63 features",
    ),
    "other lengths": (
        lambda X, y: {"X_val": X[1:], "y_val": y},
        {},
        "inconsistent numbers of samples",
    ),
    "nothing to stop by": (lambda X, y: {}, {"early_stopping": True}, "early_stopping"),
}


@pytest.mark.parametrize(
    ("data", "parameters", "message"),
    VALIDATION_MISTAKES.values(),
    ids=VALIDATION_MISTAKES,
)
def test_validation_mistakes_get_a_clear_error(digits, data, parameters, message):
    X, y = digits
    with pytest.raises(ValueError, match=message):
        small(**parameters).fit(X, y, **data(X, y))


@pytest.mark.parametrize("patience", [0, 3])
def test_early_stopping_restores_the_best_weights(digits, other_digits, patience):
    X_val, y_val = other_digits[0], np.roll(other_digits[1], 1)  # labels of chance
    classifier = small(early_stopping=True, patience=patience, epochs=40)
    classifier.set_params(learning_rate=0.03).fit(*digits, X_val=X_val, y_val=y_val)
    val_loss = classifier.history_["val_loss"]
    assert classifier.n_iter_ == len(val_loss) < 40
    assert classifier.n_iter_ == np.argmin(val_loss) + 1 + max(patience, 1)
    restored = log_loss(y_val, classifier.predict_proba(X_val))
    assert_allclose(restored, min(val_loss), rtol=1e-5)


def test_early_stopping_that_does_not_stop_restores_the_best_weights_too(
    digits, other_digits
):
    X_val, y_val = other_digits[0], np.roll(other_digits[1], 1)
    classifier = small(early_stopping=True, patience=40, epochs=6, learning_rate=0.03)
    classifier.fit(*digits, X_val=X_val, y_val=y_val)
    assert classifier.n_iter_ == 6
    restored = log_loss(y_val, classifier.predict_proba(X_val))
    assert_allclose(restored, min(classifier.history_["val_loss"]), rtol=1e-5)
