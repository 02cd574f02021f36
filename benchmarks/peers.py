"""sk-mnist and its peers, training the same network in the same way.

A hidden layer of 128 rectified linear units, Glorot-uniform weights, Adam at a rate of
0.001 and Keras's epsilon. Each function here imports what it needs, which is not timed,
and returns an estimator whose `fit` is: building the network and compiling it are a
part of that. Beyond these settings every library has its defaults. Keras comes through
``sk_mnist._keras._backend``, for the same threads and no start-up chatter.
"""

import warnings
from importlib.util import find_spec
from typing import Any

import numpy as np

HIDDEN_UNITS = 128
N_CLASSES = 10
LEARNING_RATE = 1e-3
EPSILON = 1e-7

SK_MNIST = "sk-mnist"
KERAS = "Keras"
SCIKERAS = "SciKeras"
SCIKIT_LEARN = "scikit-learn MLPClassifier"
SKORCH = "skorch"
PYTORCH = "bare PyTorch loop"


def our_classifier(batch_size: int, epochs: int, seed: int) -> Any:
    import sk_mnist._keras._training

    return sk_mnist.MNISTMLPClassifier(
        HIDDEN_UNITS,
        learning_rate=LEARNING_RATE,
        batch_size=batch_size,
        epochs=epochs,
        random_state=seed,
    )


def _seed_keras(seed: int) -> None:
    from sk_mnist._keras._backend import keras

    keras.utils.set_random_seed(seed)


class PlainKeras:
    """Keras as its own guides use it."""

    def __init__(self, batch_size: int, epochs: int) -> None:
        self.batch_size = batch_size
        self.epochs = epochs

    def fit(self, X, y):
        import keras

        self.model = keras.Sequential(
            [
                keras.Input((X.shape[1],)),
                keras.layers.Dense(HIDDEN_UNITS, activation="relu"),
                keras.layers.Dense(N_CLASSES, activation="softmax"),
            ]
        )
        self.model.compile(
            optimizer=keras.optimizers.Adam(LEARNING_RATE),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        self.model.fit(X, y, batch_size=self.batch_size, epochs=self.epochs, verbose=0)
        return self

    def predict_proba(self, X):
        return self.model.predict(X, verbose=0)


def plain_keras(batch_size: int, epochs: int, seed: int) -> Any:
    _seed_keras(seed)
    return PlainKeras(batch_size, epochs)


def scikeras_classifier(batch_size: int, epochs: int, seed: int) -> Any:
    # Not by random_state, which makes SciKeras switch TensorFlow to slower operations.
    _seed_keras(seed)
    from scikeras.wrappers import KerasClassifier

    from sk_mnist import build_mlp

    return KerasClassifier(
        model=build_mlp,
        hidden_units=HIDDEN_UNITS,
        optimizer="adam",
        optimizer__learning_rate=LEARNING_RATE,
        metrics=["accuracy"],
        batch_size=batch_size,
        epochs=epochs,
        verbose=0,
    )


def scikit_learn_classifier(batch_size: int, epochs: int, seed: int) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore", ConvergenceWarning)  # as many epochs as asked for
    return MLPClassifier(
        HIDDEN_UNITS,
        alpha=0,
        learning_rate_init=LEARNING_RATE,
        epsilon=EPSILON,
        batch_size=batch_size,
        max_iter=epochs,
        n_iter_no_change=epochs + 1,
        random_state=seed,
    )


def _torch_network(n_features: int) -> Any:
    from torch import nn

    network = nn.Sequential(
        nn.Linear(n_features, HIDDEN_UNITS),
        nn.ReLU(),
        nn.Linear(HIDDEN_UNITS, N_CLASSES),
    )
    for layer in (network[0], network[2]):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
    return network


def skorch_classifier(batch_size: int, epochs: int, seed: int) -> Any:
    import torch
    from skorch import NeuralNetClassifier

    torch.manual_seed(seed)
    return NeuralNetClassifier(
        _torch_network,
        module__n_features=784,
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=LEARNING_RATE,
        optimizer__eps=EPSILON,
        batch_size=batch_size,
        max_epochs=epochs,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
    )


class PyTorchLoop:
    """The shortest loop over batches that PyTorch allows, its data held as a tensor."""

    def __init__(self, batch_size: int, epochs: int) -> None:
        self.batch_size = batch_size
        self.epochs = epochs

    def fit(self, X, y):
        import torch

        self.network = _torch_network(X.shape[1])
        optimizer = torch.optim.Adam(
            self.network.parameters(), LEARNING_RATE, eps=EPSILON
        )
        loss = torch.nn.CrossEntropyLoss()
        X, y = torch.from_numpy(X), torch.from_numpy(y)
        for _ in range(self.epochs):
            for rows in torch.randperm(len(X)).split(self.batch_size):
                optimizer.zero_grad()
                loss(self.network(X[rows]), y[rows]).backward()
                optimizer.step()
        return self

    def predict_proba(self, X):
        import torch

        with torch.no_grad():
            return self.network(torch.from_numpy(X)).softmax(dim=1).numpy()


def pytorch_loop(batch_size: int, epochs: int, seed: int) -> Any:
    import torch

    torch.manual_seed(seed)
    return PyTorchLoop(batch_size, epochs)


CONTENDERS = {
    SK_MNIST: our_classifier,
    KERAS: plain_keras,
    SCIKERAS: scikeras_classifier,
    SCIKIT_LEARN: scikit_learn_classifier,
    SKORCH: skorch_classifier,
    PYTORCH: pytorch_loop,
}
OPTIONAL_MODULES = {SKORCH: ("torch", "skorch"), PYTORCH: ("torch",)}


def installed() -> list[str]:
    """Names of the contenders that can run here, sk-mnist first."""
    return [
        name
        for name in CONTENDERS
        if all(map(find_spec, OPTIONAL_MODULES.get(name, ())))
    ]


def new_estimator(name: str, *, batch_size: int, epochs: int, seed: int = 0) -> Any:
    """A contender, not fitted yet."""
    return CONTENDERS[name](batch_size, epochs, seed)


def accuracy(estimator: Any, X: Any, y: Any) -> float:
    """Share of digits read right."""
    return float(np.mean(estimator.predict_proba(X).argmax(axis=1) == y))
