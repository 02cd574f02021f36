"""Room for a fixed number of batches, whatever the number of rows.

So another number of rows compiles nothing. The last batches of an epoch fill a part of
a block, and the last batch is padded with rows of weight 0.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._plan import TrainingData
from .._rows import take_rows
from ._backend import tf

# TensorFlow reads the rows in place if they start on such a boundary, in bytes.
ALIGNMENT = 64


def aligned_array(shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """An array that TensorFlow reads in place; what is not filled costs no memory."""
    n_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    memory = np.empty(n_bytes + ALIGNMENT, dtype=np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    return memory[start : start + n_bytes].view(dtype).reshape(shape)


def shared_tensor(array: NDArray[Any]) -> Any:
    """A tensor on the memory of an aligned array."""
    return tf.experimental.dlpack.from_dlpack(array.__dlpack__())


class Block:
    """Room for a fixed number of batches, filled in NumPy and read by TensorFlow."""

    def __init__(self, n_batches: int, batch_size: int, n_features: int) -> None:
        self.batch_size = batch_size
        self.n_rows = n_batches * batch_size
        self.arrays = (
            aligned_array((n_batches, batch_size, n_features), np.float32),
            aligned_array((n_batches, batch_size), np.int32),
            aligned_array((n_batches, batch_size), np.float32),
        )
        X, *others = self.arrays
        self._X = X.reshape(self.n_rows, n_features)
        self._codes, self._weights = (array.reshape(-1) for array in others)

    def fill(self, data: TrainingData, rows: NDArray[np.intp]) -> int:
        """Gather these rows, pad the last batch, and return the number of batches."""
        n_batches = -(-len(rows) // self.batch_size)
        filled = slice(len(rows))
        take_rows(data.X, rows, out=self._X[filled])
        np.take(data.codes, rows, out=self._codes[filled], mode="clip")
        np.take(data.sample_weight, rows, out=self._weights[filled], mode="clip")
        for array in (self._X, self._codes, self._weights):
            array[len(rows) : n_batches * self.batch_size] = 0
        return n_batches
