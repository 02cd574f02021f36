"""The forward pass in NumPy, so that predicting needs neither TensorFlow nor Keras.

The activations follow Keras's definitions; a test compares each with Keras itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import erf, expit

from ._rows import FloatArray, Matrix, dense

# Rows go through the network in blocks: the hidden layers of a million rows would take
# gigabytes, those of one block take megabytes. Of smaller blocks, the matrix product's
# threads wait for each other too often.
ROWS_PER_BLOCK = 16_384

# Klambauer et al., "Self-Normalizing Neural Networks" (2017), appendix A1.
_SELU_ALPHA = np.float32(1.6732632423543772)
_SELU_SCALE = np.float32(1.0507009873554805)


def _relu(x: FloatArray) -> FloatArray:
    return np.maximum(x, 0, out=x)


def _elu(x: FloatArray) -> FloatArray:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def _selu(x: FloatArray) -> FloatArray:
    return _SELU_SCALE * np.where(x > 0, x, _SELU_ALPHA * np.expm1(np.minimum(x, 0)))


def _gelu(x: FloatArray) -> FloatArray:
    return np.float32(0.5) * x * (1 + erf(x * np.float32(np.sqrt(0.5))))


def _softplus(x: FloatArray) -> FloatArray:
    return np.logaddexp(x, np.float32(0))


def _largest_of_rows(logits: FloatArray) -> FloatArray:
    """Maximum of each row, as a column.

    Over columns that lie in one piece NumPy takes it ten times as fast.
    """
    columns = np.ascontiguousarray(logits.T)
    return columns.max(axis=0)[:, np.newaxis]


def softmax(logits: FloatArray) -> FloatArray:
    """Probabilities of each row's logits.

    Written out because SciPy's form costs several times as long for one row.
    """
    exponentials = np.exp(logits - _largest_of_rows(logits))
    exponentials /= exponentials.sum(axis=1, keepdims=True)
    return exponentials


def log_softmax(logits: FloatArray) -> FloatArray:
    """Logarithms of each row's probabilities, finite where these underflow to 0."""
    shifted = logits - _largest_of_rows(logits)
    shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return shifted


ACTIVATIONS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "relu": _relu,
    "tanh": np.tanh,
    "sigmoid": expit,
    "elu": _elu,
    "selu": _selu,
    "gelu": _gelu,
    "softplus": _softplus,
    "softmax": softmax,
}


@dataclass(frozen=True)
class Network:
    """The shape of a multilayer perceptron."""

    n_features: int
    hidden_units: tuple[int, ...]
    activation: str
    dropout: float
    n_classes: int

    def initial_weights(
        self, generator: np.random.Generator
    ) -> tuple[list[FloatArray], list[FloatArray]]:
        """Keras's default start, drawn in NumPy: Glorot-uniform coefs, intercepts of 0.

        Glorot and Bengio, "Understanding the difficulty of training deep feedforward
        neural networks" (2010), equation 16.

        Raises
        ------
        ValueError
            If the weights do not fit into memory.
        """
        sizes = (self.n_features, *self.hidden_units, self.n_classes)
        n_weights = sum(fan_in * fan_out for fan_in, fan_out in pairwise(sizes))
        coefs, intercepts = [], []
        for fan_in, fan_out in pairwise(sizes):
            limit = np.sqrt(6 / (fan_in + fan_out))
            try:
                coef = generator.uniform(-limit, limit, (fan_in, fan_out))
            except (MemoryError, OverflowError, ValueError) as error:
                raise ValueError(
                    f"hidden_units={self.hidden_units} makes {n_weights:,} weights for "
                    f"{self.n_features} features, more than fit into memory. Choose "
                    "fewer units."
                ) from error
            coefs.append(coef.astype(np.float32))
            intercepts.append(np.zeros(fan_out, dtype=np.float32))
        return coefs, intercepts


def _block_logits(
    block: FloatArray,
    coefs: Sequence[FloatArray],
    intercepts: Sequence[FloatArray],
    activation: str,
) -> FloatArray:
    activate = ACTIVATIONS[activation]
    for coef, intercept in zip(coefs[:-1], intercepts[:-1], strict=True):
        block = block @ coef
        block += intercept
        block = activate(block)
    block = block @ coefs[-1]
    block += intercepts[-1]
    return block


def forward_pass(
    X: Matrix,
    coefs: Sequence[FloatArray],
    intercepts: Sequence[FloatArray],
    activation: str,
) -> FloatArray:
    """Logits of a multilayer perceptron: the outputs before the softmax.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_samples, n_features), float32
    coefs : sequence of ndarray of shape (fan_in, fan_out), float32
    intercepts : sequence of ndarray of shape (fan_out,), float32
    activation : str
        A key of `ACTIVATIONS`, applied after every layer but the last.

    Returns
    -------
    ndarray of shape (n_samples, n_classes), float32
    """
    n_samples = X.shape[0]
    if n_samples <= ROWS_PER_BLOCK:
        return _block_logits(dense(X), coefs, intercepts, activation)
    logits = np.empty((n_samples, coefs[-1].shape[1]), dtype=np.float32)
    for start in range(0, n_samples, ROWS_PER_BLOCK):
        rows = slice(start, start + ROWS_PER_BLOCK)
        logits[rows] = _block_logits(dense(X[rows]), coefs, intercepts, activation)
    return logits
