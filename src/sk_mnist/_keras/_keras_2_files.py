"""Read files that Keras 2 has written, which Keras 3 cannot read, or not all of them.

The layers are built anew, in one row, from the settings that matter to a multilayer
perceptron.
"""

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ._backend import keras

Arrays = Sequence[NDArray[Any]]

# By kind of layer; a kind that is not here cannot be carried into a network of ours.
SETTINGS = {
    "Flatten": (),
    "Reshape": ("target_shape",),
    "Rescaling": ("scale", "offset"),
    "Dense": ("units", "activation", "use_bias"),
    "BatchNormalization": ("epsilon", "center", "scale"),
    "Dropout": ("rate",),
    "Activation": ("activation",),
    "ReLU": ("max_value", "negative_slope", "threshold"),
    "Softmax": (),
}

_WEIGHTS = {
    "Dense": ("kernel", "bias"),
    "BatchNormalization": ("gamma", "beta", "moving_mean", "moving_variance"),
}


def is_of_keras_2(path: Path) -> bool:
    """Whether a ``.keras`` or ``.h5`` file says that Keras 2 has written it."""
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            version = json.loads(archive.read("metadata.json")).get("keras_version")
    else:
        with h5py.File(path) as file:
            version = file.attrs.get("keras_version")
    return str(version).startswith("2.")


def _check_in_one_row(layers: list[dict[str, Any]]) -> None:
    """Check that each layer of a functional model takes the one before it."""
    previous = None
    for layer in layers:
        nodes = layer.get("inbound_nodes", [])
        sources = [source[0] for node in nodes for source in node]
        if sources and sources != [previous]:
            raise ValueError(
                f"its layer {layer['name']!r} is not in one row with the others"
            )
        previous = layer.get("name")


def _group_names(layers: list[dict[str, Any]]) -> Iterator[str]:
    """Name a model's groups of weights: dense, dense_1, dense_2, ..."""
    seen: Counter[str] = Counter()
    for layer in layers:
        kind = re.sub(r"(?<!^)(?=[A-Z])", "_", layer["class_name"]).lower()
        yield f"{kind}_{seen[kind]}" if seen[kind] else kind
        seen[kind] += 1


def _in_one_row(
    config: dict[str, Any], group: str = ""
) -> Iterator[tuple[dict[str, Any], str]]:
    """Each layer and the group of its weights, those of inner models included."""
    layers = config["layers"]
    _check_in_one_row(layers)
    for layer, name in zip(layers, _group_names(layers), strict=True):
        if "layers" in layer["config"]:
            yield from _in_one_row(layer["config"], f"{group}layers/{name}/")
        else:
            yield layer, f"{group}layers/{name}/vars"


def _build(
    config: dict[str, Any], arrays_of: Callable[[dict[str, Any], str], Arrays]
) -> Any:
    model = keras.Sequential()
    input_shape = None
    for layer, group in _in_one_row(config):
        kind, settings = layer["class_name"], layer["config"]
        if input_shape is None:
            input_shape = settings["batch_input_shape"][1:]
            model.add(keras.Input(input_shape))
        if kind == "InputLayer":
            continue
        kept = {name: settings[name] for name in SETTINGS[kind]}
        if not isinstance(kept.get("activation", ""), str):
            raise ValueError(
                f"the activation of {settings['name']!r} is not one of Keras's"
            )
        model.add(getattr(keras.layers, kind)(name=settings["name"], **kept))
        arrays = arrays_of(layer, group)
        if len(arrays):
            model.layers[-1].set_weights(arrays)
    return model


def _load_archive(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))["config"]
        weights = io.BytesIO(archive.read("model.weights.h5"))

    with h5py.File(weights) as file:

        def arrays_of(layer: dict[str, Any], group: str) -> Arrays:
            arrays = file.get(group, {})
            return [np.asarray(arrays[str(number)]) for number in range(len(arrays))]

        return _build(config, arrays_of)


def _load_hdf5(path: Path) -> Any:
    with h5py.File(path) as file:
        found = {}

        def find(name: str, item: Any) -> None:
            *_, layer, weight = ["", *name.split("/")]
            if isinstance(item, h5py.Dataset):
                found[layer, weight.partition(":")[0]] = np.asarray(item)

        file["model_weights"].visititems(find)

        def arrays_of(layer: dict[str, Any], group: str) -> Arrays:
            name = layer["config"]["name"]
            weights = _WEIGHTS.get(layer["class_name"], ())
            return [found[name, w] for w in weights if (name, w) in found]

        return _build(json.loads(file.attrs["model_config"])["config"], arrays_of)


def load_keras_2(path: Path) -> Any:
    """Build a `keras.Sequential` from a file whose layers were checked."""
    return _load_archive(path) if path.suffix == ".keras" else _load_hdf5(path)
