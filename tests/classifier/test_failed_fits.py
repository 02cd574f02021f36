"""A fit that fails leaves what was there."""

import _thread
import pickle
import threading

import keras
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from networks import assert_same_network, small


def fail_with(error):
    def fail(epoch, logs):
        raise error

    return [keras.callbacks.LambdaCallback(on_epoch_end=fail)]


TRAINING = {
    "fit": lambda c, X, y: c.fit(X, y),
    "warm fit": lambda c, X, y: c.set_params(warm_start=True).fit(X, y),
    "partial_fit": lambda c, X, y: c.partial_fit(X, y),
}


@pytest.fixture(scope="module")
def named_digits(digits):
    X, y = digits
    return pd.DataFrame(X, columns=[f"pixel{i}" for i in range(64)]), y


@pytest.mark.parametrize("train", TRAINING.values(), ids=TRAINING)
def test_interrupted_training_leaves_the_fitted_estimator(named_digits, train):
    X, y = named_digits
    classifier = small(warm_start=True).fit(X, y)
    before = pickle.dumps(classifier.set_params(warm_start=False).__getstate__())
    with pytest.raises(KeyboardInterrupt):
        train(classifier.set_params(callbacks=fail_with(KeyboardInterrupt)), X, y)
    classifier.set_params(callbacks=None, warm_start=False)
    assert pickle.dumps(classifier.__getstate__()) == before


def test_ctrl_c_at_any_moment_leaves_the_fitted_estimator(digits):
    classifier = small(warm_start=True).fit(*digits)
    before = pickle.dumps(classifier.set_params(epochs=10**6).__getstate__())
    interrupted = threading.Event()

    def press_ctrl_c():
        # Again and again: Python drops one that falls into a destructor.
        while not interrupted.wait(0.5):
            _thread.interrupt_main()

    threading.Thread(target=press_ctrl_c, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(*digits)
    interrupted.set()
    assert pickle.dumps(classifier.__getstate__()) == before


def test_error_in_a_callback_reaches_the_user(digits):
    with pytest.raises(RuntimeError, match="the disk is full"):
        small(callbacks=fail_with(RuntimeError("the disk is full"))).fit(*digits)


def test_failing_fit_on_other_data_leaves_the_fitted_estimator(named_digits):
    X, y = named_digits
    classifier = small().fit(X, y)
    before = pickle.dumps(classifier.__getstate__())
    other = X.iloc[:, :20].rename(columns=str.upper)
    with pytest.raises(KeyboardInterrupt):
        classifier.set_params(callbacks=fail_with(KeyboardInterrupt)).fit(
            other, y.astype(str)
        )
    assert pickle.dumps(classifier.set_params(callbacks=None).__getstate__()) == before
    assert_array_equal(classifier.feature_names_in_, X.columns)
    assert classifier.n_features_in_ == 64


@pytest.mark.parametrize(
    "fail",
    [
        lambda c, X, y: c.fit(X.to_numpy()[:, :5], np.zeros(len(y))),
        lambda c, X, y: c.fit(X.to_numpy()[:, :5], y, np.zeros(len(y))),
        lambda c, X, y: c.fit(X, y, X_val=X, y_val=y + 1),
        lambda c, X, y: c.set_params(learning_rate=1e38).fit(X, y),
        lambda c, X, y: c.set_params(optimizer="adamx").fit(X, y),
        lambda c, X, y: c.set_params(loss="no_such_loss").fit(X.to_numpy()[:, 1:], y),
        lambda c, X, y: c.partial_fit(X, y, classes=range(3)),
    ],
    ids=[
        "labels",
        "weights",
        "validation",
        "diverging",
        "optimizer",
        "loss",
        "classes",
    ],
)
def test_refused_fit_leaves_the_fitted_estimator(named_digits, fail):
    X, y = named_digits
    classifier = small().fit(X, y)
    parameters = classifier.get_params()
    before = pickle.dumps(classifier.__getstate__())
    with pytest.raises(ValueError):  # noqa: PT011 (messages are other tests' business)
        fail(classifier, X, y)
    assert pickle.dumps(classifier.set_params(**parameters).__getstate__()) == before


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_failing_first_fit_leaves_an_unfitted_estimator(digits, method):
    X, y = digits
    classifier = small(callbacks=fail_with(KeyboardInterrupt))
    arguments = {"classes": range(10)} if method == "partial_fit" else {}
    with pytest.raises(KeyboardInterrupt):
        getattr(classifier, method)(X, y, **arguments)
    assert vars(classifier).keys() == classifier.get_params().keys()


def test_fit_after_an_interrupted_one_is_as_if_it_had_not_been(digits):
    uninterrupted = small(warm_start=True).fit(*digits).fit(*digits)
    classifier = small(warm_start=True).fit(*digits)
    with pytest.raises(KeyboardInterrupt):
        classifier.set_params(callbacks=fail_with(KeyboardInterrupt)).fit(*digits)
    classifier.set_params(callbacks=None).fit(*digits)
    assert_same_network(classifier, uninterrupted)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_diverging_training_is_an_error_that_names_the_mends(digits, optimizer):
    classifier = small(optimizer=optimizer, learning_rate=1e38)
    with pytest.raises(ValueError, match=r"infinite.*learning_rate.*ImageNormalizer"):
        classifier.fit(*digits)


@pytest.mark.parametrize("value", [1e22, 3e38, 1e39])
@pytest.mark.parametrize("name", ["learning_rate", "weight_decay"])
def test_a_value_beyond_what_weights_can_hold_is_named(digits, name, value):
    with pytest.raises(ValueError, match=name):
        small(**{name: value}).fit(*digits)
