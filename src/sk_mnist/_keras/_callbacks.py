"""Callbacks of a fit: copies of the user's, and those that parameters ask for."""

import copy
import hashlib
import multiprocessing
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import issparse

from .._files import replacing
from .._plan import TrainedNetwork, TrainingData, TrainingPlan
from .._rows import FloatArray
from .._sklearn import InvalidParameterError
from ._backend import keras
from ._compile import loss_identity, make_loss, make_optimizer, optimizer_identity

BATCH_HOOKS = (
    "on_batch_begin",
    "on_batch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
)

# Names of Keras 2, under which Keras 3 logs nothing.
_OLD_NAMES = {"acc": "accuracy", "val_acc": "val_accuracy"}
_VALIDATION_LOGS = ("val_loss", "val_accuracy")


class EpochLogs(keras.callbacks.Callback):
    """Record what was logged at the end of each epoch, by all callbacks before it.

    Keras's own History makes lists of unequal length of what is logged on some epochs.
    """

    def __init__(self, initial_epoch: int) -> None:
        super().__init__()
        self._initial_epoch = self._next_epoch = initial_epoch
        self._logs: dict[int, dict[str, float]] = {}

    def on_train_begin(self, logs: Any = None) -> None:
        # A backup may have set it.
        self._next_epoch = self.model._initial_epoch or self._initial_epoch

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._logs[epoch] = {name: _number(value) for name, value in logs.items()}
        self._next_epoch = epoch + 1

    @property
    def trained(self) -> bool:
        """Whether any epoch was run."""
        return bool(self._logs)

    def history(self) -> dict[str, list[float]]:
        """One list over the epochs since the fit began; NaN where nothing was logged.

        The epochs that were run before a backup was restored are among them.
        """
        epochs = range(self._initial_epoch, self._next_epoch)
        names = dict.fromkeys(name for logs in self._logs.values() for name in logs)
        return {
            name: [self._logs.get(epoch, {}).get(name, np.nan) for epoch in epochs]
            for name in names or ("loss", "accuracy")
        }


def _number(value: Any) -> float:
    """A logged value as a float; NaN for arrays, texts and None."""
    array = np.asarray(value)
    return float(array) if array.ndim == 0 and array.dtype.kind in "biuf" else np.nan


class AveragedWeights(keras.callbacks.Callback):
    """Show validation, and callbacks at an epoch's end, the averaged weights.

    Keras has `SwapEMAWeights` for one of the two, but not for both; and where training
    stops early, it leaves the weights as they were before averaging.
    """

    def __init__(self) -> None:
        super().__init__()
        self._not_averaged: list[FloatArray] | None = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.on_test_end()

    def on_test_begin(self, logs: Any = None) -> None:
        self._not_averaged = self.model.get_weights()
        self.model.optimizer.finalize_variable_values(self.model.trainable_weights)

    def on_test_end(self, logs: Any = None) -> None:
        if self._not_averaged is not None:
            self.model.set_weights(self._not_averaged)
            self._not_averaged = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.on_test_begin()


class FitBackup(keras.callbacks.Callback):
    """What Keras's BackupAndRestore does, for one fit, and with files that are whole.

    In the one folder that Keras uses, another fit would continue from its weights; and
    a process that is killed while Keras writes them leaves a part of a file.

    Parameters
    ----------
    backup : keras.callbacks.BackupAndRestore
        Whose settings are taken.
    identity : str
        Of the fit; see `fit_identity`.
    """

    def __init__(self, backup: Any, identity: str) -> None:
        super().__init__()
        self._folder = Path(backup.backup_dir, identity)
        self._file = self._folder / "latest.weights.h5"
        self._delete = backup.delete_checkpoint

    def on_train_begin(self, logs: Any = None) -> None:
        if self._file.exists():
            self.model.load_weights(self._file)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        with replacing(self._file) as part:
            self.model.save_weights(part)

    def on_train_end(self, logs: Any = None) -> None:
        if self._delete:
            shutil.rmtree(self._folder)


def needs_batches(callback: Any) -> bool:
    """Whether a callback does something before or after each batch."""
    if getattr(callback, "save_freq", None) == "epoch":  # ModelCheckpoint and its like
        return False
    return any(
        getattr(getattr(callback, hook), "__func__", None)
        is not getattr(keras.callbacks.Callback, hook)
        for hook in BATCH_HOOKS
    )


def _progress_callback(epochs: int, initial_epoch: int) -> Any:
    """A live bar in a terminal or notebook, elsewhere a plain line per epoch.

    Worker processes of a search share one terminal, in which several bars would
    overwrite each other; they write lines too.
    """
    from tqdm.auto import tqdm
    from tqdm.keras import TqdmCallback
    from tqdm.notebook import tqdm_notebook

    in_notebook = issubclass(tqdm, tqdm_notebook)
    alone = multiprocessing.parent_process() is None
    if alone and (in_notebook or sys.stderr.isatty()):
        return TqdmCallback(epochs=epochs, initial=initial_epoch, verbose=0)

    def write_line(epoch: int, logs: dict[str, Any]) -> None:
        values = (f"{name} {_number(value):.4f}" for name, value in logs.items())
        line = f"Epoch {epoch + 1}/{epochs}  {'  '.join(values)}"
        print(line, file=sys.stderr, flush=True)

    return keras.callbacks.LambdaCallback(on_epoch_end=write_line)


