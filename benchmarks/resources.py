"""Rows on what fits take and leave behind: memory, and time that grows."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median

from . import memory
from .digits import training_digits
from .measure import Conditions, in_fresh_turns, seconds
from .peers import KERAS, SCIKERAS, SCIKIT_LEARN, SK_MNIST, new_estimator
from .row import Row

MB = 1_000_000
N_FITS = 50
NEIGHBORS = 5


def memory_of_fit(folder: Path, n_rows: int, name: str, seed: int) -> int:
    """Bytes that a fit takes at most beside its data and what was imported."""
    estimator = new_estimator(name, batch_size=32, epochs=1, seed=seed)
    X, y = training_digits(folder, n_rows)
    memory.forget_peak()
    before = memory.held()
    estimator.fit(X, y)
    return memory.peak() - before


def memory_rows(conditions: Conditions) -> list[Row]:
    """Peak memory of one fit, where that can be measured."""
    if not memory.can_be_measured():
        return []
    n_rows = conditions.rows(60_000)
    names = (SK_MNIST, KERAS, SCIKERAS, SCIKIT_LEARN)
    fits = [partial(memory_of_fit, conditions.folder, n_rows, name) for name in names]
    ours, *peers = in_fresh_turns(conditions.rounds, fits)
    allowed = [n_rows * 784 * 4 + 150 * MB] * conditions.rounds
    what = f"memory to fit {n_rows:,} digits, beside X"
    return [
        Row(what, "one copy and 150 MB", "memory", ours, allowed, at_most=1),
        *(
            Row(what, name, "memory", ours, theirs)
            for name, theirs in zip(names[1:], peers, strict=True)
        ),
    ]


def many_fits(folder: Path, n_rows: int, seed: int) -> tuple[list[float], list[int]]:
    """Seconds of each of many fits, and memory held after each."""
    from sklearn.base import clone

    X, y = training_digits(folder, n_rows)
    estimator = new_estimator(SK_MNIST, batch_size=32, epochs=1, seed=seed)
    durations, memories = [], []
    for _ in range(N_FITS):
        durations.append(seconds(lambda: clone(estimator).fit(X, y)))
        memories.append(memory.held() if memory.can_be_measured() else 0)
    return durations, memories


def _growth_of_time(columns: Sequence[list[float]]) -> Row:
    """Times of single fits jump about, so their neighbors are asked as well."""
    return Row(
        f"a fit among {N_FITS}, the last {NEIGHBORS}",
        f"fits 2 to {1 + NEIGHBORS}",
        "time",
        [median(durations[-NEIGHBORS:]) for durations in columns],
        [median(durations[1 : 1 + NEIGHBORS]) for durations in columns],
        at_most=1.2,
    )


def _growth_of_memory(columns: Sequence[list[int]]) -> Row:
    return Row(
        f"memory held after {N_FITS} fits",
        "after the 2nd, and 30 MB",
        "memory",
        [memories[-1] for memories in columns],
        [memories[1] + 30 * MB for memories in columns],
        at_most=1,
    )


def growth_rows(conditions: Conditions) -> list[Row]:
    """Fifty fits in one process: time and memory of the last beside the second."""
    n_rows = conditions.rows(10_000)
    fits = partial(many_fits, conditions.folder, n_rows)
    (results,) = in_fresh_turns(conditions.rounds, [fits])
    durations, memories = zip(*results, strict=True)
    rows = [_growth_of_time(durations)]
    if memory.can_be_measured():
        rows.append(_growth_of_memory(memories))
    return rows
