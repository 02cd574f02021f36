"""Rows of pixels, dense or sparse. Sparse ones are made dense a block at a time."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse, vstack

FloatArray: TypeAlias = NDArray[np.float32]
Matrix: TypeAlias = Any  # a FloatArray, or a CSR matrix or array of float32


def dense(X: Matrix) -> FloatArray:
    """Make a block of rows dense, if it is not."""
    return X.toarray() if issparse(X) else X


def take_rows(X: Matrix, rows: NDArray[np.intp], out: FloatArray) -> None:
    """Copy rows of `X` to a dense array in C order."""
    if issparse(X):
        X[rows].toarray(out=out)
    else:
        # With mode="clip" NumPy writes straight into `out`, without a buffer.
        np.take(X, rows, axis=0, out=out, mode="clip")


def append_rows(X: Matrix, rows: FloatArray) -> Matrix:
    """Copy `X` with more rows at its end."""
    if issparse(X):
        return vstack([X, csr_array(rows)], format="csr")
    return np.concatenate([X, rows])
