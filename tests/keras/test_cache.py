"""Networks are compiled once, shared safely, and let go."""

import functools
import gc
import os
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose, assert_array_equal

import sk_mnist
from networks import assert_same_network, small, weights
from sk_mnist._session import idle_networks

needs_proc = pytest.mark.skipif(
    not os.path.exists("/proc/self/status"), reason="reads its memory from /proc"
)


# No compilation twice


@pytest.fixture
def tracing(monkeypatch):
    """Counts how often Python runs through a network, which only tracing does."""
    layers_run = []
    original = keras.layers.Dense.call

    @functools.wraps(original)
    def call(self, *args, **kwargs):
        layers_run.append(self.name)
        return original(self, *args, **kwargs)

    monkeypatch.setattr(keras.layers.Dense, "call", call)
    return layers_run


def test_second_fit_compiles_nothing(digits, tracing):
    X, y = digits
    classifier = small(hidden_units=11).fit(X, y, X_val=X[:90], y_val=y[:90])
    assert tracing  # the first fit does, so that the count can be trusted
    tracing.clear()
    for n_rows in (401, 384, 300, 33, 32):
        classifier.fit(X[:n_rows], y[:n_rows])
        classifier.fit(X[:n_rows], y[:n_rows], X_val=X[:n_rows], y_val=y[:n_rows])
    many = np.tile(X, (100, 1)), np.tile(y, 100)  # more than one block
    classifier.set_params(epochs=1).fit(*many)
    for parameters in (
        {"epochs": 3, "random_state": 1, "verbose": 0},
        {"learning_rate": 0.5},
        {"validation_split": 0.2, "early_stopping": True},
        {"class_weight": "balanced", "warm_start": True},
        {"callbacks": [keras.callbacks.EarlyStopping(monitor="loss")]},
        {"optimizer": keras.optimizers.Adam(0.02)},
    ):
        small(**{"hidden_units": [11], **parameters}).fit(X, y)
    classifier.partial_fit(X[:70], y[:70])
    assert tracing == []


def test_batch_of_all_rows_is_not_compiled_for_each_number_of_rows(digits, tracing):
    X, y = digits
    classifier = small(batch_size=10_000, epochs=1)
    classifier.fit(X, y)
    tracing.clear()
    for n_rows in (400, 380, 300):
        classifier.fit(X[:n_rows], y[:n_rows])
    assert tracing == []


def test_fits_at_once_take_up_the_networks_of_earlier_ones(digits):
    together = threading.Barrier(2, timeout=60)

    def wait_for_the_other(epoch, rate):
        together.wait()
        return rate

    def model_of_fit(seed):
        callback = keras.callbacks.LearningRateScheduler(wait_for_the_other)
        small(epochs=1, random_state=seed, callbacks=[callback]).fit(*digits)
        return callback.model

    with ThreadPoolExecutor(2) as threads:
        first = list(threads.map(model_of_fit, range(2)))
        second = list(threads.map(model_of_fit, range(2)))
    assert set(map(id, first)) == set(map(id, second))


def test_interrupted_fit_spoils_no_later_one(digits, baseline):
    def fail(epoch, logs):
        raise KeyboardInterrupt

    interrupt = keras.callbacks.LambdaCallback(on_epoch_end=fail)
    with pytest.raises(KeyboardInterrupt):
        small(callbacks=[interrupt]).fit(*digits)
    assert_same_network(small().fit(*digits), baseline)


