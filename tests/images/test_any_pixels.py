"""Whatever ImageNormalizer is given: the same rows, or an error."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import inputs
from fault_counts import held
from sk_mnist import ImageNormalizer

pytestmark = [
    pytest.mark.timeout(3600),
    pytest.mark.filterwarnings("ignore::UserWarning"),  # of another range of pixels
]

seeds = st.integers(0, 2**32 - 1)

# Texts are no pixels; numbers that are too large for float32 are when divided.
same = sorted(set(inputs.SAME) - {"texts of numbers"})
different = sorted(set(inputs.DIFFERENT) - {"too large for float32"})


def as_array(X):
    return X.toarray() if hasattr(X, "toarray") else X


def tried():
    held(
        "Images of any container, type and shape, to normalize",
        "The right rows, or a ValueError or TypeError in plain words.",
    )


@given(kind=st.sampled_from(same), seed=seeds, n_rows=st.integers(1, 30))
def test_the_same_pixels_become_the_same_rows(kind, seed, n_rows):
    X = inputs.pixels(seed, n_rows)
    normalized = ImageNormalizer().fit_transform(inputs.SAME[kind](X))
    assert_allclose(as_array(normalized), ImageNormalizer().fit_transform(X), atol=1e-6)
    tried()


@given(kind=st.sampled_from(different), seed=seeds)
def test_no_pixels_get_an_error(kind, seed):
    X = inputs.pixels(seed, 7)
    fitted = ImageNormalizer().fit(X)
    with pytest.raises((ValueError, TypeError)):
        fitted.transform(inputs.DIFFERENT[kind](X))
    tried()


@given(
    seed=seeds,
    shape=st.lists(st.integers(0, 5), max_size=5).map(tuple),
    dtype=st.sampled_from(["u1", "i2", "f2", "f4", "f8", "O", "?"]),
)
def test_any_shape_becomes_rows_or_an_error(seed, shape, dtype):
    X = np.random.default_rng(seed).integers(0, 2, shape).astype(dtype)
    try:
        rows = ImageNormalizer().fit_transform(X)
    except (ValueError, TypeError) as error:
        assert str(error)  # noqa: PT017
    else:
        assert rows.shape == (shape[0], np.prod(shape[1:]))
        assert rows.dtype == np.float32
    tried()
