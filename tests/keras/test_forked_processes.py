"""A fit in a process that was forked after TensorFlow had started."""

import multiprocessing

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


def test_forked_process_predicts(digits, baseline):
    X, _ = digits
    forked = run_forked(baseline.predict_proba, X)
    assert_array_equal(forked, baseline.predict_proba(X))


def test_forked_process_clears_its_session(baseline):
    assert run_forked(sk_mnist.clear_session) is None
