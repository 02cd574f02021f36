"""Whatever a data file holds: MNIST, or a warning that names the file."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import small_mnist
from fault_counts import held
from sk_mnist import fetch_mnist, load_sample_digits
from sk_mnist._datasets import _loaders
from sk_mnist._datasets._mnist_files import ARRAYS

pytestmark = pytest.mark.timeout(3600)

DIGITS = small_mnist.make_digits()


@pytest.fixture(scope="module", autouse=True)
def only_this_folder(tmp_path_factory):
    """A small MNIST, and no place to find it but the folder that a test gives."""
    with pytest.MonkeyPatch.context() as patch:
        nowhere = tmp_path_factory.mktemp("nowhere")
        patch.delenv("SK_MNIST_DATA", raising=False)
        patch.setenv("KERAS_HOME", str(nowhere))
        patch.setattr(_loaders, "cache_folder", lambda: nowhere)
        for name, published in small_mnist.published_as(DIGITS).items():
            patch.setitem(ARRAYS, name, published)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("data_home")


@given(
    files_of=st.sampled_from(list(small_mnist.CONTAINERS.values())),
    file=st.integers(0, 3),
    start=st.integers(0, 60_000),
    length=st.integers(0, 60_000),
    new=st.binary(max_size=64),
)
def test_a_damaged_file_is_passed_over(folder, files_of, file, start, length, new):
    for old in folder.iterdir():
        old.unlink()
    files = files_of(DIGITS)
    name = list(files)[file % len(files)]
    content = files[name]
    start %= len(content) + 1
    files[name] = content[:start] + new + content[start + length :]
    small_mnist.write(folder, files)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = fetch_mnist(data_home=folder, download_if_missing=False)
        except OSError:
            assert str(folder / name) in str(caught[0].message)
        else:
            assert_array_equal(found.images[:60], DIGITS["x_train"])
            assert_array_equal(found.target[60:], DIGITS["y_test"])
    held(
        "A data file of which any part was cut out or replaced",
        "MNIST, or the file is passed over with a warning that names it.",
    )


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8).filter(lambda text: not set(text) & {"/", "~"}),
    st.binary(max_size=8),
    st.lists(st.booleans(), max_size=2),
    st.builds(object),
    st.sampled_from(["all", "train", "test", "~", "~nobody-at-all/x", np.True_, int]),
)
WRONG_OR_MISSING = (ValueError, TypeError, OSError)


@given(
    name=st.sampled_from(["subset", "data_home", "as_frame", "return_X_y"]),
    value=anything,
)
def test_any_argument_of_fetch_mnist_is_taken_or_named(name, value):
    with pytest.raises(WRONG_OR_MISSING) as error:
        fetch_mnist(**{name: value}, download_if_missing=False)
    assert name in str(error.value) or isinstance(error.value, OSError)
    held(
        "An argument of any type and value, to the loaders",
        "The digits, or an error that names the argument.",
    )


@given(name=st.sampled_from(["as_frame", "return_X_y"]), value=anything)
def test_any_argument_of_load_sample_digits_is_taken_or_named(name, value):
    is_bool = isinstance(value, (bool, np.bool_))
    if is_bool:
        return
    with pytest.raises((ValueError, TypeError), match=name):
        load_sample_digits(**{name: value})
