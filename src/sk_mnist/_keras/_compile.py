"""Optimizers and losses, given by name or as Keras objects, and their identities."""

from functools import partial
from typing import Any

from ._backend import keras


def optimizer_like(given: Any, **overrides: Any) -> Any:
    """A fresh optimizer like the one given by name or as an object.

    Overrides of its configuration that are None leave the optimizer's own value.
    """
    try:
        optimizer = keras.optimizers.get(given)
    except ValueError as error:
        raise ValueError(
            "The 'optimizer' parameter of MNISTMLPClassifier must be the name of a "
            f"Keras optimizer or a Keras optimizer. Got {given!r} instead."
        ) from error
    config = optimizer.get_config()
    for name, value in overrides.items():
        if value is None:
            continue
        if name not in config:
            raise ValueError(
                f"{type(optimizer).__name__} takes no {name}: leave {name} out, and "
                "set it on the optimizer that is inside."
            )
        config[name] = value
    return type(optimizer).from_config(config)


def has_settable_rate(optimizer: Any) -> bool:
    return isinstance(optimizer.get_config().get("learning_rate"), float)


def _shallow_copy(loss: Any) -> Any:
    """Keras copies its objects by saving and loading, which fails for a user's own."""
    duplicate = object.__new__(type(loss))
    duplicate.__dict__.update(loss.__dict__)
    return duplicate


def loss_like(given: Any) -> Any:
    """The loss function by this name, or a copy of the loss object.

    The copy averages, since Keras's validation goes by the loss's own reduction.
    """
    try:
        loss = keras.losses.get(given)
    except ValueError as error:
        raise ValueError(
            "The 'loss' parameter of MNISTMLPClassifier must be the name of a Keras "
            f"loss or a Keras loss. Got {given!r} instead."
        ) from error
    if isinstance(loss, keras.losses.Loss):
        loss = _shallow_copy(loss)
        loss.reduction = "sum_over_batch_size"
        if loss.get_config().get("from_logits"):
            raise ValueError(
                "The 'loss' parameter of MNISTMLPClassifier must be a loss of class "
                f"probabilities. Got {given!r} with from_logits=True instead: leave "
                "from_logits out, as the network ends in a softmax."
            )
    return loss


def _name(loss: Any) -> str:
    function = loss.func if isinstance(loss, partial) else loss
    return str(getattr(function, "__name__", type(function).__name__))


def takes_codes(loss: Any) -> bool:
    """Whether a loss takes classes as integers; every other one takes them one-hot."""
    return isinstance(loss, keras.losses.SparseCategoricalCrossentropy) or (
        "sparse" in _name(loss).lower()
    )


def _identity(keras_object: Any, config: dict[str, Any]) -> str:
    """Class and configuration; not the name, in which Keras numbers its objects."""
    kind = type(keras_object)
    settings = sorted(item for item in config.items() if item[0] != "name")
    return f"{kind.__module__}.{kind.__qualname__}({settings})"


def optimizer_identity(optimizer: Any) -> str:
    """What tells two optimizers apart, their present rates aside."""
    config = optimizer.get_config()
    if has_settable_rate(optimizer):
        del config["learning_rate"]
    return _identity(optimizer, config)


def loss_identity(loss: Any) -> str:
    if isinstance(loss, keras.losses.Loss):
        return _identity(loss, loss.get_config())
    return _name(loss)


def is_kerass_own(thing: Any) -> bool:
    """Whether a configuration tells all there is to know of this optimizer or loss."""
    return str(getattr(thing, "__module__", "")).startswith("keras.")
