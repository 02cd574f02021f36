"""Fetch a small MNIST in a process of its own, which a test may kill."""

import io
import multiprocessing
import os
import sys

import small_mnist
from sk_mnist import fetch_mnist
from sk_mnist._datasets._download import MIRRORS
from sk_mnist._datasets._mnist_files import ARRAYS

# Children of a process that has imported what takes time, and not of the one with the
# tests, which may have imported TensorFlow.
context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(["requests", "sk_mnist._datasets._loaders", "tqdm.auto"])


def _fetch(mirrors, folder, ready):
    sys.stderr = io.StringIO()  # for the progress bar
    for variable in ("SK_MNIST_DATA", "XDG_CACHE_HOME", "KERAS_HOME"):
        os.environ[variable] = f"{folder}, where nothing is"
    os.environ["NO_PROXY"] = "127.0.0.1"
    ARRAYS.update(small_mnist.published_as(small_mnist.make_digits()))
    MIRRORS.clear()
    MIRRORS.update(mirrors)
    ready.send(True)
    fetch_mnist(data_home=folder)


def start_fetching(mirrors, folder):
    """Start a process that fetches, and return it when it begins."""
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(
        target=_fetch, args=(mirrors.files(), str(folder), sender), daemon=True
    )
    process.start()
    receiver.recv()
    return process
