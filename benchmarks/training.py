"""Rows on the time of training: whole fits, setting up, and the steady epoch."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from .digits import test_digits, training_digits
from .measure import Conditions, in_fresh_process, in_turn, seconds
from .peers import (
    KERAS,
    PYTORCH,
    SCIKERAS,
    SCIKIT_LEARN,
    SK_MNIST,
    accuracy,
    installed,
    new_estimator,
)
from .report import Row

PROMISED_OF_A_FIT = {KERAS: 5, SCIKERAS: 5, SCIKIT_LEARN: 3.5, PYTORCH: 1.8}

Trained = tuple[float, float]  # seconds, and the accuracy that was reached


def fit_once(
    folder: Path, n_rows: int, name: str, batch_size: int, epochs: int, seed: int
) -> Trained:
    """One fit, from its call to its end."""
    X, y = training_digits(folder, n_rows)
    estimator = new_estimator(name, batch_size=batch_size, epochs=epochs, seed=seed)
    duration = seconds(lambda: estimator.fit(X, y))
    return duration, accuracy(estimator, *test_digits(folder))


def our_epoch(folder: Path, n_rows: int, epochs: int, seed: int) -> Trained:
    """The steady epoch of sk-mnist, by Keras's clock: the first one sets things up."""
    X, y = training_digits(folder, n_rows)
    estimator = new_estimator(SK_MNIST, batch_size=32, epochs=epochs, seed=seed)
    from sk_mnist.backend import keras

    ends: list[float] = []
    clock = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter())
    )
    estimator.set_params(callbacks=[clock]).fit(X, y)
    durations = [end - start for start, end in pairwise(ends)]
    return median(durations), accuracy(estimator, *test_digits(folder))


def xla_epoch(folder: Path, n_rows: int, epochs: int, seed: int) -> Trained:
    """The steady epoch of the bare loop: its first one compiles."""
    from .xla_loop import XLALoop

    loop = XLALoop(*training_digits(folder, n_rows), batch_size=32, seed=seed)
    durations = [seconds(loop.train_epoch) for _ in range(epochs)]
    return median(durations[1:]), accuracy(loop, *test_digits(folder))


def _in_turn(
    conditions: Conditions, contenders: Sequence[Callable[[int], Any]]
) -> list[tuple[list[float], list[float]]]:
    """Run each in fresh processes, where it compiles anew; of each two columns."""
    fresh = [partial(in_fresh_process, contender) for contender in contenders]
    return [
        tuple(map(list, zip(*results, strict=True)))
        for results in in_turn(conditions.rounds, fresh)
    ]


def fit_rows(conditions: Conditions) -> list[Row]:
    """Five epochs, compiling and setting up included."""
    n_rows = conditions.rows(60_000)
    names = installed()
    rows = []
    for batch_size, promised in ((32, PROMISED_OF_A_FIT), (128, {})):
        fits = [
            partial(fit_once, conditions.folder, n_rows, name, batch_size, 5)
            for name in names
        ]
        (ours, reached), *peers = _in_turn(conditions, fits)
        rows += [
            Row(
                f"fit {n_rows:,} digits, 5 epochs, batch {batch_size}",
                name,
                "time",
                ours,
                theirs,
                at_least=promised.get(name),
                accuracies=(reached, reached_by_peer),
            )
            for name, (theirs, reached_by_peer) in zip(names[1:], peers, strict=True)
        ]
    return rows


def setup_rows(conditions: Conditions) -> list[Row]:
    """The first fit of a single batch, which is all but the work itself."""
    names = (SK_MNIST, KERAS, SCIKERAS)
    fits = [partial(fit_once, conditions.folder, 32, name, 32, 1) for name in names]
    (ours, _), *peers = _in_turn(conditions, fits)
    return [
        Row("set up, compile and fit one batch", name, "time", ours, theirs)
        for name, (theirs, _) in zip(names[1:], peers, strict=True)
    ]


def epoch_rows(conditions: Conditions) -> list[Row]:
    """An epoch when everything is compiled, against the least that it can cost."""
    n_rows = conditions.rows(60_000)
    loops = [
        partial(epoch, conditions.folder, n_rows, 5) for epoch in (our_epoch, xla_epoch)
    ]
    (ours, reached), (theirs, reached_by_loop) = _in_turn(conditions, loops)
    return [
        Row(
            f"an epoch of {n_rows:,} digits, batch 32",
            "bare XLA loop",
            "time",
            ours,
            theirs,
            at_most=1.25,
            accuracies=(reached, reached_by_loop),
        )
    ]


def scale_rows(conditions: Conditions) -> list[Row]:
    """Whether a digit costs the same, however many there are."""
    sizes = sorted({conditions.rows(n) for n in (1_000, 10_000, 100_000, 1_000_000)})
    epochs = [partial(our_epoch, conditions.folder, n_rows, 4) for n_rows in sizes]
    durations = [
        [duration / n_rows for duration in column]
        for n_rows, (column, _) in zip(sizes, _in_turn(conditions, epochs), strict=True)
    ]
    of_size = dict(zip(sizes, durations, strict=True))
    *_, base = (n_rows for n_rows in sizes if n_rows <= 10_000)
    return [
        Row(
            f"a digit of an epoch of {n_rows:,}",
            f"one of {base:,}",
            "time",
            of_size[n_rows],
            of_size[base],
            at_most=1.15 if n_rows > base else None,
        )
        for n_rows in sizes
        if n_rows != base
    ]
