"""Rows on the time of training: whole fits, setting up, and the steady epoch."""

import time
from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median

from .digits import test_digits, training_digits
from .measure import (
    Conditions,
    in_fresh_turns,
    in_turn,
    seconds,
    seconds_of_script,
)
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
from .row import Row, Trained, training_row

TARGETS_OF_A_FIT = {KERAS: 7, SCIKERAS: 7, SCIKIT_LEARN: 3.5, PYTORCH: 1.8}
TRAIN_AND_SAVE = """
import sys
from pathlib import Path
import joblib
from benchmarks.digits import training_digits
from benchmarks.peers import new_estimator
name, folder, n_rows, path = sys.argv[1:]
X, y = training_digits(Path(folder), int(n_rows))
joblib.dump(new_estimator(name, batch_size=32, epochs=5).fit(X, y), path)
"""


def fit_once(
    folder: Path, n_rows: int, name: str, batch_size: int, epochs: int, seed: int
) -> Trained:
    """One fit, from its call to its end."""
    X, y = training_digits(folder, n_rows)
    estimator = new_estimator(name, batch_size=batch_size, epochs=epochs, seed=seed)
    duration = seconds(lambda: estimator.fit(X, y))
    return Trained(duration, accuracy(estimator, *test_digits(folder)))


def our_epoch(folder: Path, n_rows: int, epochs: int, seed: int) -> Trained:
    """The steady epoch of sk-mnist, by Keras's clock: the first one sets things up."""
    X, y = training_digits(folder, n_rows)
    estimator = new_estimator(SK_MNIST, batch_size=32, epochs=epochs, seed=seed)
    from sk_mnist._keras._backend import keras

    ends: list[float] = []
    clock = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter())
    )
    estimator.set_params(callbacks=[clock]).fit(X, y)
    durations = [end - start for start, end in pairwise(ends)]
    return Trained(median(durations), accuracy(estimator, *test_digits(folder)))


def xla_epoch(folder: Path, n_rows: int, epochs: int, seed: int) -> Trained:
    """The steady epoch of the bare loop: its first one compiles."""
    from .xla_loop import XLALoop

    loop = XLALoop(*training_digits(folder, n_rows), batch_size=32, seed=seed)
    durations = [seconds(loop.train_epoch) for _ in range(epochs)]
    return Trained(median(durations[1:]), accuracy(loop, *test_digits(folder)))


def _rows_of_fits(
    conditions: Conditions, batch_size: int, targets: Mapping[str, float]
) -> list[Row]:
    n_rows, names = conditions.rows(60_000), installed()
    ours, *peers = in_fresh_turns(
        conditions.rounds,
        [
            partial(fit_once, conditions.folder, n_rows, name, batch_size, 5)
            for name in names
        ],
    )
    what = f"fit {n_rows:,} digits, 5 epochs, batch {batch_size}"
    return [
        training_row(what, name, ours, theirs, at_least=targets.get(name))
        for name, theirs in zip(names[1:], peers, strict=True)
    ]


def fit_rows(conditions: Conditions) -> list[Row]:
    """Five epochs, compiling and setting up included."""
    return _rows_of_fits(conditions, 32, TARGETS_OF_A_FIT)


def large_batch_rows(conditions: Conditions) -> list[Row]:
    """The same with fewer, larger batches."""
    return _rows_of_fits(conditions, 128, {})


def process_rows(conditions: Conditions) -> list[Row]:
    """All that a user waits for who trains a network in a script."""
    n_rows, path = conditions.rows(60_000), conditions.folder / "trained.joblib"

    def train(name: str, _: int) -> float:
        return seconds_of_script(
            TRAIN_AND_SAVE, name, str(conditions.folder), str(n_rows), str(path)
        )

    names = (SK_MNIST, SCIKIT_LEARN)
    ours, theirs = in_turn(conditions.rounds, [partial(train, name) for name in names])
    what = f"whole process: start, load {n_rows:,} digits, fit 5 epochs, save"
    return [Row(what, SCIKIT_LEARN, "time", ours, theirs, at_least=1)]


def setup_rows(conditions: Conditions) -> list[Row]:
    """The first fit of a single batch, which is all but the work itself."""
    names = (SK_MNIST, KERAS, SCIKERAS)
    fits = [partial(fit_once, conditions.folder, 32, name, 32, 1) for name in names]
    ours, *peers = in_fresh_turns(conditions.rounds, fits)
    what = "set up, compile and fit one batch"
    durations = [fit.seconds for fit in ours]
    return [
        Row(what, name, "time", durations, [fit.seconds for fit in theirs])
        for name, theirs in zip(names[1:], peers, strict=True)
    ]


def epoch_rows(conditions: Conditions) -> list[Row]:
    """An epoch when everything is compiled, against the least that it can cost."""
    n_rows = conditions.rows(60_000)
    ours, theirs = in_fresh_turns(
        conditions.rounds,
        [
            partial(epoch, conditions.folder, n_rows, 5)
            for epoch in (our_epoch, xla_epoch)
        ],
    )
    what = f"steady epoch of {n_rows:,} digits, batch 32"
    return [training_row(what, "bare XLA loop", ours, theirs, at_most=1.1)]


def _epochs(n_rows: int) -> int:
    """More of the short epochs, for their median to be as sure as that of the long."""
    return 21 if n_rows <= 10_000 else 3


def scale_rows(conditions: Conditions) -> list[Row]:
    """Whether a digit costs the same, however many there are."""
    sizes = sorted({conditions.rows(n) for n in (1_000, 10_000, 100_000, 1_000_000)})
    epochs = [
        partial(our_epoch, conditions.folder, n_rows, _epochs(n_rows))
        for n_rows in sizes
    ]
    of_size = {
        n_rows: [epoch.seconds / n_rows for epoch in measured]
        for n_rows, measured in zip(
            sizes, in_fresh_turns(conditions.rounds, epochs), strict=True
        )
    }
    base = max(n_rows for n_rows in sizes if n_rows <= 10_000)
    return [
        Row(
            f"time per digit in an epoch of {n_rows:,}",
            f"of {base:,}",
            "time",
            of_size[n_rows],
            of_size[base],
            at_most=1.15 if n_rows > base else None,
        )
        for n_rows in sizes
        if n_rows != base
    ]
