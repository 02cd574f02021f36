"""Whatever kills a save: the old model or the whole new one, and a clean next run."""

import os
import time
from contextlib import suppress

import joblib
import pytest

from fault_counts import held
from killable import finish, run, save_again_and_again, start
from networks import assert_same_network
from sk_mnist import MNISTMLPClassifier
from sk_mnist._files import check_writable

TRAIN = (
    "train",
    "--data",
    "sample",
    "--seed",
    0,
    "--epochs",
    1,
    "--hidden-units",
    2000,
)


def is_being_written(folder, name):
    for temporary in folder.glob(".sk-mnist-*"):
        with suppress(OSError):
            if name in os.listdir(temporary / "contents"):
                return True
    return False


def test_train_that_is_killed_while_it_saves(tmp_path, few_times, chance):
    model = tmp_path / "model.joblib"
    old = b"an old model"
    for _ in range(few_times):
        model.write_bytes(old)
        process = start(run, *TRAIN, "--out", model)
        while not is_being_written(tmp_path, model.name) and process.is_alive():
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.05))
        process.kill()
        process.join()
        if model.read_bytes() != old:
            assert joblib.load(model)["mlp"].n_iter_ == 1
        check_writable(model)  # as the next run does first
        assert os.listdir(tmp_path) == [model.name]
    finish(run, *TRAIN, "--out", model)
    assert joblib.load(model)["mlp"].n_iter_ == 1
    assert os.listdir(tmp_path) == [model.name]
    held(
        "SIGKILL while `sk-mnist train` writes its model",
        "The old model or the whole new one; the next run works and leaves nothing "
        "else.",
        few_times,
    )


@pytest.fixture
def two_networks(digits):
    """Two fitted classifiers."""
    return [
        MNISTMLPClassifier(1000, epochs=1, random_state=seed).fit(*digits)
        for seed in range(2)
    ]


def same_network(first, second):
    try:
        assert_same_network(first, second)
    except AssertionError:
        return False
    return True


def test_save_keras_that_is_killed(tmp_path, two_networks, few_times, chance):
    paths = [tmp_path / "model.h5", tmp_path / "model.keras"]
    for _ in range(few_times):
        process = start(save_again_and_again, tmp_path, two_networks)
        while not (tmp_path / "saved").exists():
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.5))
        process.kill()
        process.join()
        (tmp_path / "saved").unlink()
        for path in paths:
            saved = MNISTMLPClassifier.from_keras(path)
            assert any(same_network(saved, network) for network in two_networks)
        check_writable(path)  # as the next save does first
        assert sorted(tmp_path.iterdir()) == paths
    held(
        "SIGKILL while `save_keras` writes `.keras` and `.h5` files",
        "The old model or the whole new one; the next save leaves nothing else.",
        few_times,
    )
