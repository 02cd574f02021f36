"""Rows on what fits take and leave behind: memory, and time that grows."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from . import memory
from .digits import training_digits
from .measure import Conditions, in_fresh_turns, seconds
from .peers import KERAS, SCIKERAS, SCIKIT_LEARN, SK_MNIST, new_estimator
from .row import Row

MB = 1_000_000
N_FITS = 200
N_PREDICTIONS = 100_000
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


class Held(NamedTuple):
    """What the process held after one of many repetitions, and how long that took."""

    seconds: float
    memory: int
    files: int


def repeat(call: Callable[[int], Any], times: int) -> list[Held]:
    """Call with 0, 1, 2 and so on, and measure after each call."""
    results = []
    for number in range(times):
        duration = seconds(partial(call, number))
        if memory.can_be_measured():
            results.append(Held(duration, memory.held(), memory.open_files()))
        else:
            results.append(Held(duration, 0, 0))
    return results


def many_fits(folder: Path, n_rows: int, seed: int) -> list[Held]:
    """Fit the same network again and again."""
    from sklearn.base import clone

    X, y = training_digits(folder, n_rows)
    estimator = new_estimator(SK_MNIST, batch_size=32, epochs=1, seed=seed)
    return repeat(lambda _: clone(estimator).fit(X, y), N_FITS)


def many_predictions(folder: Path, n_rows: int, seed: int) -> list[Held]:
    """Predict one digit again and again, in blocks of a thousand calls."""
    X, y = training_digits(folder, n_rows)
    estimator = new_estimator(SK_MNIST, batch_size=32, epochs=1, seed=seed).fit(X, y)

    def predict(number: int) -> None:
        for row in range(1000):
            place = (1000 * number + row) % len(X)
            estimator.predict_proba(X[place : place + 1])

    return repeat(predict, N_PREDICTIONS // 1000)


def many_architectures(folder: Path, seed: int) -> list[Held]:
    """Fit networks of different widths, each of which is compiled anew.

    The widths are shuffled: if they grew, so would the networks that are kept.
    """
    from sk_mnist import MNISTMLPClassifier

    X, y = training_digits(folder, 300)
    widths = np.random.default_rng(seed).permutation(range(20, 20 + N_FITS))

    def fit(number: int) -> None:
        MNISTMLPClassifier(widths[number], epochs=1, random_state=seed).fit(X, y)

    return repeat(fit, N_FITS)


def _growth_of_time(what: str, rounds: Sequence[list[Held]]) -> Row:
    """Single times jump about, so their neighbors are asked as well."""

    def times(part: slice) -> list[float]:
        return [median(held.seconds for held in results[part]) for results in rounds]

    return Row(
        f"{what}, the last {NEIGHBORS}",
        f"2 to {1 + NEIGHBORS}",
        "time",
        times(slice(-NEIGHBORS, None)),
        times(slice(1, 1 + NEIGHBORS)),
        at_most=1.2,
    )


def _growth_of_memory(
    what: str, first: int, allowed: int, rounds: Sequence[list[Held]]
) -> Row:
    return Row(
        f"most memory held after {what}",
        f"after {first}, and {allowed // MB} MB",
        "memory",
        [max(held.memory for held in results[first:]) for results in rounds],
        [results[first - 1].memory + allowed for results in rounds],
        at_most=1,
    )


def _growth_of_files(what: str, rounds: Sequence[list[Held]]) -> Row:
    return Row(
        f"open files after {what}",
        "after 2",
        "files",
        [results[-1].files for results in rounds],
        [results[1].files for results in rounds],
        at_most=1,
    )


def growth_rows(conditions: Conditions) -> list[Row]:
    """Many fits and predictions in one process: what grows from first to last."""
    n_rows = conditions.rows(10_000)
    fits = partial(many_fits, conditions.folder, n_rows)
    predictions = partial(many_predictions, conditions.folder, n_rows)
    architectures = partial(many_architectures, conditions.folder)
    of_fits, of_predictions, of_architectures = in_fresh_turns(
        conditions.rounds, [fits, predictions, architectures]
    )
    fits_in_words = f"{N_FITS} fits"
    predictions_in_words = f"{N_PREDICTIONS:,} predictions"
    rows = [
        _growth_of_time(f"a fit among {N_FITS}", of_fits),
        _growth_of_time(f"1,000 predictions among {N_PREDICTIONS:,}", of_predictions),
    ]
    if memory.can_be_measured():
        rows += [
            _growth_of_memory(fits_in_words, 2, 30 * MB, of_fits),
            _growth_of_memory(
                f"{N_FITS} fits of as many architectures", 20, 50 * MB, of_architectures
            ),
            _growth_of_memory(predictions_in_words, 2, 10 * MB, of_predictions),
            _growth_of_files(fits_in_words, of_fits),
            _growth_of_files(predictions_in_words, of_predictions),
        ]
    return rows
