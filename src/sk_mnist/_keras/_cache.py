"""Compiled networks, kept for the next fit of the same architecture."""

import contextlib
from collections.abc import Iterator
from typing import Any

from .._plan import TrainingPlan
from .._session import idle_networks
from ._backend import keras
from ._compile import loss_identity, optimizer_identity
from ._compiled_network import CompiledNetwork, is_shareable, tracing
from ._session_function import free_dropped_model

# Keras's callbacks that change no more than weights and the learning rate.
_HARMLESS_CALLBACKS = (
    keras.callbacks.CSVLogger,
    keras.callbacks.EarlyStopping,
    keras.callbacks.LearningRateScheduler,
    keras.callbacks.ModelCheckpoint,
    keras.callbacks.ReduceLROnPlateau,
    keras.callbacks.TerminateOnNaN,
)


@contextlib.contextmanager
def compiled_network(
    plan: TrainingPlan, optimizer: Any, loss: Any, batches_per_block: int
) -> Iterator[CompiledNetwork]:
    """Lend a compiled network for this plan, to this thread alone.

    It is an idle one if there is one. A fit with callbacks gets a model of its own, to
    which they may do what they like; so does one whose optimizer or loss is a user's.
    After an error the network is not used again.
    """
    key = (
        plan.network,
        optimizer_identity(optimizer),
        loss_identity(loss),
        plan.deformation,
        plan.batch_size,
        batches_per_block,
    )
    shareable = is_shareable(optimizer, loss) and all(
        type(callback) in _HARMLESS_CALLBACKS for callback in plan.callbacks
    )
    idle = idle_networks.take(key) if shareable else None
    compiled = idle
    if compiled is None:
        with tracing:
            compiled = CompiledNetwork(plan, optimizer, loss, batches_per_block)
    yield compiled
    if shareable:
        idle_networks.put(key, compiled)
    if compiled is not idle:
        free_dropped_model()
