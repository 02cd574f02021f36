"""Callbacks of a fit: copies of the user's, and those that parameters ask for."""

import copy
import multiprocessing
import sys
from typing import Any

from .._network import FloatArray
from .._plan import TrainingPlan
from ._backend import keras

BATCH_HOOKS = (
    "on_batch_begin",
    "on_batch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
)


class AveragedWeights(keras.callbacks.Callback):
    """Show validation, and callbacks at an epoch's end, the averaged weights.

    Keras has `SwapEMAWeights` for one of the two, but not for both; and where training
    stops early, it leaves the weights as they were before averaging.
    """

    def __init__(self) -> None:
        super().__init__()
        self._not_averaged: list[FloatArray] | None = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if self._not_averaged is not None:
            self.model.set_weights(self._not_averaged)
            self._not_averaged = None

    def on_test_begin(self, logs: Any = None) -> None:
        if self._not_averaged is None:
            self._not_averaged = self.model.get_weights()
            self.model.optimizer.finalize_variable_values(self.model.trainable_weights)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.on_test_begin()


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

    def write_line(epoch: int, logs: dict[str, float]) -> None:
        values = "  ".join(f"{name} {value:.4f}" for name, value in logs.items())
        print(f"Epoch {epoch + 1}/{epochs}  {values}", file=sys.stderr, flush=True)

    return keras.callbacks.LambdaCallback(on_epoch_end=write_line)


def _copied_callback(callback: Any) -> Any:
    try:
        return copy.deepcopy(callback)
    except Exception as error:  # whatever the objects that it holds raise
        raise TypeError(
            f"The callback {callback!r} cannot be copied, as callbacks are for each "
            f"fit: {error}"
        ) from error


def callbacks_of(plan: TrainingPlan, initial_epoch: int) -> list[Any]:
    callbacks = [_copied_callback(callback) for callback in plan.callbacks]
    if plan.compile_settings.ema_momentum is not None:
        callbacks.insert(0, AveragedWeights())
    if plan.early_stopping_patience is not None:
        callbacks.append(
            keras.callbacks.EarlyStopping(
                monitor="val_loss",
                patience=plan.early_stopping_patience,
                restore_best_weights=True,
            )
        )
    if plan.verbose:
        callbacks.append(_progress_callback(initial_epoch + plan.epochs, initial_epoch))
    return callbacks
