"""Rows on a grid search: 2 x 2 settings, 3 folds, and the refit."""

from functools import partial
from pathlib import Path
from typing import Any

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
    """Serial against SciKeras, then in two processes against one."""
    folder, n_rows = conditions.folder, conditions.rows(10_000)
    searches = [
        partial(search_once, folder, n_rows, name) for name in (SK_MNIST, SCIKERAS)
    ]
    ours, theirs = in_fresh_turns(conditions.rounds, searches)
    parallel, serial = in_fresh_process(
        search_with_warm_workers, folder, n_rows, conditions.rounds
    )
    what = f"grid search, {n_rows:,} digits, 2 x 2 x 3 fits and refit"
    return [
        training_row(what, SCIKERAS, ours, theirs, at_least=5),
        training_row(
            "the same grid, n_jobs=2, workers warm",
            "itself, n_jobs=1",
            parallel,
            serial,
            at_least=1,
        ),
    ]
