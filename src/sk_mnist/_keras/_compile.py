"""Make the optimizer and the loss of a model from parameters, and tell them apart."""

import re
from functools import partial
from typing import Any

from .._plan import CompileSettings
from ._backend import check_process, keras

SMOOTHABLE_LOSSES = ("sparse_categorical_crossentropy", "categorical_crossentropy")

_PLAIN = (bool, int, float, str, type(None), re.Pattern)

# Names in Keras of what `exclude_from_weight_decay` sets.
_EXCLUDED_NAMES = "_exclude_from_weight_decay_pattern"
_EXCLUDED_VARIABLES = "_exclude_from_weight_decay"


def _find_optimizer(given: Any) -> Any:
    """Find an optimizer by its name; Keras's own `get` does not know Lamb's."""
    kinds = {
        name.lower(): kind
        for name, kind in vars(keras.optimizers).items()
        if isinstance(kind, type) and issubclass(kind, keras.optimizers.Optimizer)
    }
    kind = kinds.get(given.lower()) if isinstance(given, str) else None
    try:
        return keras.optimizers.get(given) if kind is None else kind()
    except ValueError as error:
        raise ValueError(
            "The 'optimizer' parameter of MNISTMLPClassifier must be the name of a "
            f"Keras optimizer, such as 'adam', or an optimizer object. Got {given!r} "
            "instead."
        ) from error
    except TypeError as error:
        raise ValueError(
            f"The optimizer {given!r} needs arguments of its own, so a name is not "
            "enough. Give the 'optimizer' parameter of MNISTMLPClassifier as an "
            "object, such as keras.optimizers.LossScaleOptimizer("
            "keras.optimizers.Adam())."
        ) from error


def make_optimizer(settings: CompileSettings) -> Any:
    """Make the optimizer that the parameters describe.

    Raises
    ------
    ValueError
        If Keras does not know it, or it does not take one of the parameters.
    """
    check_process()
    optimizer = _find_optimizer(settings.optimizer)
    overrides = {
        "learning_rate": settings.learning_rate,
        "weight_decay": settings.weight_decay,
        "use_ema": None if settings.ema_momentum is None else True,
        "ema_momentum": settings.ema_momentum,
    }
    given = {name: value for name, value in overrides.items() if value is not None}
    return copy_optimizer(optimizer, **given)


def copy_optimizer(optimizer: Any, **overrides: Any) -> Any:
    """Make an optimizer of the same settings, which has not taken a step.

    Settings of a wrapped optimizer are overridden there.
    """
    kind, config, outside_config = _settings(optimizer)
    if "inner_optimizer" in config:
        inner = copy_optimizer(config.pop("inner_optimizer"), **overrides)
        duplicate = kind(inner, **config)
    else:
        for name in overrides:
            if name not in config:
                raise ValueError(
                    f"{kind.__name__} takes no {name}: leave {name} out, and set it on "
                    "the optimizer inside it."
                )
        duplicate = kind.from_config({**config, **overrides})
    vars(duplicate).update(outside_config)
    return duplicate


def _settings(optimizer: Any) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Class of an optimizer, its configuration, and what was set outside of it.

    Schedules and wrapped optimizers stay objects: Keras could not read those of a
    user's own class back from a configuration.
    """
    try:
        config = dict(optimizer.get_config())
    except NotImplementedError as error:
        raise ValueError(
            f"The optimizer {optimizer!r} cannot be copied, but each fit uses a copy: "
            f"{error}. Give its learning rate schedule a get_config method."
        ) from error
    if getattr(optimizer, _EXCLUDED_VARIABLES, None):
        raise ValueError(
            f"The optimizer {optimizer!r} excludes variables of another model from "
            "weight decay. Exclude them by name instead: "
            "optimizer.exclude_from_weight_decay(var_names=['bias'])."
        )
    rate = getattr(optimizer, "_learning_rate", None)
    if callable(rate) and "learning_rate" in config:
        config["learning_rate"] = rate
    if "inner_optimizer" in config:
        config["inner_optimizer"] = optimizer.inner_optimizer
    outside_config = {
        name: value
        for name, value in vars(optimizer).items()
        if isinstance(value, _PLAIN)
        and (name == _EXCLUDED_NAMES or not name.startswith("_"))
        and name not in (*config, "built")
    }
    return type(optimizer), config, outside_config


def has_settable_rate(optimizer: Any) -> bool:
    """Whether the rate is a number, and not a schedule that sets it."""
    if hasattr(optimizer, "inner_optimizer"):
        return has_settable_rate(optimizer.inner_optimizer)
    return isinstance(_settings(optimizer)[1].get("learning_rate"), float)


def _shallow_copy(loss: Any) -> Any:
    """Keras copies its objects by saving and loading, which fails for a user's own."""
    duplicate = object.__new__(type(loss))
    duplicate.__dict__.update(loss.__dict__)
    return duplicate


