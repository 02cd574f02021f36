"""Ctrl-C at any moment of a fit: the estimator as before, and the next fit works."""

import os
import select
import signal
import subprocess
import sys
import time

import pytest

from fault_counts import held

FIT_AGAIN_AND_AGAIN = """
import pickle, signal, sys
import numpy as np
from networks import assert_same_network
from sk_mnist import MNISTMLPClassifier, load_sample_digits

X, y = load_sample_digits(return_X_y=True)
X = X / np.float32(255)
short = MNISTMLPClassifier(16, epochs=1, random_state=0)
expected = MNISTMLPClassifier(16, epochs=1, random_state=0).fit(X, y)
short.fit(X[:500], y[:500])
for line in sys.stdin:
    before = pickle.dumps(short)
    try:
        print("fitting", flush=True)
        short.set_params(epochs=10**6).fit(X, y)
    except KeyboardInterrupt:
        # Another one may be under way.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    short.set_params(epochs=1)
    assert pickle.dumps(short) == before
    after = MNISTMLPClassifier(16, epochs=1, random_state=0).fit(X, y)
    assert_same_network(after, expected)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print("as before", flush=True)
"""


def interrupt_until_it_answers(process):
    """Again and again: Python drops an interrupt that falls into a destructor."""
    answered = []
    while not answered:
        process.send_signal(signal.SIGINT)
        answered, _, _ = select.select([process.stdout], [], [], 10)
    return process.stdout.readline()


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX systems")
def test_a_fit_that_is_interrupted(times, chance):
    with subprocess.Popen(
        [sys.executable, "-c", FIT_AGAIN_AND_AGAIN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        for _ in range(times):
            process.stdin.write("again\n")
            process.stdin.flush()
            assert process.stdout.readline() == "fitting\n"
            time.sleep(chance.uniform(0, 0.3))
            assert interrupt_until_it_answers(process) == "as before\n"
        process.stdin.close()
    assert process.returncode == 0
    held(
        "SIGINT during a `fit`",
        "KeyboardInterrupt, the estimator as it was; the next fit gives the weights "
        "that its seed gives.",
        times,
    )
