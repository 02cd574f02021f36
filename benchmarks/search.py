"""Rows on a grid search: 2 x 2 settings, 3 folds, and the refit."""

from functools import partial
from pathlib import Path
from typing import Any

from .digits import test_digits, training_digits
from .measure import Conditions, in_fresh_process, in_turn, seconds
from .peers import SCIKERAS, SK_MNIST, accuracy, new_estimator
from .report import Row

GRID = {"hidden_units": [64, 128], "epochs": [2, 4]}


def _search(name: str, n_jobs: int, seed: int = 0) -> Any:
    from sklearn.model_selection import GridSearchCV

    estimator = new_estimator(name, batch_size=32, epochs=1, seed=seed)
    return GridSearchCV(estimator, GRID, cv=3, n_jobs=n_jobs)


def search_once(folder: Path, n_rows: int, name: str, seed: int) -> tuple[float, float]:
    """Seconds of a search, compiling included, and the accuracy that it reached."""
    X, y = training_digits(folder, n_rows)
    search = _search(name, n_jobs=1, seed=seed)
    duration = seconds(lambda: search.fit(X, y))
    return duration, accuracy(search, *test_digits(folder))


def search_with_warm_workers(
    folder: Path, n_rows: int, rounds: int
) -> list[list[float]]:
    """Seconds of searches in one process and in two, both of which have done one."""
    X, y = training_digits(folder, n_rows)
    searches = [_search(SK_MNIST, n_jobs) for n_jobs in (2, 1)]
    for search in searches:
        search.fit(X, y)
    return in_turn(
        rounds,
        [lambda _, s=search: seconds(lambda: s.fit(X, y)) for search in searches],
    )


def search_rows(conditions: Conditions) -> list[Row]:
    """Serial against SciKeras, then in two processes against one."""
    n_rows = conditions.rows(10_000)
    searches = [
        partial(in_fresh_process, search_once, conditions.folder, n_rows, name)
        for name in (SK_MNIST, SCIKERAS)
    ]
    ours, theirs = in_turn(conditions.rounds, searches)
    our_seconds, our_accuracies = zip(*ours, strict=True)
    their_seconds, their_accuracies = zip(*theirs, strict=True)
    parallel, serial = in_fresh_process(
        search_with_warm_workers, conditions.folder, n_rows, conditions.rounds
    )
    what = f"grid search, {n_rows:,} digits, 2 x 2 x 3 fits and refit"
    return [
        Row(
            what,
            SCIKERAS,
            "time",
            our_seconds,
            their_seconds,
            at_least=5,
            accuracies=(our_accuracies, their_accuracies),
        ),
        Row(
            "the same with n_jobs=2, warm",
            "itself with n_jobs=1",
            "time",
            parallel,
            serial,
            at_least=1,
        ),
    ]