def make_loss(settings: CompileSettings) -> Any:
    """Make the loss that the parameters describe: a function, or a copy of an object.

    The copy averages, since Keras's validation goes by the loss's own reduction. Labels
    are smoothed by the one-hot cross-entropy alone.

    Raises
    ------
    ValueError
        If Keras does not know it, or it is no loss of class probabilities.
    """
    given = settings.loss
    try:
        loss = keras.losses.get(given)
    except ValueError as error:
        raise ValueError(
            "The 'loss' parameter of MNISTMLPClassifier must be the name of a Keras "
            "loss, such as 'categorical_crossentropy', or a loss object. Got "
            f"{given!r} instead."
        ) from error
    if settings.label_smoothing:
        if given not in SMOOTHABLE_LOSSES:
            raise ValueError(
                f"label_smoothing works with the losses {SMOOTHABLE_LOSSES}. Got "
                f"loss={given!r}: choose one of these, or give a loss object that "
                "smooths the labels itself."
            )
        smoothing = settings.label_smoothing
        return keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
    if isinstance(loss, keras.losses.Loss):
        if type(loss).call is keras.losses.Loss.call:
            raise ValueError(
                f"The loss {given!r} has no method call(y_true, y_pred), which gives "
                "the loss of each sample. Define it instead of __call__."
            )
        loss = _shallow_copy(loss)
        loss.reduction = "sum_over_batch_size"
        if loss.get_config().get("from_logits"):
            raise ValueError(
                "The 'loss' parameter of MNISTMLPClassifier must be a loss of class "
                f"probabilities. Got {given!r} with from_logits=True instead: leave "
                "from_logits out, as the network ends in a softmax."
            )
    return loss


def check_compile_settings(settings: CompileSettings, *, schedules_rate: bool) -> None:
    """Refuse parameters that no model can be compiled with.

    Raises
    ------
    ValueError
        If the optimizer or the loss cannot be made, or if a schedule is asked for
        beside one of the optimizer's own.
    """
    make_loss(settings)
    if not has_settable_rate(make_optimizer(settings)) and schedules_rate:
        raise ValueError(
            "The optimizer has a learning rate schedule of its own: leave "
            "learning_rate_schedule and warmup_epochs out, or set learning_rate."
        )


def _name(loss: Any) -> str:
    function = loss.func if isinstance(loss, partial) else loss
    return str(getattr(function, "__name__", type(function).__name__))


def takes_codes(loss: Any) -> bool:
    """Whether a loss takes classes as integers; every other one takes them one-hot."""
    return isinstance(loss, keras.losses.SparseCategoricalCrossentropy) or (
        "sparse" in _name(loss).lower()
    )


def wants_one_hot_in_scikeras(loss: Any) -> bool:
    """Whether SciKeras gives a loss one-hot labels; all others get integers."""
    return isinstance(loss, keras.losses.CategoricalCrossentropy) or (
        _name(loss) == "categorical_crossentropy"
    )


def _identity(kind: type, *settings: dict[str, Any]) -> str:
    """Class and settings; not the name, in which Keras numbers its objects."""
    items = [sorted(i for i in s.items() if i[0] != "name") for s in settings]
    return f"{kind.__module__}.{kind.__qualname__}({items})"


def optimizer_identity(optimizer: Any) -> str:
    """What tells two optimizers apart, their present rates aside."""
    kind, config, outside_config = _settings(optimizer)
    if has_settable_rate(optimizer):
        config.pop("learning_rate", None)
    else:
        config["learning_rate"] = optimizer.get_config().get("learning_rate")
    if "inner_optimizer" in config:
        config["inner_optimizer"] = optimizer_identity(config["inner_optimizer"])
    return _identity(kind, config, outside_config)


def loss_identity(loss: Any) -> str:
    """What tells two losses apart."""
    if isinstance(loss, keras.losses.Loss):
        return _identity(type(loss), loss.get_config())
    return _name(loss)


def is_builtin(thing: Any) -> bool:
    """Whether an optimizer or a loss is Keras's own, with all that it holds.

    A user's own object may have state that its configuration does not show.
    """
    held = (getattr(thing, name, None) for name in ("fn", "_learning_rate"))
    inner = getattr(thing, "inner_optimizer", None)
    parts = [thing, *(part for part in held if callable(part))]
    return all(
        str(getattr(part, "__module__", "")).startswith("keras.") for part in parts
    ) and (inner is None or is_builtin(inner))


class Portable:
    """Pickles and copies a Keras object as a plain object of its class.

    Keras pickles by saving, and reads back its own classes and registered ones alone.
    """

    def __init__(self, keras_object: Any) -> None:
        self._keras_object = keras_object

    def __reduce__(self) -> tuple[Any, ...]:
        given = self._keras_object
        if not isinstance(given, keras.optimizers.Optimizer):
            return object.__new__, (type(given),), vars(given)
        kind, config, outside_config = _settings(given)
        if "inner_optimizer" not in config:
            return kind.from_config, (config,), outside_config
        inner = Portable(config.pop("inner_optimizer"))
        return partial(kind, **config), (inner,), outside_config