def check_callbacks(
    callbacks: Sequence[Any],
    *,
    validates: bool,
    random_state: Any,
    early_stopping: bool,
) -> None:
    """Refuse callbacks that cannot work in a fit with these parameters.

    Raises
    ------
    ValueError
        If one is no callback object, monitors what will not be logged, or is a backup
        that no other fit could continue to the same weights.
    """
    for callback in callbacks:
        if isinstance(callback, type) or not hasattr(callback, "on_train_batch_end"):
            raise InvalidParameterError(
                "The 'callbacks' parameter of MNISTMLPClassifier must be a list of "
                f"keras.callbacks.Callback objects. Got {callback!r} in it."
            )
        _check_monitor(callback, validates)
        if isinstance(callback, keras.callbacks.BackupAndRestore):
            _check_backup(callback, random_state, early_stopping)


def _check_backup(callback: Any, random_state: Any, early_stopping: bool) -> None:
    if callback.save_freq != "epoch":
        raise ValueError(
            "BackupAndRestore can continue only from the end of an epoch. Got "
            f"save_freq={callback.save_freq!r}: set save_freq='epoch'."
        )
    if random_state is None:
        raise ValueError(
            "BackupAndRestore needs a random_state, so that a fit that starts again is "
            "the same fit. Got random_state=None: set an int."
        )
    if early_stopping:
        raise ValueError(
            "BackupAndRestore does not keep the state of early_stopping=True. Set "
            "early_stopping=False, or leave BackupAndRestore out."
        )


def _check_monitor(callback: Any, validates: bool) -> None:
    """Refuse a callback that waits for a figure that no epoch will log."""
    monitor = getattr(callback, "monitor", None)
    if getattr(callback, "save_best_only", True) is False:
        return  # a ModelCheckpoint that saves every epoch, whatever the figure
    if monitor in _OLD_NAMES:
        raise ValueError(
            f"The callback {type(callback).__name__} monitors {monitor!r}, which Keras "
            f"3 calls {_OLD_NAMES[monitor]!r}. Set monitor={_OLD_NAMES[monitor]!r}."
        )
    if monitor in _VALIDATION_LOGS and not validates:
        raise ValueError(
            f"The callback {type(callback).__name__} monitors {monitor!r}, but there "
            "are no data to validate on. Set validation_split, for example to 0.1, or "
            "pass X_val and y_val to fit."
        )


def fit_identity(
    plan: TrainingPlan,
    data: TrainingData,
    start: TrainedNetwork,
    generator: np.random.Generator,
) -> str:
    """A name that two fits share only if they train the same from the same start."""
    digest = hashlib.blake2b(digest_size=16)
    settings = (
        plan.network,
        optimizer_identity(make_optimizer(plan.compile_settings)),
        loss_identity(make_loss(plan.compile_settings)),
        plan.compile_settings.learning_rate,
        plan.learning_rate_schedule,
        plan.warmup_epochs,
        plan.batch_size,
        plan.epochs,
        plan.deformation,
        generator.bit_generator.state,
    )
    digest.update(repr(settings).encode())
    X = data.X
    pixels = (X.data, X.indices, X.indptr) if issparse(X) else (X,)
    arrays = (*pixels, data.codes, data.sample_weight, data.rows)
    for array in (*arrays, *start.coefs, *start.intercepts):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _copied(callback: Any) -> Any:
    try:
        return copy.deepcopy(callback)
    except Exception as error:  # whatever the objects that it holds raise
        raise TypeError(
            f"The callback {callback!r} cannot be copied, but each fit uses a copy: "
            f"{error}. Give its class a method __deepcopy__."
        ) from error


def make_callbacks(
    plan: TrainingPlan,
    data: TrainingData,
    start: TrainedNetwork,
    generator: np.random.Generator,
    initial_epoch: int,
) -> list[Any]:
    """Copy the user's callbacks, and add those that the parameters ask for.

    Raises
    ------
    TypeError
        If a callback cannot be copied.
    """
    given = [_copied(callback) for callback in plan.callbacks]
    # Backups come first: they save the weights before these are averaged.
    kind = keras.callbacks.BackupAndRestore
    backups = [
        FitBackup(callback, fit_identity(plan, data, start, generator))
        for callback in given
        if isinstance(callback, kind)
    ]
    callbacks: Sequence[Any] = [c for c in given if not isinstance(c, kind)]
    if plan.compile_settings.ema_momentum is not None:
        callbacks = [AveragedWeights(), *callbacks]
    callbacks = [*backups, *callbacks]
    if plan.early_stopping_patience is not None:
        callbacks.append(
            keras.callbacks.EarlyStopping(
                monitor="val_loss",
                patience=plan.early_stopping_patience,
                restore_best_weights=True,
            )
        )
    if plan.verbose and sys.stderr is not None:  # None in a process without a console
        callbacks.append(_progress_callback(initial_epoch + plan.epochs, initial_epoch))
    return callbacks
