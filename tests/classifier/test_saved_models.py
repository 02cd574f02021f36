"""Models that were saved once are read by every later version."""

import pickle
import pickletools
import warnings
from pathlib import Path

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import sk_mnist
from networks import small, weights
from sk_mnist import load_sample_digits

FILES = sorted(Path(__file__).parents[1].joinpath("data").glob("*.joblib"))
PUBLIC_CLASSES = {
    "DigitFramer",
    "ElasticDeformation",
    "ImageNormalizer",
    "MNISTMLPClassifier",
}


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.stem)
def saved(request):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of other versions of the libraries
        return joblib.load(request.param)


def test_there_are_files():
    assert {path.stem for path in FILES} >= {
        "committee",
        "continued",
        "pipeline",
        "reader",
    }


def test_a_saved_model_reads_the_same_digits(saved):
    model = saved["model"]
    assert_array_equal(model.predict(saved["images"]), saved["labels"])
    # Processors differ in the last bits of a matrix product.
    assert_allclose(
        model.predict_proba(saved["images"]), saved["probabilities"], atol=1e-6
    )


def test_a_saved_training_goes_on():
    digits = load_sample_digits()
    path = next(path for path in FILES if path.stem == "continued")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of other versions of the libraries
        model = joblib.load(path)["model"]
    loss = model[-1].loss_
    model.fit(digits.images, digits.target)
    assert model[-1].n_iter_ == 10
    assert model[-1].loss_ < loss


def names_of_ours(model):
    """Modules and names of this package that a pickle of a model holds."""
    strings, names = [], set()
    for opcode, argument, _ in pickletools.genops(pickle.dumps(model, protocol=4)):
        if opcode.name == "STACK_GLOBAL":
            names.add(tuple(strings[-2:]))
        elif isinstance(argument, str):
            strings.append(argument)
    return {(module, name) for module, name in names if "sk_mnist" in module}


@pytest.mark.parametrize("warm_start", [False, True])
def test_a_saved_model_names_nothing_below_sk_mnist(digits, warm_start):
    model = small(warm_start=warm_start).fit(*digits)
    assert names_of_ours(model) == {("sk_mnist", "MNISTMLPClassifier")}


def plain(value):
    """Whether a value is made of arrays, strings and numbers alone."""
    if isinstance(value, dict):
        return all(plain(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple):
        return all(plain(part) for part in value)
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biufU"
    return value is None or isinstance(value, str | int | float | np.generic)


@pytest.mark.parametrize("warm_start", [False, True])
def test_a_saved_model_holds_arrays_strings_and_numbers(digits, warm_start):
    state = small(warm_start=warm_start).fit(*digits).__getstate__()
    assert [name for name, value in state.items() if not plain(value)] == []


def test_a_model_of_an_unknown_layout_says_so(fitted):
    state = {**fitted.__getstate__(), "_state_layout": 99, "_sk_mnist_version": "9.0"}
    with pytest.raises(ValueError, match=r"saved by sk-mnist 9\.0 .*layout 99"):
        small().__setstate__(state)


def test_a_parameter_that_is_newer_than_the_file_has_its_default(fitted):
    state = fitted.__getstate__()
    del state["label_smoothing"]
    loaded = small()
    loaded.__setstate__(state)
    assert loaded.get_params() == fitted.get_params()


def test_public_classes_are_found_by_the_names_that_files_hold():
    for name in PUBLIC_CLASSES:
        public = getattr(sk_mnist, name)
        assert (public.__module__, public.__qualname__) == ("sk_mnist", name)


def test_weights_are_kept_to_the_bit(fitted):
    assert_array_equal(weights(pickle.loads(pickle.dumps(fitted))), weights(fitted))
