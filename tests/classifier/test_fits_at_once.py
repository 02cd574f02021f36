"""Fits and predictions in many threads, in event loops, in workers and at the end."""

import asyncio
import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor

import joblib
import keras
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from networks import assert_same_network, small

N_THREADS = 16


@pytest.fixture
def in_sixteen_threads():
    """A function that calls another one in 16 threads, which begin together."""
    together = threading.Barrier(N_THREADS)

    def call(function):
        def begin(number):
            together.wait()
            return function(number)

        with ThreadPoolExecutor(N_THREADS) as pool:
            return list(pool.map(begin, range(N_THREADS)))

    return call


def test_many_threads_fit_as_alone(digits, other_digits, in_sixteen_threads):
    X_val, y_val = other_digits
    settings = [{"random_state": seed} for seed in range(3)] + [{"hidden_units": 10}]

    def fit_and_predict(number):
        classifier = small(**settings[number % 4])
        classifier.fit(*digits, X_val=X_val, y_val=y_val)
        return classifier.predict_proba(X_val)

    together = in_sixteen_threads(fit_and_predict)
    alone = [fit_and_predict(number) for number in range(4)]
    for number, probabilities in enumerate(together):
        assert_array_equal(probabilities, alone[number % 4])


def test_many_threads_that_train_one_estimator_lose_nothing_in_silence(
    digits, in_sixteen_threads
):
    classifier = small(epochs=1).fit(*digits)

    def is_trained(_):
        try:
            classifier.partial_fit(*digits)
        except RuntimeError as error:
            assert "Fit a clone in each thread" in str(error)  # noqa: PT017
            return False
        return True

    n_trained = sum(in_sixteen_threads(is_trained))
    assert classifier.n_iter_ == 1 + n_trained
    one_by_one = small(epochs=1).fit(*digits)
    for _ in range(n_trained):
        one_by_one.partial_fit(*digits)
    assert_same_network(classifier, one_by_one)


def test_threads_predict_by_the_old_fit_or_by_the_new_one(digits, in_sixteen_threads):
    X, y = digits
    names = np.array(list("jihgfedcba"))[y]  # sorted, they have another order
    classifier = small(epochs=1).fit(X, y)
    new = clone(classifier).fit(X, names)
    expected = [network.predict(X).tolist() for network in (classifier, new)]

    def predict_or_fit(number):
        if number == 0:
            classifier.fit(X, names)
        return [classifier.predict(X).tolist() for _ in range(50)]

    for predictions in in_sixteen_threads(predict_or_fit):
        assert all(prediction in expected for prediction in predictions)
    assert_same_network(classifier, new)


def test_what_a_callback_sets_on_the_estimator_is_kept(digits):
    classifier = small()

    def be_patient(epoch, logs):
        classifier.set_params(patience=9)

    callback = keras.callbacks.LambdaCallback(on_epoch_end=be_patient)
    assert classifier.set_params(callbacks=[callback]).fit(*digits).patience == 9


def test_fits_in_an_event_loop(digits, baseline):
    async def fit_two():
        fits = (asyncio.to_thread(small().fit, *digits) for _ in range(2))
        return await asyncio.gather(*fits)

    for classifier in asyncio.run(fit_two()):
        assert_same_network(classifier, baseline)


# Worker processes


def fitted_by(backend, digits):
    fits = (joblib.delayed(small().fit)(*digits) for _ in range(2))
    return joblib.Parallel(2, backend=backend)(fits)


@pytest.mark.parametrize(
    "backend", ["threading", pytest.param("loky", marks=pytest.mark.nightly)]
)
def test_joblib_fits_as_alone(digits, baseline, backend):
    for classifier in fitted_by(backend, digits):
        assert_same_network(classifier, baseline)


@pytest.mark.usefixtures("baseline")  # has started TensorFlow
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
@pytest.mark.skipif(
    multiprocessing.get_start_method() != "fork", reason="joblib does not fork here"
)
def test_joblib_that_forks_says_how_to_start_workers(digits):
    with pytest.raises(RuntimeError, match="backend 'loky'"):
        fitted_by("multiprocessing", digits)


@pytest.mark.nightly
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_processes_of_their_own_fit_as_alone(digits, baseline, method):
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert_same_network(pool.apply(small().fit, digits), baseline)


# The interpreter's end

AT_THE_END = """
import atexit, sys
import numpy as np
from sk_mnist import MNISTMLPClassifier

data = np.load(sys.argv[1])

def fit():
    try:
        classifier = MNISTMLPClassifier(epochs=1, random_state=0)
        print(classifier.fit(data["X"], data["y"]).loss_)
    except RuntimeError as error:
        print(error)

atexit.register(fit)  # is called after TensorFlow's end
fit()
atexit.register(fit)
"""


def test_fit_at_the_end_is_as_before_it_or_refused(digits, run_python, tmp_path):
    X, y = digits
    np.savez(tmp_path / "digits.npz", X=X, y=y)
    completed = run_python(AT_THE_END, tmp_path / "digits.npz")
    before, at_the_end, after_tensorflow = completed.stdout.splitlines()
    assert before == at_the_end
    assert "import tensorflow before atexit.register" in after_tensorflow
