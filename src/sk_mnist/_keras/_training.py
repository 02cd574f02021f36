"""Training with Keras, at the speed of the matrix products.

Keras's own ``fit`` runs, with its callbacks, history and validation, on a plain
``keras.Sequential``; but its step is a block of many batches, looped over inside one
function that XLA compiles, instead of one batch after the other through Python. All
that is put in Keras's place is the model's ``train_function``.
"""

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._plan import (
    OptimizerState,
    TrainedNetwork,
    TrainingData,
    TrainingPlan,
    ValidationData,
)
from .._rows import take_rows
from .._warnings import warn
from ._backend import keras, tf
from ._block import Block, aligned_array, shared_tensor
from ._cache import compiled_network
from ._callbacks import EpochLogs, make_callbacks, needs_batches
from ._compile import (
    has_settable_rate,
    make_loss,
    make_optimizer,
    optimizer_identity,
)
from ._compiled_network import CompiledNetwork
from ._model import set_weights

# 8,192 rows of MNIST, 26 MB: large enough to make the cost of a call vanish, small
# beside the data.
BLOCK_BYTES = 2**13 * 784 * 4
MAXIMUM_BATCHES_PER_BLOCK = 1024

# Rows that Keras validates at once; it does not change the result.
ROWS_PER_VALIDATION_BATCH = 4096


def scheduled_share(plan: TrainingPlan, epoch: NDArray[Any]) -> NDArray[Any]:
    """Share of the full learning rate at a time in epochs since training began.

    It rises linearly for `warmup_epochs` and falls along half a cosine to 0: Loshchilov
    and Hutter, "SGDR: Stochastic gradient descent with warm restarts" (2017), without
    the restarts.
    """
    share = np.ones_like(epoch)
    if plan.learning_rate_schedule == "cosine":
        fallen = (epoch - plan.warmup_epochs) / (plan.epochs - plan.warmup_epochs)
        share = (1 + np.cos(np.pi * np.clip(fallen, 0, 1))) / 2
    if plan.warmup_epochs:
        share = np.minimum(share, epoch / plan.warmup_epochs)
    return share


