"""A search on a real Dask cluster, and images that are larger than memory."""

import os
import signal
import threading
from contextlib import contextmanager
from itertools import chain

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    StratifiedKFold,
)
from sklearn.pipeline import Pipeline

from held_fits import HeldScore
from sk_mnist import ImageNormalizer, MNISTMLPClassifier

distributed = pytest.importorskip(
    "distributed", reason="the extra dask is not installed"
)

import dask.array as da

GRID = {"mlp__hidden_units": [8, 16], "mlp__learning_rate": [0.01, 0.03]}


def small(**parameters):
    """A network; `networks.small` would import Keras before a worker trains."""
    return MNISTMLPClassifier(16, **{"epochs": 2, "random_state": 0, **parameters})


@pytest.fixture(scope="module")
def images(sample_digits):
    return sample_digits.data[:300], sample_digits.target[:300]


@pytest.fixture(scope="module")
def splits(images):
    return list(StratifiedKFold(3).split(*images))


@contextmanager
def cluster_of_two():
    """A client of two worker processes, one thread each."""
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            memory_limit=None,
            dashboard_address=":0",  # tests have clusters side by side
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.amm.stop()  # it would delete all but one copy of the data
        yield client


@pytest.fixture(scope="module")
def client():
    with cluster_of_two() as client:
        yield client


def make_search(search=GridSearchCV, score=None, **options):
    """A search for the best network, scored by its loss and by `score`."""
    scoring = {"loss": "neg_log_loss"} | ({"process": score} if score else {})
    pipeline = Pipeline([("normalize", ImageNormalizer()), ("mlp", small())])
    return search(
        pipeline, GRID, scoring=scoring, refit=False, error_score="raise", **options
    )


def losses(search):
    """The loss of each candidate on each split."""
    return np.array([search.cv_results_[f"split{i}_test_loss"] for i in range(3)])


def fit_serially(X, y, splits):
    return losses(make_search(cv=splits).fit(X, y))


@pytest.fixture(scope="module")
def serial(client, images, splits):
    """Losses of the search without Dask, with as many threads as a worker has."""
    return client.submit(fit_serially, *images, splits).result()


def fit_on_dask(search, X, y, splits):
    """Send all arrays to all workers first, so that no worker holds the only copy."""
    arrays = [X, y, *chain.from_iterable(splits)]
    with joblib.parallel_config("dask", scatter=arrays):
        return search.fit(X, y)


def test_grid_search_gives_the_serial_results_to_the_bit(
    client, images, splits, serial
):
    search = fit_on_dask(make_search(cv=splits), *images, splits)
    assert_array_equal(losses(search), serial)


def test_randomized_search_gives_the_serial_results_to_the_bit(
    client, images, splits, serial
):
    search = make_search(RandomizedSearchCV, n_iter=4, random_state=0, cv=splits)
    fit_on_dask(search, *images, splits)
    order = np.lexsort(
        [search.cv_results_[f"param_{name}"].astype(float) for name in reversed(GRID)]
    )
    assert_array_equal(losses(search)[:, order], serial)


def test_data_are_sent_once(client, images, splits, monkeypatch):
    X, y = images
    sent = []
    scatter = client.scatter

    def noted(data, *args, **keywords):
        sent.extend(data if isinstance(data, list) else [data])
        return scatter(data, *args, **keywords)

    monkeypatch.setattr(client, "scatter", noted)
    with joblib.parallel_config("dask", scatter=[X, y]):
        make_search(cv=splits).fit(X, y)
    assert sum(data is X for data in sent) == 1
    assert sum(np.size(data) for data in sent) < 2 * X.size


def fit_and_tell_threads(X, y):
    small(epochs=1).fit(X, y)
    import tensorflow as tf

    return tf.config.threading.get_intra_op_parallelism_threads()


def test_workers_keep_to_their_threads(client, digits):
    assert set(client.run(fit_and_tell_threads, *digits).values()) == {1}


# These two wait for processes to start, which a busy machine does slowly.


