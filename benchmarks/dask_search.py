"""What a grid search costs serially, in threads, in processes and on Dask.

    python -m benchmarks.dask_search

Each way runs the same 12 fits twice: the first run includes what workers import and
compile, the second finds them warm.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import joblib
from distributed import Client, LocalCluster
from sklearn.model_selection import GridSearchCV

from sk_mnist import load_sample_digits, recipes

GRID = {"mlp__hidden_units": [64, 256], "mlp__learning_rate": [0.001, 0.004]}


@contextmanager
def dask(n_workers: int, arrays: list[Any]) -> Iterator[None]:
    """Let joblib use a local cluster of so many processes."""
    with (
        LocalCluster(
            n_workers=n_workers, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        Client(cluster),
        joblib.parallel_config("dask", scatter=arrays),
    ):
        yield


def main() -> None:
    """Print a line for each way."""
    X, y = load_sample_digits(return_X_y=True)
    pipeline = recipes.build("fast", epochs=20, random_state=0)
    ways = {
        "serially": nullcontext(),
        "2 threads": joblib.parallel_config("threading", n_jobs=2),
        "2 processes (loky)": joblib.parallel_config("loky", n_jobs=2),
        "Dask, 1 worker": dask(1, [X, y]),
        "Dask, 2 workers": dask(2, [X, y]),
    }
    for name, way in ways.items():
        times = []
        with way:
            for _ in range(2):
                started = time.perf_counter()
                GridSearchCV(pipeline, GRID, cv=3, refit=False).fit(X, y)
                times.append(time.perf_counter() - started)
        print(f"{name:20} first {times[0]:5.1f} s, again {times[1]:5.1f} s", flush=True)


if __name__ == "__main__":
    main()
