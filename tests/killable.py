"""Work in processes that a test may kill.

They start at once, as children of a process that has imported all that takes time, and
not of the one with the tests, which has used TensorFlow.
"""

import io
import multiprocessing
import os
import sys
from pathlib import Path

import joblib

import small_mnist

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["keras", "requests", "sk_mnist.cli", "sk_mnist._datasets._loaders", "tqdm.auto"]
)


def start(work, *arguments):
    """Start a process, and return it when it begins its work.

    `work` is a function of this file; it gets the arguments and is silent.
    """
    receiver, sender = _context.Pipe(duplex=False)
    process = _context.Process(
        target=_work_in_silence, args=(work, arguments, sender), daemon=True
    )
    process.start()
    sender.close()
    receiver.recv()
    return process


def finish(work, *arguments):
    """Let a process do its work without being killed."""
    process = start(work, *arguments)
    process.join()
    assert process.exitcode == 0


def _work_in_silence(work, arguments, ready):
    sys.stdout = sys.stderr = io.StringIO()
    ready.send(True)
    work(*arguments)


def fetch(mirrors, folder):
    """Fetch a small MNIST into a folder."""
    from sk_mnist import fetch_mnist
    from sk_mnist._datasets._download import MIRRORS
    from sk_mnist._datasets._mnist_files import ARRAYS

    for variable in ("SK_MNIST_DATA", "XDG_CACHE_HOME", "KERAS_HOME"):
        os.environ[variable] = f"{folder}, where nothing is"
    os.environ["NO_PROXY"] = "127.0.0.1"
    ARRAYS.update(small_mnist.published_as(small_mnist.make_digits()))
    MIRRORS.clear()
    MIRRORS.update(mirrors)
    fetch_mnist(data_home=folder)


def run(*arguments):
    """Run the command, with its exit status."""
    from sk_mnist.cli import app

    app([str(argument) for argument in arguments], prog_name="sk-mnist")


def save_again_and_again(folder, networks):
    """Write Keras files of several networks to the same places, without an end."""
    while True:
        for network in networks:
            for suffix in (".h5", ".keras"):
                network.save_keras(folder / f"model{suffix}")
        Path(folder, "saved").touch()


def fit_with_backup(backup, result):
    """Train for some seconds, with all that a training has to continue."""
    import keras

    from sk_mnist import MNISTMLPClassifier, load_sample_digits

    X, y = load_sample_digits(return_X_y=True)
    network = MNISTMLPClassifier(
        100,
        epochs=20,
        dropout=0.2,
        learning_rate_schedule="cosine",
        warmup_epochs=2,
        ema_momentum=0.9,
        validation_split=0.1,
        callbacks=[keras.callbacks.BackupAndRestore(backup)],
        random_state=0,
    ).fit(X / 255, y)
    part = result.with_suffix(".part")
    joblib.dump(network, part)
    os.replace(part, result)
