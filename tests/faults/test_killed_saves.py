"""Whatever kills a save: the old model or the whole new one, and a clean next run."""

import os
import subprocess
import sys
import time
from contextlib import suppress

import joblib
import pytest

from fault_counts import held
from networks import assert_same_network
from sk_mnist import MNISTMLPClassifier
from sk_mnist._files import check_writable

TRAIN = [
    *(sys.executable, "-m", "sk_mnist", "train", "--data", "sample", "--seed", "0"),
    *("--epochs", "1", "--hidden-units", "2000", "--out"),
]

SAVE_AGAIN_AND_AGAIN = """
import sys
import joblib

networks = [joblib.load(path) for path in sys.argv[2:]]
while True:
    for network in networks:
        for name in ("model.h5", "model.keras"):
            network.save_keras(f"{sys.argv[1]}/{name}")
    print("saved", flush=True)
"""


def is_being_written(folder, name):
    for temporary in folder.glob(".sk-mnist-*"):
        with suppress(OSError):
            if name in os.listdir(temporary / "contents"):
                return True
    return False


def kill_while_writing(process, folder, name, chance):
    """Kill a process at a random moment after it has begun to write a file."""
    while not is_being_written(folder, name) and process.poll() is None:
        time.sleep(0.001)
    time.sleep(chance.uniform(0, 0.05))
    process.kill()
    process.communicate()


def test_train_that_is_killed_while_it_saves(tmp_path, few_times, chance):
    model = tmp_path / "model.joblib"
    old = b"an old model"
    for _ in range(few_times):
        model.write_bytes(old)
        process = subprocess.Popen(
            [*TRAIN, model], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        kill_while_writing(process, tmp_path, model.name, chance)
        if model.read_bytes() != old:
            assert joblib.load(model)["mlp"].n_iter_ == 1
        check_writable(model)  # as the next run does first
        assert os.listdir(tmp_path) == [model.name]
    assert subprocess.run([*TRAIN, model], capture_output=True).returncode == 0
    assert joblib.load(model)["mlp"].n_iter_ == 1
    assert os.listdir(tmp_path) == [model.name]
    held(
        "SIGKILL while `sk-mnist train` writes its model",
        "The old model or the whole new one; the next run works and leaves nothing "
        "else.",
        few_times,
    )


@pytest.fixture
def two_networks(tmp_path_factory, digits):
    """Files of two fitted classifiers."""
    folder = tmp_path_factory.mktemp("networks")
    paths = [folder / "0.joblib", folder / "1.joblib"]
    for seed, path in enumerate(paths):
        network = MNISTMLPClassifier(1000, epochs=1, random_state=seed)
        joblib.dump(network.fit(*digits), path)
    return paths


def same_network(first, second):
    try:
        assert_same_network(first, second)
    except AssertionError:
        return False
    return True


def test_save_keras_that_is_killed(tmp_path, two_networks, few_times, chance):
    networks = [joblib.load(network) for network in two_networks]
    paths = [tmp_path / "model.h5", tmp_path / "model.keras"]
    for _ in range(few_times):
        process = subprocess.Popen(
            [sys.executable, "-c", SAVE_AGAIN_AND_AGAIN, tmp_path, *two_networks],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        process.stdout.readline()
        time.sleep(chance.uniform(0, 0.5))
        process.kill()
        process.communicate()
        for path in paths:
            saved = MNISTMLPClassifier.from_keras(path)
            assert any(same_network(saved, network) for network in networks)
        check_writable(path)  # as the next save does first
        assert sorted(tmp_path.iterdir()) == paths
    held(
        "SIGKILL while `save_keras` writes `.keras` and `.h5` files",
        "The old model or the whole new one; the next save leaves nothing else.",
        few_times,
    )
