"""What a grid search costs serially, in threads, in processes and on Dask.

    python -m benchmarks.dask_search

Each way runs the same 12 fits twice: the first run includes what workers import and
compile, the second finds them warm. From the costs of one and two workers follow those
of a hundred, on machines of their own.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import joblib
from distributed import Client, LocalCluster, get_client
from sklearn.model_selection import GridSearchCV

from sk_mnist import load_sample_digits, recipes

N_FITS = 12
N_EMPTY_TASKS = 1_000
MANY_WORKERS = 100
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


def measured(function: Callable[[], Any]) -> float:
    """Seconds of one call."""
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def seconds_of_a_task() -> float:
    """What the scheduler takes to hand out a task, and to take its result back."""
    with dask(2, []):
        client = get_client()
        client.gather(client.map(abs, range(10)))
        numbers = range(10, 10 + N_EMPTY_TASKS)
        return measured(lambda: client.gather(client.map(abs, numbers))) / N_EMPTY_TASKS


def forecast(one: list[float], two: list[float], task: float, n_bytes: int) -> str:
    """Say what the measured costs mean for many workers.

    Parameters
    ----------
    one, two : list of float
        Seconds of the first and of the second search on one and on two workers.
    task : float
        Seconds of a task on the scheduler.
    n_bytes : int
        Of the data that each worker gets.
    """
    start = max(0.0, one[0] - one[1])  # less than the noise where workers start early
    fit = one[1] / N_FITS
    n_fits = N_FITS * MANY_WORKERS
    alone = start + n_fits * fit
    together = start + max(N_FITS * fit, n_fits * task)
    megabytes = n_bytes / 1e6
    return f"""\
A worker's start costs {start:.1f} s, then a fit {fit:.2f} s, a task on the scheduler \
{1000 * task:.1f} ms.
Side by side on this machine, two workers are each {one[1] / (2 * two[1]):.0%} as fast \
as one alone.

{MANY_WORKERS} workers on machines of their own would start at the same time. The data \
are {megabytes:.1f} MB for each,
{MANY_WORKERS * megabytes:.0f} MB in all.
{N_FITS} fits keep {N_FITS} of them busy: {start + fit:.1f} s instead of \
{start + N_FITS * fit:.1f} s on one worker.
{n_fits:,} fits take {together:.1f} s instead of {alone:.0f} s: \
{alone / together:.0f} times as fast.
The scheduler could keep up to {fit / task:.0f} workers busy with such fits."""


def main() -> None:
    """Print a line for each way, and what follows for many workers."""
    X, y = load_sample_digits(return_X_y=True)
    pipeline = recipes.build("fast", epochs=20, random_state=0)
    search = GridSearchCV(pipeline, GRID, cv=3, refit=False)
    # Made when they are entered: joblib's begin to work when they are made.
    ways: dict[str, Callable[[], Any]] = {
        "serially": nullcontext,
        "2 threads": partial(joblib.parallel_config, "threading", n_jobs=2),
        "2 processes (loky)": partial(joblib.parallel_config, "loky", n_jobs=2),
        "Dask, 1 worker": partial(dask, 1, [X, y]),
        "Dask, 2 workers": partial(dask, 2, [X, y]),
    }
    seconds = {}
    for name, way in ways.items():
        with way():
            times = [measured(lambda: search.fit(X, y)) for _ in range(2)]
        print(f"{name:20} first {times[0]:5.1f} s, again {times[1]:5.1f} s", flush=True)
        seconds[name] = times
    one, two = seconds["Dask, 1 worker"], seconds["Dask, 2 workers"]
    print("\n" + forecast(one, two, seconds_of_a_task(), X.nbytes + y.nbytes))


if __name__ == "__main__":
    main()
