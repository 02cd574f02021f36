"""Training that continues: warm start and partial_fit."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from networks import assert_same_network, small


def test_warm_start_runs_epochs_more(digits):
    classifier = small(warm_start=True).fit(*digits)
    history = {name: list(values) for name, values in classifier.history_.items()}
    loss = classifier.loss_
    classifier.set_params(epochs=3).fit(*digits)
    assert classifier.n_iter_ == 5
    assert len(classifier.history_["loss"]) == 5
    for name, values in history.items():
        assert classifier.history_[name][:2] == values
    assert classifier.loss_ < loss


def test_fit_without_warm_start_begins_anew(digits, baseline):
    classifier = small(warm_start=True).fit(*digits)
    assert_same_network(classifier.set_params(warm_start=False).fit(*digits), baseline)
    assert classifier.n_iter_ == 2
    assert_same_network(classifier.fit(*digits), baseline)


def test_epochs_that_were_not_validated_are_nan(digits, other_digits):
    X, y = other_digits
    classifier = small(warm_start=True, epochs=1).fit(*digits)
    classifier.fit(*digits, X_val=X, y_val=y).fit(*digits)
    assert {len(values) for values in classifier.history_.values()} == {3}
    assert_array_equal(np.isnan(classifier.history_["val_loss"]), [True, False, True])


def test_partial_fit_is_one_pass(digits):
    X, y = digits
    classifier = small(epochs=7).partial_fit(X, y, classes=np.arange(10))
    assert classifier.n_iter_ == 1
    classifier.partial_fit(X[:100], y[:100])
    assert classifier.n_iter_ == len(classifier.history_["loss"]) == 2


def test_partial_fit_goes_on_after_fit(digits):
    classifier = small().fit(*digits)
    loss = classifier.loss_
    classifier.partial_fit(*digits)
    assert classifier.n_iter_ == 3
    assert classifier.loss_ < loss


def test_partial_fit_takes_batches_that_lack_classes(digits):
    X, y = digits
    classifier = small(class_weight={3: 2.0})
    for digit in range(10):
        classifier.partial_fit(X[y == digit], y[y == digit], classes=range(10))
    assert_array_equal(classifier.classes_, np.arange(10))
    assert classifier.n_iter_ == 10


PARTIAL_FIT_MISTAKES = {
    "no classes": (lambda c, X, y: c.partial_fit(X, y), {}, "classes must be passed"),
    "other classes": (
        lambda c, X, y: c.partial_fit(X, y, classes=range(10)).partial_fit(
            X, y, classes=range(11)
        ),
        {},
        "classes",
    ),
    "an unknown label": (
        lambda c, X, y: c.partial_fit(X, y, classes=range(9)),
        {},
        r"has classes not in.*\n?.*9",
    ),
    "other features": (
        lambda c, X, y: c.partial_fit(X, y, classes=range(10)).partial_fit(X[:, 1:], y),
        {},
        "63 features",
    ),
    "another network": (
        lambda c, X, y: c.fit(X, y).set_params(hidden_units=8).partial_fit(X, y),
        {},
        "hidden_units",
    ),
}


@pytest.mark.parametrize(
    ("use", "parameters", "message"),
    PARTIAL_FIT_MISTAKES.values(),
    ids=PARTIAL_FIT_MISTAKES,
)
def test_partial_fit_mistakes_get_a_clear_error(digits, use, parameters, message):
    with pytest.raises(ValueError, match=message):
        use(small(**parameters), *digits)


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"early_stopping": True}, "early_stopping"),
        ({"class_weight": "balanced"}, "class_weight='balanced'"),
        ({"learning_rate_schedule": "cosine"}, "learning_rate_schedule"),
        ({"warmup_epochs": 1}, "warmup_epochs"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_partial_fit_is_hidden_where_one_pass_cannot_do_it(parameters, reason):
    classifier = small(**parameters)
    assert not hasattr(classifier, "partial_fit")
    with pytest.raises(AttributeError) as error:
        classifier.partial_fit  # noqa: B018
    assert reason in str(error.value.__cause__)


WARM_START_MISTAKES = {
    "other classes": (lambda X, y: (X, y + 1), {}, "same classes"),
    "a class less": (lambda X, y: (X[y > 0], y[y > 0]), {}, "same classes"),
    "other features": (lambda X, y: (X[:, 1:], y), {}, "63 features"),
    "another network": (lambda X, y: (X, y), {"hidden_units": 8}, "hidden_units"),
}


@pytest.mark.parametrize(
    ("data", "parameters", "message"),
    WARM_START_MISTAKES.values(),
    ids=WARM_START_MISTAKES,
)
def test_warm_start_mistakes_get_a_clear_error(digits, data, parameters, message):
    classifier = small(warm_start=True).fit(*digits)
    with pytest.raises(ValueError, match=message):
        classifier.set_params(**parameters).fit(*data(*digits))
