"""Convert models to and from Keras and SciKeras.

To: a Keras model or file, or a SciKeras classifier. From: any Keras model or file that
is a multilayer perceptron, which is read layer by layer and then compared with the
original on random images.
"""

import contextlib
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._files import replacing
from .._network import ACTIVATIONS, Network, forward_pass, softmax
from .._plan import CompileSettings
from .._random import make_generator
from .._rows import FloatArray
from .._warnings import warn
from ._backend import keras
from ._compile import (
    is_builtin,
    make_loss,
    make_optimizer,
    takes_codes,
    wants_one_hot_in_scikeras,
)
from ._keras_2_files import SETTINGS
from ._model import build_mlp, build_sequential, set_weights
from ._model_files import layer_configs, load_model

KERAS_SUFFIXES = (".keras", ".h5")

CARRIED_KINDS = {"InputLayer", *SETTINGS}
WHAT_CAN_BE_CARRIED = (
    "Flatten, Reshape, Rescaling (before the first Dense), Dense, Dropout, "
    "BatchNormalization, Activation, ReLU and Softmax layers, with one activation for "
    "all hidden layers and a softmax, or nothing, after the last"
)


def to_keras(
    network: Network,
    coefs: Sequence[FloatArray],
    intercepts: Sequence[FloatArray],
    settings: CompileSettings,
) -> Any:
    """A plain, compiled ``keras.Sequential`` with these weights."""
    model = build_sequential(network)
    set_weights(model, coefs, intercepts)
    model.compile(
        optimizer=make_optimizer(settings),
        loss=make_loss(settings),
        metrics=["accuracy"],
    )
    model.optimizer.build(model.trainable_variables)  # saved with the model
    return model


@contextlib.contextmanager
def _without_keras_advice() -> Iterator[None]:
    """Keras advises against ``.h5`` on every save, also to those who asked for it."""
    logger = logging.getLogger("absl")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def save_keras(
    path: str | os.PathLike[str],
    network: Network,
    coefs: Sequence[FloatArray],
    intercepts: Sequence[FloatArray],
    settings: CompileSettings,
) -> None:
    """Write `to_keras` to a file, which appears only when it is complete."""
    target = Path(path)
    if target.suffix not in KERAS_SUFFIXES:
        raise ValueError(
            f"path must end in one of {KERAS_SUFFIXES}, by which Keras chooses the "
            f"format. Got {str(path)!r} instead."
        )
    with replacing(target) as part, _without_keras_advice():
        to_keras(network, coefs, intercepts, settings).save(part)


def to_scikeras(
    network: Network,
    coefs: Sequence[FloatArray],
    intercepts: Sequence[FloatArray],
    settings: CompileSettings,
    *,
    classes: NDArray[Any],
    batch_size: int,
    epochs: int,
) -> Any:
    """A fitted SciKeras ``KerasClassifier`` with these weights."""
    from scikeras.wrappers import KerasClassifier

    loss = make_loss(settings)
    if not takes_codes(loss) and not wants_one_hot_in_scikeras(loss):
        warn(
            f"SciKeras does not make labels one-hot for the loss {settings.loss!r}. "
            "The classifier can predict, but do not continue its training. To continue "
            "it, use loss='categorical_crossentropy'."
        )
    wrapped = KerasClassifier(
        model=build_mlp,
        hidden_units=network.hidden_units,
        activation=network.activation,
        dropout=network.dropout,
        optimizer=make_optimizer(settings),
        loss=loss,
        metrics=["accuracy"],
        batch_size=batch_size,
        epochs=epochs,
        verbose=0,
    )
    # SciKeras learns classes and shapes from data: here a blank row of each class.
    blank = np.zeros((len(classes), network.n_features), dtype=np.float32)
    wrapped.initialize(blank, classes)
    set_weights(wrapped.model_, coefs, intercepts)
    return wrapped


@dataclass
class AdoptedNetwork:
    """A Keras model's weights in the form of this package, filled layer by layer."""

    coefs: list[FloatArray] = field(default_factory=list)
    intercepts: list[FloatArray] = field(default_factory=list)
    activation: str = "relu"
    dropout: float = 0.0
    rescales_pixels: bool = False


