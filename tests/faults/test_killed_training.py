"""A training that is killed and continued ends with the weights of an unbroken one."""

import os
import subprocess
import sys
import time

import joblib

from fault_counts import held
from networks import assert_same_network

FIT = """
import os, sys
import joblib, keras
from sk_mnist import MNISTMLPClassifier, load_sample_digits

X, y = load_sample_digits(return_X_y=True)
network = MNISTMLPClassifier(
    500,
    epochs=20,
    dropout=0.2,
    learning_rate_schedule="cosine",
    warmup_epochs=2,
    ema_momentum=0.9,
    validation_split=0.1,
    callbacks=[keras.callbacks.BackupAndRestore(sys.argv[1])],
    random_state=0,
)
print("begins", flush=True)
joblib.dump(network.fit(X / 255, y), f"{sys.argv[2]}.part")
os.replace(f"{sys.argv[2]}.part", sys.argv[2])
"""


def start_fitting(backup, result):
    """Start a process that fits, and return it when it begins."""
    process = subprocess.Popen(
        [sys.executable, "-c", FIT, backup, result],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.readline()
    return process


def test_training_that_is_killed_goes_on(tmp_path, few_times, chance):
    process = start_fitting(tmp_path / "backup", tmp_path / "unbroken")
    start = time.monotonic()
    process.communicate()
    duration = time.monotonic() - start
    unbroken = joblib.load(tmp_path / "unbroken")

    kills = 0
    while kills < few_times:
        result = tmp_path / "result"
        process = start_fitting(tmp_path / "backup", result)
        time.sleep(chance.uniform(0, duration))
        if process.poll() is None:
            process.kill()
            kills += 1
        process.communicate()
        if result.exists():
            assert_same_network(joblib.load(result), unbroken)
            result.unlink()
    process = start_fitting(tmp_path / "backup", tmp_path / "result")
    _, printed = process.communicate()
    assert process.returncode == 0, printed
    assert_same_network(joblib.load(tmp_path / "result"), unbroken)
    assert os.listdir(tmp_path / "backup") == []
    held(
        "SIGKILL during a `fit` with `BackupAndRestore`",
        "The same fit goes on, and ends with the weights of an unbroken one, bit for "
        "bit.",
        kills,
    )