def test_callback_that_changes_the_model_spoils_no_later_fit(digits, baseline):
    class Disturb(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.layers[0].trainable = False
            self.model.optimizer.learning_rate = 9.0
            self.model.stop_training = True

    frozen = []

    class Look(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            frozen.extend(not layer.trainable for layer in self.model.layers)

    small(callbacks=[Disturb()]).fit(*digits)
    assert_same_network(small(callbacks=[Look()]).fit(*digits), baseline)
    assert not any(frozen)


def test_keras_settings_of_the_user_do_not_matter(digits, baseline):
    keras.backend.clear_session()
    assert_same_network(small().fit(*digits), baseline)
    for change, undo in (
        (
            lambda: keras.config.set_floatx("float64"),
            lambda: keras.config.set_floatx("float32"),
        ),
        (
            lambda: keras.config.set_dtype_policy("mixed_float16"),
            lambda: keras.config.set_dtype_policy("float32"),
        ),
    ):
        change()
        try:
            other = small(hidden_units=[16], batch_size=31).fit(*digits)
        finally:
            undo()
        assert_array_equal(
            weights(small(batch_size=31).fit(*digits)).round(5), weights(other).round(5)
        )


def test_functions_run_eagerly_train_too(digits, baseline):
    tf.config.run_functions_eagerly(True)
    try:
        eager = small(batch_size=200, epochs=1).fit(*digits)
    finally:
        tf.config.run_functions_eagerly(False)
    compiled = small(batch_size=200, epochs=1).fit(*digits)
    assert_allclose(weights(eager), weights(compiled), atol=1e-6)


# Fits at once


def test_fit_within_a_fit(digits, other_digits, baseline):
    inner = []

    def fit_another(epoch, logs):
        inner.append(small().fit(*digits))

    callback = keras.callbacks.LambdaCallback(on_epoch_end=fit_another)
    assert_same_network(small(callbacks=[callback]).fit(*digits), baseline)
    for classifier in inner:
        assert_same_network(classifier, baseline)


# Nothing left behind


def test_training_data_are_let_go(digits):
    X, y = (array.copy() for array in digits)
    X_val, y_val = X.copy(), y.copy()
    classifier = small().fit(X, y, X_val=X_val, y_val=y_val)
    references = [weakref.ref(array) for array in (X, y, X_val, y_val)]
    del X, y, X_val, y_val
    gc.collect()
    assert [reference() for reference in references] == [None] * 4
    assert classifier.n_iter_ == 2


def n_models():
    return sum(issubclass(type(thing), keras.Model) for thing in gc.get_objects())


def n_models_in_use():
    gc.collect()
    return n_models()


def test_fits_keep_a_few_models_for_the_next(digits, monkeypatch):
    small().fit(*digits)
    before = n_models_in_use()
    estimators = [small(random_state=seed).fit(*digits) for seed in range(5)]
    assert n_models_in_use() == before
    assert len(estimators) == 5
    monkeypatch.setattr(idle_networks, "_maximum", 2)
    counts = []
    for batch_size in (21, 22, 23):
        small(batch_size=batch_size, epochs=1).fit(*digits)
        counts.append(n_models_in_use())
    assert counts[1] == counts[2]
    sk_mnist.clear_session()
    assert n_models_in_use() < counts[2]


def test_fit_of_a_known_architecture_leaves_no_model_to_collect(digits):
    small().fit(*digits)
    gc.collect()
    gc.disable()
    try:
        small().fit(*digits)
        before = n_models()
        gc.collect()
    finally:
        gc.enable()
    assert n_models() == before


def test_clear_session_imports_nothing_and_changes_no_fit(digits, baseline, run_python):
    sk_mnist.clear_session()
    assert_same_network(small().fit(*digits), baseline)
    completed = run_python(
        "import sys, sk_mnist; sk_mnist.clear_session(); "
        "assert not {'keras', 'tensorflow'} & set(sys.modules)"
    )
    assert completed.returncode == 0, completed.stderr


def resident_bytes():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


MANY_ARCHITECTURES = """
import gc, os, sys
import numpy as np
from sk_mnist import MNISTMLPClassifier
from sk_mnist._session import compiled_functions, idle_networks

data = np.load(sys.argv[1])
kept, n_before, n_more = map(int, sys.argv[2:])
compiled_functions._maximum = idle_networks._maximum = kept

def fit(units):
    MNISTMLPClassifier(units, epochs=1, random_state=0).fit(data["X"], data["y"])

def resident_bytes():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

# If widths grew, so would the networks that are kept.
widths = np.random.default_rng(0).permutation(range(20, 20 + n_before + n_more))
for units in widths[:n_before]:  # fills the cache
    fit(units)
before = resident_bytes()
for units in widths[n_before:]:
    fit(units)
print(resident_bytes() - before)
"""


@needs_proc
@pytest.mark.parametrize(
    ("kept", "n_before", "n_more", "allowed"),
    [
        (2, 4, 8, 40e6),  # 80 MB where nothing is freed
        pytest.param(
            *(8, 20, 180, 50e6),
            marks=[pytest.mark.nightly, pytest.mark.timeout(1800)],
        ),
    ],
)
def test_memory_does_not_grow_from_architecture_to_architecture(
    digits, tmp_path, run_python, kept, n_before, n_more, allowed
):
    # In a process of its own, where nothing else comes and goes.
    X, y = digits
    np.savez(tmp_path / "digits.npz", X=X, y=y)
    completed = run_python(
        MANY_ARCHITECTURES, tmp_path / "digits.npz", kept, n_before, n_more
    )
    assert completed.returncode == 0, completed.stderr
    assert int(completed.stdout) < allowed


@needs_proc
def test_memory_does_not_grow_from_fit_to_fit(digits):
    for _ in range(10):
        small(epochs=1).fit(*digits)
    before = resident_bytes()
    for _ in range(50):
        small(epochs=1).fit(*digits)
    assert resident_bytes() - before < 30e6
