"""Sparse input, in which LIBSVM's MNIST comes, gives the same results as dense."""

import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.pipeline import make_pipeline

from networks import assert_same_network, small
from sk_mnist import ElasticDeformation, ImageNormalizer

FORMATS = [sparse.csr_matrix, sparse.csr_array, sparse.csc_array, sparse.coo_array]


@pytest.fixture(params=FORMATS, ids=lambda to_sparse: to_sparse.__name__)
def to_sparse(request):
    return request.param


def test_fit_and_predict(digits, to_sparse):
    X, y = digits
    dense, from_sparse = small().fit(X, y), small().fit(to_sparse(X), y)
    assert_same_network(from_sparse, dense)
    assert_array_equal(from_sparse.predict(to_sparse(X)), dense.predict(X))
    assert_array_equal(dense.predict_proba(to_sparse(X)), dense.predict_proba(X))


def test_partial_fit(digits, to_sparse):
    X, y = digits
    dense, from_sparse = small(), small()
    for block in (slice(200), slice(200, None)):
        dense.partial_fit(X[block], y[block], classes=range(10))
        from_sparse.partial_fit(to_sparse(X[block]), y[block], classes=range(10))
    assert_same_network(from_sparse, dense)


def test_validation_weights_and_deformation(digits, other_digits):
    (X, y), (X_val, y_val) = digits, other_digits
    options = {"augmentation": ElasticDeformation(), "class_weight": "balanced"}
    dense, from_sparse = (
        small(**options).fit(
            convert(X), y, np.arange(len(y)), X_val=convert(X_val), y_val=y_val
        )
        for convert in (np.asarray, sparse.csr_array)
    )
    assert_same_network(from_sparse, dense)
    assert from_sparse.history_ == dense.history_


def test_held_out_rows(digits):
    X, y = digits
    dense, from_sparse = (
        small(validation_split=0.2).fit(convert(X), y)
        for convert in (np.asarray, sparse.csr_array)
    )
    assert from_sparse.history_ == dense.history_


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_pipeline(sample_digits, to_sparse, dtype):
    X, y = sample_digits.data[:200].astype(dtype), sample_digits.target[:200]
    dense = make_pipeline(ImageNormalizer(), small()).fit(X, y)
    from_sparse = make_pipeline(ImageNormalizer(), small()).fit(to_sparse(X), y)
    assert_same_network(from_sparse[-1], dense[-1])
    rows = from_sparse[0].transform(to_sparse(X))
    assert sparse.issparse(rows)
    assert rows.dtype == np.float32
    assert_array_equal(rows.toarray(), dense[0].transform(X))
    back = from_sparse[0].inverse_transform(rows)
    np.testing.assert_allclose(back.toarray(), X, rtol=1e-6)


def test_negative_pixels_are_refused():
    with pytest.raises(ValueError, match="Negative values"):
        ImageNormalizer().fit(sparse.csr_array([[-1.0, 0.0]]))


def test_bytes_get_a_warning(digits):
    X, y = digits
    with pytest.warns(UserWarning, match="ImageNormalizer"):
        small(epochs=1).fit(sparse.csr_array((X * 255).round()), y)


def test_sparse_rows_are_never_dense_as_a_whole(fitted):
    n_rows = 200_000  # 51 MB as floats
    X = sparse.random_array(
        (n_rows, 64), density=0.01, dtype=np.float32, format="csr", random_state=0
    )
    fitted.predict(X[:100])
    tracemalloc.start()
    fitted.predict(X)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < n_rows * 64 * 4 / 2
