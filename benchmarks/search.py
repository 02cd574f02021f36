"""Rows on a grid search of 2 x 2 settings, 3 folds and the refit; and on two fits."""

import os
from functools import partial
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed, parallel_config

from .digits import test_digits, training_digits
from .measure import Conditions, in_fresh_process, in_fresh_turns, in_turn, seconds
from .peers import SCIKERAS, SK_MNIST, accuracy, new_estimator
from .row import Row, Trained, training_row

GRID = {"hidden_units": [64, 128], "epochs": [2, 4]}


def _search(name: str, n_jobs: int, seed: int = 0) -> Any:
    from sklearn.model_selection import GridSearchCV

    estimator = new_estimator(name, batch_size=32, epochs=1, seed=seed)
    return GridSearchCV(estimator, GRID, cv=3, n_jobs=n_jobs)


def _timed(search: Any, folder: Path, n_rows: int) -> Trained:
    X, y = training_digits(folder, n_rows)
    duration = seconds(lambda: search.fit(X, y))
    return Trained(duration, accuracy(search, *test_digits(folder)))


def search_once(folder: Path, n_rows: int, name: str, seed: int) -> Trained:
    """A search in one process, compiling included."""
    return _timed(_search(name, n_jobs=1, seed=seed), folder, n_rows)


def _keep_fits_to_one_thread() -> None:
    """As the documentation advises; in a process that has not started TensorFlow."""
    os.environ["OMP_NUM_THREADS"] = "1"


def search_in_threads(folder: Path, n_rows: int, seed: int) -> Trained:
    """The same search, two fits at a time."""
    _keep_fits_to_one_thread()
    with parallel_config("threading"):
        return _timed(_search(SK_MNIST, n_jobs=2, seed=seed), folder, n_rows)


def search_with_warm_workers(
    folder: Path, n_rows: int, rounds: int
) -> list[list[Trained]]:
    """Searches in two processes and in one, both of which have done one before."""
    searches = [_search(SK_MNIST, n_jobs) for n_jobs in (2, 1)]
    for search in searches:
        _timed(search, folder, n_rows)
    return in_turn(
        rounds, [lambda _, s=search: _timed(s, folder, n_rows) for search in searches]
    )


def search_rows(conditions: Conditions) -> list[Row]:
    """One fit after the other against SciKeras, and two at a time against that."""
    folder, n_rows = conditions.folder, conditions.rows(10_000)
    ours, theirs, threads = in_fresh_turns(
        conditions.rounds,
        [
            partial(search_once, folder, n_rows, SK_MNIST),
            partial(search_once, folder, n_rows, SCIKERAS),
            partial(search_in_threads, folder, n_rows),
        ],
    )
    parallel, serial = in_fresh_process(
        search_with_warm_workers, folder, n_rows, conditions.rounds
    )
    what = f"grid search, {n_rows:,} digits, 2 x 2 x 3 fits and refit"
    return [
        training_row(what, SCIKERAS, ours, theirs, at_least=5),
        training_row(
            "the same grid in two threads, first in its process",
            "itself, n_jobs=1",
            threads,
            ours,
            at_least=1.3,
        ),
        training_row(
            "the same grid, n_jobs=2, workers warm",
            "itself, n_jobs=1",
            parallel,
            serial,
            at_least=1,
        ),
    ]


def two_fits(folder: Path, n_rows: int, n_jobs: int, _: int) -> float:
    """Time of two fits, everything compiled, with so many at once."""
    if n_jobs > 1:
        _keep_fits_to_one_thread()
    fits = [
        delayed(new_estimator(SK_MNIST, batch_size=32, epochs=5, seed=seed).fit)
        for seed in range(2)
    ]
    X, y = training_digits(folder, n_rows)
    in_threads = Parallel(n_jobs, backend="threading")
    in_threads(fit(X[:32], y[:32]) for fit in fits)
    return seconds(lambda: in_threads(fit(X, y) for fit in fits))


def threads_rows(conditions: Conditions) -> list[Row]:
    """Two fits at once in the threads of one process."""
    n_rows = conditions.rows(60_000)
    at_once, one_by_one = in_fresh_turns(
        conditions.rounds,
        [partial(two_fits, conditions.folder, n_rows, n_jobs) for n_jobs in (2, 1)],
    )
    what = f"two fits of {n_rows:,} digits at once in threads"
    return [Row(what, "one after the other", "time", at_once, one_by_one, at_least=1.7)]