def _layer_activation(layer: Any) -> str | None:
    """Name of the activation that a layer applies to its own or the previous output."""
    layers = keras.layers
    if isinstance(layer, layers.ReLU):
        settings = (layer.max_value, layer.negative_slope, layer.threshold)
        return "relu" if settings == (None, 0, 0) else "a modified relu"
    if isinstance(layer, layers.Softmax):
        return "softmax"
    if isinstance(layer, (layers.Dense, layers.Activation)):
        name = keras.activations.serialize(layer.activation)
        return None if name == "linear" else str(name)
    return None


def _cannot_carry(layer: Any, why: str) -> ValueError:
    return _cannot_carry_layer(layer.name, type(layer).__name__, why)


def _cannot_carry_layer(name: str, kind: str, why: str) -> ValueError:
    return ValueError(
        f"Layer {name!r} ({kind}) cannot be carried into "
        f"MNISTMLPClassifier: {why}. What can: {WHAT_CAN_BE_CARRIED}."
    )


def _dense_weights(layer: Any) -> tuple[FloatArray, FloatArray]:
    coef = keras.ops.convert_to_numpy(layer.kernel).astype(np.float32)
    if layer.use_bias:
        return coef, keras.ops.convert_to_numpy(layer.bias).astype(np.float32)
    return coef, np.zeros(coef.shape[1], dtype=np.float32)


