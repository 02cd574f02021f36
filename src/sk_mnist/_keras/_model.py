"""The network as a Keras model: a plain ``keras.Sequential``, nothing of ours in it."""

import contextlib
import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .._network import Network
from .._rows import FloatArray
from ._backend import check_process, keras


@contextlib.contextmanager
def _keeping_python_random_state() -> Iterator[None]:
    """Keras draws the seeds of new layers from Python's global generator."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)


def build_sequential(network: Network) -> Any:
    """A plain Keras model of this shape, not compiled, its weights drawn by Keras."""
    check_process()
    Dense, Dropout = keras.layers.Dense, keras.layers.Dropout
    with _keeping_python_random_state():
        model = keras.Sequential()
        model.add(keras.Input((network.n_features,), dtype="float32"))
        # Names that do not depend on how many layers were made before.
        for number, units in enumerate(network.hidden_units, start=1):
            name = f"hidden_{number}"
            model.add(Dense(units, network.activation, dtype="float32", name=name))
            if network.dropout > 0:
                name = f"dropout_{number}"
                model.add(Dropout(network.dropout, dtype="float32", name=name))
        model.add(Dense(network.n_classes, "softmax", dtype="float32", name="output"))
    return model


def set_weights(
    model: Any, coefs: Sequence[FloatArray], intercepts: Sequence[FloatArray]
) -> None:
    """Give a Keras model the weights of the estimator."""
    pairs = zip(coefs, intercepts, strict=True)
    model.set_weights([array for pair in pairs for array in pair])


def build_mlp(
    meta: dict[str, Any],
    hidden_units: int | Sequence[int] = 128,
    activation: str = "relu",
    dropout: float = 0.0,
    compile_kwargs: dict[str, Any] | None = None,
) -> Any:
    """Build the network of `MNISTMLPClassifier`, as a SciKeras model function.

    Parameters
    ----------
    meta : dict
        SciKeras's description of the data; ``n_features_in_`` and ``n_classes_`` are
        used.
    hidden_units : int or sequence of int, default=128
        Units of each hidden layer; ``()`` for a softmax regression.
    activation : str, default="relu"
        Name of a Keras activation, for the hidden layers.
    dropout : float, default=0.0
        Fraction of each hidden layer's units that is dropped in training.
    compile_kwargs : dict, default=None
        SciKeras's collected arguments of ``keras.Model.compile``. A loss that is not
        given is ``"sparse_categorical_crossentropy"``.

    Returns
    -------
    keras.Sequential
        Compiled. The output is a softmax over the classes, also for two of them.

    See Also
    --------
    MNISTMLPClassifier.to_scikeras : A fitted ``KerasClassifier`` with this network.

    References
    ----------
    `SciKeras, tutorial on model functions
    <https://adriangb.com/scikeras/stable/notebooks/Basic_Usage.html>`_

    Examples
    --------
    >>> from scikeras.wrappers import KerasClassifier
    >>> from sk_mnist import build_mlp, load_sample_digits
    >>> X, y = load_sample_digits(return_X_y=True)
    >>> clf = KerasClassifier(
    ...     model=build_mlp, hidden_units=(64, 32), epochs=3, random_state=0, verbose=0
    ... )
    >>> clf.fit(X / 255, y).predict(X[:3] / 255)
    array([0, 1, 2])
    """
    network = Network(
        n_features=meta["n_features_in_"],
        hidden_units=tuple(int(units) for units in np.ravel(hidden_units)),
        activation=activation,
        dropout=dropout,
        n_classes=meta["n_classes_"],
    )
    model = build_sequential(network)
    arguments = dict(compile_kwargs or {})
    arguments["loss"] = arguments.get("loss") or "sparse_categorical_crossentropy"
    model.compile(**arguments)
    return model


# Where users import it from; a saved SciKeras classifier names it so.
build_mlp.__module__ = "sk_mnist"
