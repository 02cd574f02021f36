"""A fit in a process that was forked after TensorFlow had started."""

import multiprocessing
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import sk_mnist
from networks import small

pytestmark = [
    pytest.mark.skipif(
        "fork" not in multiprocessing.get_all_start_methods(), reason="needs fork"
    ),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded"),
]


def run_forked(function, *arguments):
    """Call a function in a forked process and return what it returns or raises."""

    def call(connection):
        try:
            connection.send(function(*arguments))
        except Exception as error:
            connection.send(error)

    receiving, sending = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=call, args=(sending,))
    process.start()
    try:
        assert receiving.poll(60), "the forked process hangs"
        result = receiving.recv()
        process.join(60)
        assert process.exitcode == 0
        return result
    finally:
        process.kill()


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_fit_in_a_forked_process_says_how_to_start_it(digits, baseline, method):
    error = run_forked(getattr(small(), method), *digits)
    assert isinstance(error, RuntimeError)
    assert "spawn" in str(error)


def test_conversion_in_a_forked_process_says_how_to_start_it(baseline):
    assert isinstance(run_forked(baseline.to_keras), RuntimeError)


# Another part of a program starts TensorFlow, and forks before sk_mnist is imported.
FORKED_BY_OTHERS = """
import os, sys
import numpy as np
import tensorflow

tensorflow.constant(0)
child = os.fork()
data = np.load(sys.argv[1])
from sk_mnist import MNISTMLPClassifier
classifier = MNISTMLPClassifier(epochs=1)
if child == 0:
    try:
        classifier.fit(data["X"], data["y"])
    except RuntimeError as error:
        os._exit(7 if "spawn" in str(error) else 1)
    os._exit(0)
_, status = os.waitpid(child, 0)
print(os.waitstatus_to_exitcode(status), classifier.fit(data["X"], data["y"]).n_iter_)
"""


def test_process_forked_by_others_says_how_to_start_it(digits, run_python, tmp_path):
    X, y = digits
    np.savez(tmp_path / "digits.npz", X=X, y=y)
    completed = run_python(FORKED_BY_OTHERS, tmp_path / "digits.npz")
    assert completed.stdout == "7 1\n", completed.stderr


# TensorFlow 2.20 and older leave their threads the name of the process.
THREADS_WITHOUT_NAMES = """
import sys
from pathlib import Path
import numpy as np
import tensorflow

tensorflow.constant(0)
for thread in Path("/proc/self/task").iterdir():
    (thread / "comm").write_text("python")
from sk_mnist import MNISTMLPClassifier
data = np.load(sys.argv[1])
print(MNISTMLPClassifier(epochs=1).fit(data["X"], data["y"]).n_iter_)
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_process_that_was_not_forked_fits_whatever_its_threads_are_called(
    digits, run_python, tmp_path
):
    X, y = digits
    np.savez(tmp_path / "digits.npz", X=X, y=y)
    completed = run_python(THREADS_WITHOUT_NAMES, tmp_path / "digits.npz")
    assert completed.stdout == "1\n", completed.stderr


def test_forked_process_predicts(digits, baseline):
    X, _ = digits
    forked = run_forked(baseline.predict_proba, X)
    assert_array_equal(forked, baseline.predict_proba(X))


def test_forked_process_clears_its_session(baseline):
    assert run_forked(sk_mnist.clear_session) is None
