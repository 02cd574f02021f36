"""Memory that training and predicting take."""

import contextlib
import os
import tracemalloc

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from networks import small
from sk_mnist import ImageNormalizer

needs_proc = pytest.mark.skipif(
    not os.path.exists("/proc/self/status"), reason="reads its memory from /proc"
)


# A block of batches, and what is kept for each of 300,000 rows beside their pixels.
BLOCKS = 45e6


@contextlib.contextmanager
def allocating_at_most(n_bytes):
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= n_bytes


@pytest.fixture(scope="module")
def many_rows(digits):
    """300,000 rows: 77 MB of float32. The network that trains on them is compiled."""
    X, y = digits
    rows = np.arange(300_000) % len(X)
    small(epochs=1, batch_size=1024).fit(X[rows[:2000]], y[rows[:2000]])
    return X[rows], y[rows]


@pytest.mark.parametrize(
    ("dtype", "copies"), [(np.float32, 0), (np.float64, 1), (np.uint8, 1)]
)
@pytest.mark.filterwarnings("ignore:X holds pixels of 0 to 255")
def test_fit_copies_the_data_at_most_once(many_rows, dtype, copies):
    X, y = many_rows
    one_copy = X.nbytes
    X = X.astype(dtype)
    with allocating_at_most(copies * one_copy + BLOCKS):
        small(epochs=1, batch_size=1024).fit(X, y)


def test_bytes_go_through_the_pipeline_without_a_float64_copy(many_rows):
    X, y = many_rows
    one_copy = X.nbytes
    X = (X * 255).astype(np.uint8)
    pipeline = make_pipeline(ImageNormalizer(), small(epochs=1, batch_size=1024))
    with allocating_at_most(one_copy + BLOCKS):
        pipeline.fit(X, y)


def test_memory_map_trains_through_partial_fit_in_bounded_memory(tmp_path, many_rows):
    X, y = many_rows
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    classifier = small(batch_size=1024)
    with allocating_at_most(BLOCKS):
        classifier.partial_fit(mapped, y, classes=range(10))
    by_chunks = small(batch_size=1024)
    with allocating_at_most(BLOCKS):
        for start in range(0, len(X), 100_000):
            chunk = slice(start, start + 100_000)
            by_chunks.partial_fit(mapped[chunk], y[chunk], classes=range(10))
    assert by_chunks.n_iter_ == 3
    assert classifier.score(X[:1000], y[:1000]) > 0.8


def test_prediction_of_many_rows_takes_bounded_memory(many_rows):
    X, y = many_rows
    classifier = small(hidden_units=512, epochs=1).fit(X[:500], y[:500])
    hidden_layer = len(X) * 512 * 4
    with allocating_at_most(hidden_layer / 10):
        assert classifier.predict_proba(X).shape == (len(X), 10)


PEAK_OF_A_FIT = """
import sys
import numpy as np
from sk_mnist import MNISTMLPClassifier

def peak():  # not getrusage's, which begins at that of the process which started this
    with open("/proc/self/status") as file:
        (line,) = [line for line in file if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024

rng = np.random.default_rng(0)
X = rng.random((60_000, 784), dtype=np.float32)
y = np.arange(60_000) % 10
import sk_mnist._keras._training
before = peak()
MNISTMLPClassifier(
    epochs=1, batch_size=128, validation_split=float(sys.argv[1]), random_state=0
).fit(X, y)
print(peak() - before, X.nbytes)
"""


@needs_proc
@pytest.mark.parametrize("validation_split", [0.0, 0.5])
def test_fit_of_60000_images_raises_peak_memory_by_no_more_than_a_copy(
    run_python, validation_split
):
    completed = run_python(PEAK_OF_A_FIT, validation_split)
    assert completed.returncode == 0, completed.stderr
    grown, one_copy = map(int, completed.stdout.split())
    assert grown <= one_copy + 150e6