class EpochLoop:
    """The `train_function` of one fit: what Keras calls for each block of an epoch."""

    def __init__(
        self,
        compiled: CompiledNetwork,
        plan: TrainingPlan,
        data: TrainingData,
        generator: np.random.Generator,
    ) -> None:
        self._compiled = compiled
        self._plan = plan
        self._data = data
        self._generator = generator
        self._block = Block(
            compiled.batches_per_block,
            compiled.batch_size,
            compiled.network.n_features,
        )
        self._full_rate = self._known_rate = compiled.learning_rate
        self._epoch = -1
        self.n_batches = -(-len(data.rows) // compiled.batch_size)
        self.n_blocks = -(-len(data.rows) // self._block.n_rows)

    def begin_epoch(self, epoch: int) -> None:
        """Draw the order of the rows and the seeds of an epoch, counted from 0.

        Epochs that a backup has brought are drawn too, so that those that follow are
        the same as in an unbroken run.
        """
        while self._epoch < epoch:
            self._epoch += 1
            seeds = self._generator.integers(2**31, size=2).tolist()
            order = self._generator.permutation(len(self._data.rows))
        self._order = self._data.rows[order]
        dropout_seed, self._seed = seeds
        self._compiled.seed_dropout(dropout_seed)

    def __call__(self, iterator: Iterator[Any]) -> dict[str, float]:
        block = next(iterator)
        if isinstance(block, tuple):
            raise ValueError(
                "A callback has trained the model by itself, with fit or "
                "train_on_batch, while it was being trained. Train the model that "
                "to_keras() gives instead."
            )
        block = int(block)
        start = block * self._block.n_rows
        rows = self._order[start : start + self._block.n_rows]
        n_batches = self._block.fill(self._data, rows)
        first_batch = block * self._compiled.batches_per_block
        self._take_up_rate()
        rates = self._full_rate * self._scheduled_shares(first_batch)
        logs = self._compiled.train_on_block(
            *self._block.arrays,
            rates.astype(np.float32),
            np.array([self._seed, first_batch], np.int32),
            np.int32(n_batches),
        )
        self.know_rate()
        return {name: float(value) for name, value in logs.items()}

    def _take_up_rate(self) -> None:
        """Take the rate for the full one, if a callback has set it."""
        rate = self._compiled.learning_rate
        if not self._is_scheduled or rate != self._known_rate:
            self._full_rate = rate

    def know_rate(self) -> None:
        """Remember the rate that training, or a backup, has left."""
        self._known_rate = self._compiled.learning_rate

    def restore_full_rate(self) -> None:
        """Let training that goes on begin at the full rate of its schedule."""
        if self._is_scheduled:
            self._compiled.learning_rate = self._full_rate

    @property
    def _is_scheduled(self) -> bool:
        plan = self._plan
        return plan.learning_rate_schedule is not None or plan.warmup_epochs > 0

    def _scheduled_shares(self, first_batch: int) -> NDArray[Any]:
        """Share of the full learning rate, one for each batch of a block."""
        batches = first_batch + np.arange(self._compiled.batches_per_block)
        # At the middle of each batch the rate is never 0.
        epoch = self._epoch + (batches + 0.5) / self.n_batches
        return scheduled_share(self._plan, epoch)


def _validation_batches(compiled: CompiledNetwork, validation: ValidationData) -> Any:
    """What Keras validates on, copied once; from arrays Keras would copy it twice."""
    n_rows = len(validation.rows)
    X = aligned_array((n_rows, compiled.network.n_features), np.float32)
    take_rows(validation.X, validation.rows, out=X)
    images = shared_tensor(X)
    parts = [images, compiled.encode(tf.constant(validation.codes[validation.rows]))]
    if validation.sample_weight is not None:
        parts.append(tf.constant(validation.sample_weight[validation.rows]))

    def batch_from(start: Any) -> tuple[Any, ...]:
        rows = slice(start, start + ROWS_PER_VALIDATION_BATCH)
        return tuple(part[rows] for part in parts)

    starts = tf.data.Dataset.range(0, n_rows, ROWS_PER_VALIDATION_BATCH)
    return _as_it_stands(starts.map(batch_from))


def _as_it_stands(dataset: Any) -> Any:
    """Keep TensorFlow from rewriting and tuning a dataset."""
    options = tf.data.Options()
    # Rewriting would copy the images into it.
    options.experimental_optimization.apply_default_optimizations = False
    # At the end of a fit the tuning may say that it was cancelled, on standard error.
    options.autotune.enabled = False
    return dataset.with_options(options)


def _batches_per_block(plan: TrainingPlan) -> int:
    """One where a callback wants to see each batch, else as many as a block holds."""
    if any(needs_batches(callback) for callback in plan.callbacks):
        return 1
    batch_bytes = plan.batch_size * plan.network.n_features * 4
    return int(np.clip(BLOCK_BYTES // batch_bytes, 1, MAXIMUM_BATCHES_PER_BLOCK))


def _configured_rate(optimizer: Any) -> float | None:
    return float(optimizer.learning_rate) if has_settable_rate(optimizer) else None


def _restore_optimizer(
    compiled: CompiledNetwork, optimizer: Any, state: OptimizerState | None
) -> None:
    """Go on with the optimizer's state, or start afresh if it is another's."""
    learning_rate = _configured_rate(optimizer)
    if state is not None and state["identity"] == optimizer_identity(optimizer):
        compiled.set_optimizer_variables(state["variables"])
        if state["learning_rate"] == learning_rate:
            return  # as a callback may have left it
    else:
        compiled.reset_optimizer()
    if learning_rate is not None:
        compiled.learning_rate = learning_rate


@contextlib.contextmanager
def _without_retracing_advice() -> Iterator[None]:
    """TensorFlow takes several networks in a row, as in a search, for a mistake."""

    def is_no_advice(record: logging.LogRecord) -> bool:
        return "triggered tf.function retracing" not in record.getMessage()

    logger = tf.get_logger()
    logger.addFilter(is_no_advice)
    try:
        yield
    finally:
        logger.removeFilter(is_no_advice)


def _fit(
    compiled: CompiledNetwork,
    epoch_loop: EpochLoop,
    plan: TrainingPlan,
    data: TrainingData,
    callbacks: list[Any],
    initial_epoch: int,
) -> dict[str, list[float]]:
    """Let Keras's own `fit` run the epochs, and return what was logged."""
    model = compiled.model
    validation = data.validation and _validation_batches(compiled, data.validation)
    first_step = int(model.optimizer.iterations)

    def begin_epoch(epoch: int, logs: Any) -> None:
        if model.train_function is not epoch_loop:
            raise ValueError(
                "A callback has compiled the model anew, so that it cannot be trained "
                "further. Set optimizer and loss as parameters instead."
            )
        epoch_loop.begin_epoch(epoch - initial_epoch)

    def count_epochs(logs: Any) -> None:
        """Let Keras continue after the epochs that a backup has brought."""
        steps = int(model.optimizer.iterations) - first_step
        model._initial_epoch = initial_epoch + steps // epoch_loop.n_batches
        epoch_loop.know_rate()

    counter = keras.callbacks.LambdaCallback(
        on_train_begin=count_epochs, on_epoch_begin=begin_epoch
    )
    epoch_logs = EpochLogs(initial_epoch)
    model.train_function = epoch_loop
    with _without_retracing_advice():
        model.fit(
            _as_it_stands(tf.data.Dataset.range(epoch_loop.n_blocks)),
            epochs=initial_epoch + plan.epochs,
            initial_epoch=initial_epoch,
            validation_data=validation,
            callbacks=[*callbacks, counter, epoch_logs],
            shuffle=False,  # EpochLoop does
            verbose=0,
        )
    model.train_function = None  # lets go of the data
    epoch_loop.restore_full_rate()
    if not epoch_logs.trained:
        warn(
            "No epoch was trained: BackupAndRestore has restored a training that was "
            "already complete. Delete its folder to train again."
        )
    return epoch_logs.history()


def _appended(
    before: Mapping[str, Sequence[float]], after: Mapping[str, Sequence[Any]]
) -> dict[str, list[float]]:
    """One list over all epochs; NaN where a figure was not measured."""

    def epochs(history: Mapping[str, Sequence[Any]], name: str) -> list[float]:
        missing = [np.nan] * len(history.get("loss", ()))
        return [float(value) for value in history.get(name, missing)]

    names = [*before, *(name for name in after if name not in before)]
    return {name: epochs(before, name) + epochs(after, name) for name in names}


def train(
    plan: TrainingPlan,
    data: TrainingData,
    start: TrainedNetwork,
    generator: np.random.Generator,
) -> TrainedNetwork:
    """Train for ``plan.epochs`` more epochs, from ``start`` on.

    Parameters
    ----------
    plan : TrainingPlan
    data : TrainingData
    start : TrainedNetwork
        The weights and the optimizer's state to start from; the epochs count on from
        its history.
    generator : numpy.random.Generator
        Draws, for each epoch, seeds for dropout and deformations and the order of the
        rows.

    Returns
    -------
    TrainedNetwork
        With the history of all epochs, those before `start` included.
    """
    # A larger batch than there are rows would be padded. A power of two, so that
    # somewhat more or fewer rows compile nothing.
    enough = 2 ** int(np.ceil(np.log2(len(data.rows))))
    plan = replace(plan, batch_size=min(plan.batch_size, enough))
    optimizer = make_optimizer(plan.compile_settings)
    loss = make_loss(plan.compile_settings)
    initial_epoch = len(start.history.get("loss", ()))
    callbacks = make_callbacks(plan, data, start, generator, initial_epoch)
    with compiled_network(plan, optimizer, loss, _batches_per_block(plan)) as compiled:
        set_weights(compiled.model, start.coefs, start.intercepts)
        _restore_optimizer(compiled, optimizer, start.optimizer_state)
        epoch_loop = EpochLoop(compiled, plan, data, generator)
        history = _fit(compiled, epoch_loop, plan, data, callbacks, initial_epoch)
        compiled.check_layers()
        weights = compiled.model.get_weights()
        return TrainedNetwork(
            coefs=weights[::2],
            intercepts=weights[1::2],
            history=_appended(start.history, history),
            optimizer_state=OptimizerState(
                identity=optimizer_identity(optimizer),
                learning_rate=_configured_rate(optimizer),
                variables=compiled.optimizer_variables(),
            ),
        )
