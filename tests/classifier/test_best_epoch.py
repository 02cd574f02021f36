"""Which epoch was the best, and weights of the data to validate on."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from networks import small


def test_the_best_epoch_is_that_of_the_lowest_validation_loss(digits):
    classifier = small(validation_split=0.2, epochs=4).fit(*digits)
    losses = classifier.history_["val_loss"]
    assert classifier.best_epoch_ == 1 + int(np.argmin(losses))
    assert classifier.best_loss_ == min(losses)
    assert classifier.loss_ == classifier.history_["loss"][-1]


def test_after_early_stopping_the_loss_is_that_of_the_weights_kept(digits):
    classifier = small(
        validation_split=0.2,
        early_stopping=True,
        patience=2,
        epochs=60,
        learning_rate=0.1,
    ).fit(*digits)
    best = classifier.best_epoch_
    assert best < classifier.n_iter_
    assert classifier.loss_ == classifier.history_["loss"][best - 1]


def test_without_validation_there_is_no_best_epoch(digits):
    classifier = small(validation_split=0.2, epochs=1).fit(*digits)
    classifier.set_params(validation_split=0.0).fit(*digits)
    assert not hasattr(classifier, "best_epoch_")
    assert not hasattr(classifier, "best_loss_")


def test_validation_averages_by_the_weights_of_its_samples(digits, other_digits):
    X_val, y_val = other_digits
    n_kept = 100
    weights = np.r_[np.full(n_kept, 3.0), np.zeros(len(y_val) - n_kept)]
    weighted = small().fit(*digits, X_val=X_val, y_val=y_val, sample_weight_val=weights)
    few = small().fit(*digits, X_val=X_val[:n_kept], y_val=y_val[:n_kept])
    for name in ("val_loss", "val_accuracy"):
        assert_allclose(weighted.history_[name], few.history_[name], rtol=1e-5)


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        (lambda X, y: {"sample_weight_val": y}, "sample_weight_val.*X_val"),
        (
            lambda X, y: {
                "X_val": X,
                "y_val": y,
                "sample_weight_val": np.zeros(len(y)),
            },
            "sample_weight_val of 0|non-zero",  # ours, or scikit-learn's
        ),
    ],
    ids=["no data", "all 0"],
)
def test_wrong_validation_weights_are_refused(digits, validation, message):
    with pytest.raises(ValueError, match=message):
        small().fit(*digits, **validation(*digits))