@pytest.fixture
def held_search(serial, images, splits, tmp_path):
    """A search on a cluster of its own, held in the middle, its thread and scorer."""
    score = HeldScore(tmp_path)
    search = make_search(score=score, cv=splits)
    with cluster_of_two() as client, client.as_current():
        thread = threading.Thread(target=fit_on_dask, args=(search, *images, splits))
        thread.start()
        yield client, search, score, thread
        score.go()
        thread.join()


def processes(search):
    """The number of the process that ran each fit."""
    return set(
        np.ravel([search.cv_results_[f"split{i}_test_process"] for i in range(3)])
    )


@pytest.mark.nightly
def test_a_worker_killed_in_the_middle_changes_no_result(held_search, serial):
    _, search, score, thread = held_search
    victim, *_ = score.processes(at_least=2)
    os.kill(victim, signal.SIGKILL)
    score.go()
    thread.join(timeout=120)
    assert_array_equal(losses(search), serial)
    assert victim not in processes(search)


@pytest.mark.nightly
def test_a_worker_added_in_the_middle_takes_part(held_search, serial):
    client, search, score, thread = held_search
    before = set(score.processes(at_least=2))
    client.cluster.scale(3)
    score.processes(at_least=3)
    score.go()
    thread.join(timeout=120)
    assert_array_equal(losses(search), serial)
    assert processes(search) - before


def test_a_dask_array_is_predicted_block_by_block(client, fitted_pipeline, images):
    X, _ = images
    blocks = da.from_array(X, chunks=(70, 784))
    probabilities = blocks.map_blocks(
        fitted_pipeline.predict_proba, dtype=np.float32, chunks=(blocks.chunks[0], 10)
    )
    assert probabilities.shape == (300, 10)
    assert_allclose(probabilities, fitted_pipeline.predict_proba(X), atol=1e-6)


TRAIN_ON_DISK = """
import resource, sys
import numpy as np
from sk_mnist import ImageNormalizer, MNISTMLPClassifier

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

images = np.load(sys.argv[1], mmap_mode="r")
y = np.arange(len(images)) % 10
normalizer = ImageNormalizer().fit(images[:1000])
classifier = MNISTMLPClassifier(8, batch_size=1000, random_state=0)
blocks = [slice(i, i + 10_000) for i in range(0, len(images), 10_000)]
rows = normalizer.transform(images[blocks[0]])
classifier.partial_fit(rows, y[blocks[0]], classes=range(10))
before = peak()
for block in blocks[1:]:
    classifier.partial_fit(normalizer.transform(images[block]), y[block])
for block in blocks:
    classifier.predict_proba(normalizer.transform(images[block]))
print(classifier.n_iter_, (peak() - before) / images.nbytes)
"""


def test_images_on_disk_are_trained_on_without_a_float_copy(tmp_path, run_python):
    pytest.importorskip("resource", reason="Windows does not tell the peak of memory")
    shape = (100_000, 784)
    images = np.lib.format.open_memmap(
        tmp_path / "images.npy", "w+", dtype=np.uint8, shape=shape
    )
    images[::100] = 255
    images.flush()
    completed = run_python(TRAIN_ON_DISK, tmp_path / "images.npy")
    n_blocks, growth = completed.stdout.split()
    assert n_blocks == "10"
    # The system counts pages of the file that it keeps at hand; floats were 4 times it.
    assert float(growth) < 2


def test_dask_ml_trains_and_predicts_block_by_block(images):
    wrappers = pytest.importorskip(
        "dask_ml.wrappers", reason="dask-ml is not installed"
    )
    rows, y = ImageNormalizer().fit_transform(images[0]), images[1]
    X = da.from_array(rows, chunks=(100, 784))
    incremental = wrappers.Incremental(small(), random_state=0, shuffle_blocks=False)
    incremental.fit(X, da.from_array(y, chunks=100), classes=range(10))
    expected = small()
    for start in range(0, 300, 100):
        block = slice(start, start + 100)
        expected.partial_fit(rows[block], y[block], classes=range(10))
    probabilities = expected.predict_proba(rows)
    assert_allclose(incremental.predict_proba(X), probabilities, atol=1e-6)
    after = wrappers.ParallelPostFit(expected)
    assert_allclose(after.predict_proba(X), probabilities, atol=1e-6)
