"""What the tests share: data read once, networks trained once."""

import os
import signal
import subprocess
import sys

import hypothesis
import pytest
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline

import fault_counts
from networks import small
from sk_mnist import (
    ImageNormalizer,
    MNISTMLPClassifier,
    fetch_mnist,
    load_sample_digits,
)

os.environ.setdefault("MPLBACKEND", "agg")

collect_ignore = ["data/write_keras_2_files.py"]  # needs a library that tests do not

# Some 500 cases in all; pytest --hypothesis-profile=nightly tries more than 10,000.
hypothesis.settings.register_profile(
    "quick", max_examples=35, derandomize=True, deadline=None, database=None
)
hypothesis.settings.register_profile("nightly", max_examples=1000, deadline=None)
hypothesis.settings.load_profile("quick")

# A program that is started in the background, and whatever it starts, ignores Ctrl-C,
# which some tests press.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionfinish():
    """Keep what was tried, for the documentation."""
    fault_counts.write_table()


@pytest.fixture(scope="session")
def sample_digits():
    """The 1,797 embedded digits, in MNIST's frame."""
    return load_sample_digits()


@pytest.fixture(scope="session")
def mnist():
    """The real MNIST, split as published: (X_train, y_train), (X_test, y_test)."""
    if "SK_MNIST_DATA" not in os.environ:
        pytest.skip("SK_MNIST_DATA names no folder with the real MNIST")
    return tuple(
        fetch_mnist(subset=subset, return_X_y=True, download_if_missing=False)
        for subset in ("train", "test")
    )


def tiny_digits(rows):
    """Digits of 8 x 8 pixels, multiples of 1/16 and so exact in every float type."""
    X, y = load_digits(return_X_y=True)
    X, y = (X[rows] / 16).astype("float32"), y[rows]
    X.flags.writeable = y.flags.writeable = False
    return X, y


@pytest.fixture(scope="session")
def digits():
    """X of shape (401, 64) and y, read-only; 401 makes the last batch a partial one."""
    return tiny_digits(slice(401))


@pytest.fixture(scope="session")
def other_digits():
    """X of shape (300, 64) and y, none of them in `digits`."""
    return tiny_digits(slice(401, 701))


@pytest.fixture(scope="session")
def baseline(digits):
    """The small network, fitted with its defaults; tests only read it."""
    return small().fit(*digits)


@pytest.fixture(scope="session")
def fitted(digits):
    """A classifier that has learned `digits`; tests only read it."""
    return MNISTMLPClassifier(16, learning_rate=0.01, epochs=10, random_state=0).fit(
        *digits
    )


@pytest.fixture(scope="session")
def fitted_pipeline(sample_digits):
    """The whole way from raw images, fitted on half of them; tests only read it."""
    pipeline = make_pipeline(
        ImageNormalizer(),
        MNISTMLPClassifier(16, learning_rate=0.01, epochs=5, random_state=0),
    )
    return pipeline.fit(sample_digits.data[::2], sample_digits.target[::2])


@pytest.fixture(scope="session")
def run_python():
    """Run a script in a fresh Python process, as long as pytest grants the test."""

    def run(script, *arguments, **environment):
        return subprocess.run(
            [sys.executable, "-c", script, *map(str, arguments)],
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
        )

    return run
