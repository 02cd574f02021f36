"""Read Keras files, checked before Keras allocates anything for them.

Keras builds every layer that a file describes, of whatever size and kind, and unpacks
all that it holds, before it compares the two.
"""

import contextlib
import io
import json
import zipfile
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

import h5py

from ._backend import keras
from ._keras_2_files import is_of_keras_2, load_keras_2

# Keras compresses nothing, so what a file holds is not much larger than the file.
_ALLOWANCE = 2**20


class _WeightsAloneError(ValueError):
    pass


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Name the file in whatever error its contents raise."""
    try:
        yield
    except _WeightsAloneError:
        raise
    except Exception as error:  # damaged files raise a dozen kinds
        reason = str(error).partition("\n")[0].strip(".") or type(error).__name__
        raise ValueError(
            f"{str(path)!r} cannot be read as a Keras file: {reason}. It may be "
            "damaged or not complete: save or download it again."
        ) from error


def _check_size(claimed: int, limit: int) -> None:
    if claimed > limit:
        raise ValueError(f"it claims to hold {claimed:,} bytes, more than its size")


def _check_weights(file: h5py.File, limit: int) -> None:
    """Check the size of all arrays in an HDF5 file, which may be compressed."""
    sizes = []

    def add_size(name: str, item: Any) -> None:
        sizes.append(getattr(item, "nbytes", 0))

    file.visititems(add_size)
    _check_size(sum(sizes), limit)


def _model_config(path: Path, limit: int) -> Any:
    """Read the description of the model, having checked what lies beside it."""
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            _check_size(sum(member.file_size for member in archive.infolist()), limit)
            weights = io.BytesIO(archive.read("model.weights.h5"))
            with h5py.File(weights) as file:
                _check_weights(file, limit)
            return json.loads(archive.read("config.json"))
    with h5py.File(path) as file:
        _check_weights(file, limit)
        if "model_config" not in file.attrs:
            raise _WeightsAloneError(
                f"{str(path)!r} holds weights without the model's layers. Build the "
                "model in Keras, call its load_weights with this file, and give the "
                "model to from_keras."
            )
        return json.loads(file.attrs["model_config"])


def _without_nesting(layers: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The layers of a model, with those of its inner models in their place."""
    for layer in layers:
        if "layers" in layer["config"]:
            yield from _without_nesting(layer["config"]["layers"])
        else:
            yield layer


def _check_layers(layers: list[dict[str, Any]], limit: int) -> None:
    """Check the size of the weights that a model's layers would have."""
    width, n_weights = 1, 0
    for layer in layers:
        config = layer["config"]
        shape = config.get("batch_shape") or config.get("batch_input_shape")
        if shape:
            width = prod(length or 1 for length in shape)
        if "units" in config:
            n_weights += width * int(config["units"])
            width = int(config["units"])
    _check_size(n_weights, limit)  # of at least a byte each


def layer_configs(path: Path) -> list[dict[str, Any]]:
    """Read what a file says about the layers of its model.

    Parameters
    ----------
    path : Path
        A ``.keras`` or ``.h5`` file.

    Returns
    -------
    list of dict
        Keras's configuration of each layer, with its ``class_name`` and ``config``,
        those of inner models included.

    Raises
    ------
    ValueError
        If the file is damaged, or claims to hold more than its size.
    """
    with _naming(path):
        limit = path.stat().st_size + _ALLOWANCE
        layers = list(_without_nesting(_model_config(path, limit)["config"]["layers"]))
        _check_layers(layers, limit)
    return layers


def load_model(path: Path) -> Any:
    """Load a model from a file whose layers were checked.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    with _naming(path):
        if is_of_keras_2(path):
            return load_keras_2(path)
        return keras.models.load_model(path, compile=False, safe_mode=True)
