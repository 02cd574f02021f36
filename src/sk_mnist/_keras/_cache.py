"""Compiled networks, kept for the next fit of the same architecture."""

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from .._plan import TrainingPlan
from ._compile import is_builtin, loss_identity, optimizer_identity
from ._compiled_network import CompiledNetwork

# Compiled networks kept for the next fit: more than a search visits in turn.
COMPILED_NETWORKS_KEPT = 8

_idle_networks: OrderedDict[Any, list[CompiledNetwork]] = OrderedDict()
_lock = threading.Lock()  # of the dictionary above
_building = threading.Lock()  # Keras builds and traces in one thread at a time


@contextlib.contextmanager
def compiled_network(
    plan: TrainingPlan, optimizer: Any, loss: Any, batches_per_block: int
) -> Iterator[CompiledNetwork]:
    """A compiled network for this plan, ours alone while the context lasts.

    One that is idle is taken from those kept; after a failure it is not put back.
    """
    key = (
        plan.network,
        optimizer_identity(optimizer),
        loss_identity(loss),
        plan.deformation,
        plan.batch_size,
        batches_per_block,
    )
    # What others wrote may hold more than its name and configuration tell.
    shareable = is_builtin(optimizer) and is_builtin(loss)
    with _lock:
        idle = _idle_networks.pop(key, []) if shareable else []
        compiled = idle.pop() if idle else None
        if idle:
            _idle_networks[key] = idle
    if compiled is None:
        with _building:
            compiled = CompiledNetwork(
                plan.network,
                optimizer,
                loss,
                plan.deformation,
                plan.batch_size,
                batches_per_block,
            )
    yield compiled
    if shareable:
        with _lock:
            _idle_networks.setdefault(key, []).append(compiled)
            _idle_networks.move_to_end(key)
            while len(_idle_networks) > COMPILED_NETWORKS_KEPT:
                _idle_networks.popitem(last=False)


def forget_compiled_networks() -> None:
    """Let the next fit compile its network, as the first one in a process does."""
    with _lock:
        _idle_networks.clear()
