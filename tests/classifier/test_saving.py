"""Saved classifiers."""

import pickle
import pickletools
import warnings

import joblib
import keras
import numpy as np
import pytest
from numpy.testing import assert_array_equal

import sk_mnist
from networks import small, weights
from sk_mnist import MNISTMLPClassifier


def test_pickle_is_the_size_of_the_weights(digits):
    classifier = MNISTMLPClassifier(epochs=1, random_state=0).fit(
        np.tile(digits[0], 13)[:, :784], digits[1]
    )
    n_bytes = weights(classifier).nbytes
    assert n_bytes == 4 * (784 * 128 + 128 + 128 * 10 + 10)
    assert len(pickle.dumps(classifier)) <= 1.1 * n_bytes


@pytest.mark.parametrize("compress", [0, 3])
def test_file_predicts_the_same(tmp_path, digits, fitted, compress):
    X, _ = digits
    joblib.dump(fitted, tmp_path / "model.joblib", compress=compress)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = joblib.load(tmp_path / "model.joblib")
    assert_array_equal(loaded.predict_proba(X), fitted.predict_proba(X))
    assert loaded.get_params() == fitted.get_params()
    assert loaded.history_ == fitted.history_


def test_file_read_as_memory_maps_predicts_the_same(tmp_path, digits, fitted):
    X, _ = digits
    joblib.dump(fitted, tmp_path / "model.joblib")
    loaded = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
    assert_array_equal(loaded.predict_proba(X), fitted.predict_proba(X))


def pickled_modules(classifier):
    """Top-level modules whose objects a pickle holds."""
    strings, modules = [], set()
    for opcode, argument, _ in pickletools.genops(pickle.dumps(classifier, protocol=4)):
        if opcode.name == "STACK_GLOBAL":
            modules.update(text.split(".")[0] for text in strings[-2:-1])
        elif isinstance(argument, str):
            strings.append(argument)
    return modules


@pytest.mark.parametrize("warm_start", [False, True])
def test_file_of_plain_parameters_holds_nothing_of_keras(digits, warm_start):
    classifier = small(warm_start=warm_start).fit(*digits)
    modules = pickled_modules(classifier)
    assert "sk_mnist" in modules
    assert not modules & {"keras", "tensorflow"}
    if not warm_start:
        assert b"keras" not in pickle.dumps(classifier)


def test_keras_object_given_as_a_parameter_is_pickled_as_itself(digits):
    optimizer = keras.optimizers.SGD(0.125, momentum=0.5)
    loaded = pickle.loads(pickle.dumps(small(optimizer=optimizer).fit(*digits)))
    assert loaded.optimizer.get_config() == optimizer.get_config()
    loaded.fit(*digits)


def test_file_of_another_version_warns(monkeypatch, fitted):
    monkeypatch.setattr(sk_mnist._classifier, "__version__", "0.0.9")
    saved = pickle.dumps(fitted)
    monkeypatch.undo()
    with pytest.warns(UserWarning, match=rf"0\.0\.9.*{sk_mnist.__version__}"):
        pickle.loads(saved)
