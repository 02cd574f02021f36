"""Rows on what fits take and leave behind: memory, and time that grows."""

from functools import partial
from pathlib import Path
from statistics import median

from sklearn.base import clone

from .digits import training_digits
from .measure import Conditions, in_fresh_process, in_turn, peak_memory, seconds
from .peers import KERAS, SCIKERAS, SCIKIT_LEARN, SK_MNIST, new_estimator
from .report import Row

MB = 1_000_000
N_FITS = 50


def memory_of_fit(folder: Path, n_rows: int, name: str, seed: int) -> int:
    """Bytes that a fit takes beyond the data and what was imported."""
    estimator = new_estimator(name, batch_size=32, epochs=1, seed=seed)
    X, y = training_digits(folder, n_rows)
    before = peak_memory()
    estimator.fit(X, y)
    return peak_memory() - before


def memory_rows(conditions: Conditions) -> list[Row]:
    """Peak memory of one fit."""
    n_rows = conditions.rows(60_000)
    names = (SK_MNIST, KERAS, SCIKERAS, SCIKIT_LEARN)
    fits = [
        partial(in_fresh_process, memory_of_fit, conditions.folder, n_rows, name)
        for name in names
    ]
    ours, *peers = in_turn(conditions.rounds, fits)
    allowed = [n_rows * 784 * 4 + 150 * MB] * conditions.rounds
    what = f"memory to fit {n_rows:,} digits, themselves aside"
    return [
        Row(what, "a copy of them and 150 MB", "memory", ours, allowed, at_most=1),
        *(
            Row(what, name, "memory", ours, theirs)
            for name, theirs in zip(names[1:], peers, strict=True)
        ),
    ]


def many_fits(folder: Path, n_rows: int, seed: int) -> tuple[list[float], list[int]]:
    """Seconds of each of many fits, and peak memory after each."""
    X, y = training_digits(folder, n_rows)
    estimator = new_estimator(SK_MNIST, batch_size=32, epochs=1, seed=seed)
    durations, peaks = [], []
    for _ in range(N_FITS):
        durations.append(seconds(lambda: clone(estimator).fit(X, y)))
        peaks.append(peak_memory())
    return durations, peaks


def growth_rows(conditions: Conditions) -> list[Row]:
    """Fifty fits in one process: time and memory of the last beside the second.

    Times of single fits jump about, so each is the median of five.
    """
    n_rows = conditions.rows(1_000)
    fits = partial(in_fresh_process, many_fits, conditions.folder, n_rows)
    (results,) = in_turn(conditions.rounds, [fits])
    last = [median(durations[-5:]) for durations, _ in results]
    second = [median(durations[1:6]) for durations, _ in results]
    growth = [peaks[-1] - peaks[1] for _, peaks in results]
    allowed = [30 * MB] * conditions.rounds
    return [
        Row(
            f"fit {N_FITS} of {n_rows:,} digits in one process",
            "fit 2",
            "time",
            last,
            second,
            at_most=1.2,
        ),
        Row(
            f"memory added from fit 2 to fit {N_FITS}",
            "30 MB",
            "memory",
            growth,
            allowed,
            at_most=1,
        ),
    ]