def _batch_normalization(layer: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """What the layer multiplies by, and what it adds then, for each unit."""

    def values(variable: Any) -> NDArray[Any]:
        return keras.ops.convert_to_numpy(variable).astype(np.float64)

    scale = 1 / np.sqrt(values(layer.moving_variance) + layer.epsilon)
    if layer.scale:
        scale *= values(layer.gamma)
    offset = -values(layer.moving_mean) * scale
    if layer.center:
        offset += values(layer.beta)
    return scale, offset


def _without_nesting(layers: Iterable[Any]) -> Iterator[Any]:
    """The layers of a model, with those of its inner models in their place."""
    for layer in layers:
        if isinstance(layer, keras.Model):
            yield from _without_nesting(layer.layers)
        else:
            yield layer


def _read_layers(
    layers: Iterable[Any],
) -> tuple[AdoptedNetwork, list[tuple[Any, str | None]]]:
    """Weights of the dense layers, and the activation after each with its layer."""
    network = AdoptedNetwork()
    activations: list[tuple[Any, str | None]] = []
    kinds = keras.layers
    scale, offset = np.ones(1), np.zeros(1)  # of what the next Dense layer takes
    for layer in _without_nesting(layers):
        if type(layer) in (kinds.InputLayer, kinds.Flatten, kinds.Reshape):
            continue
        if type(layer) is kinds.Dropout:
            network.dropout = float(layer.rate)
        elif type(layer) is kinds.Rescaling and not network.coefs:
            if np.ndim(layer.scale) or np.ndim(layer.offset):
                raise _cannot_carry(layer, "it has more than one scale or offset")
            scale, offset = scale * layer.scale, offset * layer.scale + layer.offset
            network.rescales_pixels = True
        elif type(layer) is kinds.BatchNormalization:
            factor, addend = _batch_normalization(layer)
            if activations and activations[-1][1] is None:
                shifted = network.intercepts[-1] * factor + addend
                network.coefs[-1] = (network.coefs[-1] * factor).astype(np.float32)
                network.intercepts[-1] = shifted.astype(np.float32)
            else:
                scale, offset = scale * factor, offset * factor + addend
        elif type(layer) is kinds.Dense:
            coef, intercept = _dense_weights(layer)
            if scale.size not in (1, len(coef)):
                raise _cannot_carry(layer, "its inputs are normalized before Flatten")
            shifted = intercept + np.broadcast_to(offset, len(coef)) @ coef
            scaled = coef * scale[:, np.newaxis]
            network.coefs.append(scaled.astype(np.float32))
            network.intercepts.append(shifted.astype(np.float32))
            scale, offset = np.ones(1), np.zeros(1)
            activations.append((layer, _layer_activation(layer)))
        elif type(layer) in (kinds.Activation, kinds.ReLU, kinds.Softmax):
            if not activations or activations[-1][1] is not None:
                raise _cannot_carry(
                    layer, "it does not follow a Dense layer without an activation"
                )
            activations[-1] = (layer, _layer_activation(layer))
        else:
            raise _cannot_carry(layer, "it is of another kind")
    if activations and (scale.size > 1 or scale != 1 or offset != 0):
        raise _cannot_carry(activations[-1][0], "its outputs are normalized")
    return network, activations


def _adopt(model: Any) -> AdoptedNetwork:
    if not model.built:
        raise ValueError(
            f"The model {model.name!r} has no weights yet: build it, or fit it, first."
        )
    if not is_builtin(model):
        raise ValueError(
            f"The model {model.name!r} is of a class of its own, "
            f"{type(model).__name__}, whose layers do not show what it computes. Give "
            "a Sequential or functional model of the same layers."
        )
    network, activations = _read_layers(model.layers)
    if not activations:
        raise ValueError(f"The model {model.name!r} has no Dense layer.")
    *hidden, (last, output_activation) = activations
    if output_activation not in (None, "softmax"):
        raise _cannot_carry(last, f"the output is {output_activation}, not a softmax")
    if len(network.intercepts[-1]) < 2:
        raise _cannot_carry(last, "it has one output instead of one for each class")
    if hidden:
        network.activation = hidden[0][1] or "linear"
    for layer, activation in hidden:
        if activation not in ACTIVATIONS:
            raise _cannot_carry(layer, f"its activation is {activation or 'linear'}")
        if activation != network.activation:
            raise _cannot_carry(
                layer,
                f"its activation is {activation}, while an earlier layer has "
                f"{network.activation}",
            )
    _check_same_predictions(model, network, ends_in_softmax=bool(output_activation))
    return network


def _check_same_predictions(
    model: Any, network: AdoptedNetwork, *, ends_in_softmax: bool
) -> None:
    """A layer that does more than its configuration tells would show here."""
    shape = model.input_shape[1:]
    if None in shape or prod(shape) != len(network.coefs[0]):
        raise ValueError(
            f"The model {model.name!r} takes inputs of shape {shape}, of which its "
            f"first Dense layer sees only {len(network.coefs[0])} numbers at a time. "
            "Put a Flatten layer before it."
        )
    images = make_generator(0).random((8, *shape), dtype=np.float32)
    if not keras.backend.standardize_dtype(model.inputs[0].dtype).startswith("float"):
        images = np.rint(255 * images)
    outputs = np.asarray(model(images, training=False))
    ours = forward_pass(
        images.reshape(len(images), -1),
        network.coefs,
        network.intercepts,
        network.activation,
    )
    if ends_in_softmax:
        ours = softmax(ours)
    if outputs.shape != ours.shape or not np.allclose(outputs, ours, 1e-3, 1e-4):
        raise ValueError(
            f"The model {model.name!r} does not predict what its layers predict when "
            "they run one after the other: it cannot be carried into "
            "MNISTMLPClassifier."
        )


def adopted_network(model_or_path: Any) -> AdoptedNetwork:
    """Read a Keras model, or a file of one, as a multilayer perceptron.

    A layer of a kind that cannot be carried raises a ValueError that names it.
    """
    if isinstance(model_or_path, keras.Model):
        return _adopt(model_or_path)
    if not isinstance(model_or_path, str | os.PathLike):
        raise TypeError(
            "model_or_path must be a keras.Model or the path of a .keras or .h5 file. "
            f"Got {model_or_path!r} instead."
        )
    path = Path(model_or_path)
    if path.is_dir():
        raise ValueError(
            f"{str(path)!r} is a folder, such as a SavedModel of Keras 2, which Keras "
            "3 cannot read. Write a file of it with "
            "tf_keras.models.load_model(folder).save('model.h5')."
        )
    if path.suffix == ".json":
        raise ValueError(
            f"{str(path)!r} describes layers without their weights. Build the model "
            "with keras.models.model_from_json, load its weights, and give the model "
            "to from_keras."
        )
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no Keras file {str(path)!r}: give the path of a .keras or .h5 "
            "file, or a keras.Model."
        )
    if path.suffix not in (*KERAS_SUFFIXES, ".hdf5"):
        raise ValueError(
            f"model_or_path must end in one of {KERAS_SUFFIXES}, by which Keras "
            f"recognizes the format. Got {str(path)!r} instead."
        )
    # A layer that cannot be carried is not built, and its code does not run.
    for layer in layer_configs(path):
        if layer["class_name"] not in CARRIED_KINDS:
            name = layer["config"].get("name")
            raise _cannot_carry_layer(
                name, layer["class_name"], "it is of another kind"
            )
    return _adopt(load_model(path))
