"""A small MNIST that takes the place of the real one, and mirrors that hold it."""

import threading

import pytest

import small_mnist
from sk_mnist._datasets import _loaders
from sk_mnist._datasets._download import MIRRORS
from sk_mnist._datasets._mnist_files import ARRAYS


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Every place that is searched, in order; all of them empty."""
    places = {
        name: tmp_path / name for name in ("data_home", "environment", "cache", "keras")
    }
    monkeypatch.setenv("SK_MNIST_DATA", str(places["environment"]))
    monkeypatch.setattr(_loaders, "cache_folder", lambda: places["cache"])
    monkeypatch.setenv("KERAS_HOME", str(places["keras"]))
    places["keras"] = places["keras"] / "datasets"
    for folder in places.values():
        folder.mkdir(parents=True)
    return places


@pytest.fixture
def digits(monkeypatch):
    """A small MNIST, its digests taken for the published ones."""
    digits = small_mnist.make_digits()
    for name, published in small_mnist.published_as(digits).items():
        monkeypatch.setitem(ARRAYS, name, published)
    return digits


@pytest.fixture
def mirrors(monkeypatch):
    """Two empty mirrors instead of the ones on the network."""
    server = small_mnist.Mirrors()
    for mirror in list(MIRRORS):
        monkeypatch.delitem(MIRRORS, mirror)
    for mirror, files in server.files().items():
        monkeypatch.setitem(MIRRORS, mirror, files)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def first_mirror(mirrors, digits):
    mirrors.serve("first", small_mnist.npz_files(digits))
    return mirrors


@pytest.fixture
def second_mirror(mirrors, digits):
    mirrors.serve("second", small_mnist.gzipped_idx_files(digits))
    return mirrors
