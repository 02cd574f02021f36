"""Every kind of container and type in which a user may hand over rows of pixels.

Each function takes pixels, an array of floats of shape (n, n_features), and returns
what a user might pass instead. `SAME` hold the same numbers, so that the answer must be
the same, or an error; `DIFFERENT` hold something else, which must be an error.
"""

import numpy as np
import pandas as pd
import polars as pl
import scipy.sparse


class ArrayLike:
    """An object that NumPy can convert, and nothing more."""

    def __init__(self, array):
        self._array = array

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self._array, dtype)


def _read_only(X):
    X = X.copy()
    X.flags.writeable = False
    return X


def _object(X):
    return X.astype(object)


def _arrow_frame(X):
    return pd.DataFrame(X).astype("float64[pyarrow]")


SAME = {
    "float16": lambda X: X.astype(np.float16),
    "float32": lambda X: X.astype(np.float32),
    "longdouble": lambda X: X.astype(np.longdouble),
    "big-endian": lambda X: X.astype(">f8"),
    "object": _object,
    "read-only": _read_only,
    "Fortran order": np.asfortranarray,
    "every other row": lambda X: np.repeat(X, 2, axis=0)[::2],
    "reversed twice": lambda X: X[::-1, ::-1].copy()[::-1, ::-1],
    "unaligned": lambda X: (
        np.frombuffer(b"x" + X.tobytes(), np.uint8)[1:].view(X.dtype).reshape(X.shape)
    ),
    "matrix of lists": lambda X: X.tolist(),
    "tuple of arrays": tuple,
    "masked, without a mask": np.ma.array,
    "memory view": memoryview,
    "array-like": ArrayLike,
    "DataFrame": pd.DataFrame,
    "DataFrame of objects": lambda X: pd.DataFrame(X).astype(object),
    "nullable DataFrame": lambda X: pd.DataFrame(X).astype("Float64"),
    "categorical DataFrame": lambda X: pd.DataFrame(X).astype("category"),
    "Arrow DataFrame": _arrow_frame,
    "polars": pl.DataFrame,
    "sparse matrix": scipy.sparse.csr_matrix,
    "sparse array": scipy.sparse.csc_array,
    "texts of numbers": lambda X: X.astype(str),
}


def _with(value):
    def replaced(X):
        X = X.copy()
        X.flat[X.size // 2] = value
        return X

    return replaced


def _gap(frame, missing):
    frame = frame.copy()
    frame.iloc[len(frame) // 2, 0] = missing
    return frame


DIFFERENT = {
    "NaN": _with(np.nan),
    "infinity": _with(np.inf),
    "minus infinity": _with(-np.inf),
    "too large for float32": _with(1e300),
    "complex": lambda X: X + 1j,
    "datetime": lambda X: X.astype("datetime64[D]"),
    "timedelta": lambda X: X.astype("timedelta64[s]"),
    "structured": lambda X: X.astype([("pixel", float)]),
    "bytes": lambda X: np.full(X.shape, b"pixel"),
    "texts": lambda X: np.full(X.shape, "pixel"),
    "objects": lambda X: np.full(X.shape, object()),
    "None": lambda X: np.full(X.shape, None),
    "masked": lambda X: np.ma.masked_less_equal(X, X.min()),
    "no rows": lambda X: X[:0],
    "no columns": lambda X: X[:, :0],
    "a column too few": lambda X: X[:, 1:],
    "a column too many": lambda X: np.hstack([X, X[:, :1]]),
    "one row": lambda X: X[0],
    "one number": lambda X: X[0, 0],
    "rows of unequal length": lambda X: [[0.0], *X.tolist()],
    "a dictionary": lambda X: dict(enumerate(X.tolist())),
    "a set": lambda X: set(X[0]),
    "a generator": lambda X: iter(X),
    "nothing": lambda X: None,
    "a text": lambda X: "digits.png",
    "a class": lambda X: np.ndarray,
    "DataFrame with a gap": lambda X: _gap(pd.DataFrame(X), np.nan),
    "nullable DataFrame with a gap": lambda X: _gap(
        pd.DataFrame(X).astype("Float64"), pd.NA
    ),
    "Arrow DataFrame with a gap": lambda X: _gap(_arrow_frame(X), None),
    "polars with a gap": lambda X: pl.DataFrame(_with(np.nan)(X)).with_columns(
        pl.all().fill_nan(None)
    ),
    "sparse with NaN": lambda X: scipy.sparse.csr_matrix(_with(np.nan)(X)),
}


def pixels(seed, n_rows):
    """Rows of 64 pixels, multiples of 1/16 and so exact in every type of float.

    Every third one holds the same row again and again, without copying it.
    """
    X = np.random.default_rng(seed).integers(0, 17, (n_rows, 64)) / 16
    return np.broadcast_to(X[0], X.shape) if seed % 3 == 0 else X


LABELS = {
    "integers": lambda codes: codes,
    "unsigned bytes": lambda codes: codes.astype(np.uint8),
    "big-endian integers": lambda codes: codes.astype(">i4"),
    "negative integers": lambda codes: codes - 100,
    "whole floats": lambda codes: codes / 1.0,
    "bools": lambda codes: codes % 2 == 0,
    "texts": lambda codes: codes.astype(str),
    "texts as objects": lambda codes: codes.astype(str).astype(object),
    "list": lambda codes: codes.tolist(),
    "tuple of texts": lambda codes: tuple(f"digit {code}" for code in codes),
    "Series": pd.Series,
    "Series with another index": lambda codes: pd.Series(codes, index=-codes),
    "categorical Series": lambda codes: pd.Series(codes.astype(str), dtype="category"),
    "nullable Series": lambda codes: pd.Series(codes, dtype="Int64"),
    "Arrow Series": lambda codes: pd.Series(codes, dtype="int64[pyarrow]"),
    "polars": pl.Series,
}

WRONG_LABELS = {
    "integers as objects": lambda codes: codes.astype(object),
    "too few": lambda codes: codes[1:],
    "too many": lambda codes: np.r_[codes, 0],
    "none": lambda codes: codes[:0],
    "None": lambda codes: None,
    "a number": lambda codes: 3,
    "one-hot": lambda codes: np.eye(3)[codes],
    "fractions": lambda codes: codes + 0.5,
    "complex": lambda codes: codes + 1j,
    "NaN": lambda codes: np.where(codes == codes[0], np.nan, codes),
    "infinity": lambda codes: np.where(codes == codes[0], np.inf, codes),
    "None among texts": lambda codes: [None, *codes.astype(str)[1:]],
    "Series with a gap": lambda codes: pd.Series([None, *codes[1:]], dtype="Int64"),
    "of one class": lambda codes: np.zeros_like(codes),
    "lists": lambda codes: [[code] * 2 for code in codes],
    "dictionary": lambda codes: dict(enumerate(codes)),
}
