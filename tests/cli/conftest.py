"""A model that the command trained once, and images to read with it."""

import contextlib
import io

import numpy as np
import pytest
from PIL import Image

from sk_mnist._datasets import _loaders
from sk_mnist._datasets._download import MIRRORS
from sk_mnist.cli._digits import split_sample_digits
from sk_mnist.cli._draw import train_quickly
from terminal import run

TRAIN_OPTIONS = [
    *("--data", "sample", "--epochs", "20", "--hidden-units", "64,32"),
    *("--hidden-units", "16", "--activation", "tanh", "--learning-rate", "0.003"),
    *("--validation-split", "0.1", "--early-stopping", "--random-state", "0"),
]


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """One run of ``sk-mnist train``: what it printed, and the folder it wrote to."""
    folder = tmp_path_factory.mktemp("trained")
    result = run(
        "train",
        *TRAIN_OPTIONS,
        *("--out", folder / "model.joblib", "--report", folder / "report"),
    )
    assert result.exit_code == 0, result.output
    return result, folder


@pytest.fixture(scope="session")
def model(trained):
    return trained[1] / "model.joblib"


@pytest.fixture(scope="session")
def trained_quickly():
    """The network that is trained for want of a model, and what was said about it."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        return train_quickly(split_sample_digits()), said.getvalue()


@pytest.fixture(scope="session")
def pages(tmp_path_factory, sample_digits):
    """A folder with each digit as dark ink on a light page, named ``<digit>.png``."""
    folder = tmp_path_factory.mktemp("photos") / "pages"
    folder.mkdir()
    for digit in range(10):
        (k, *_) = np.flatnonzero(sample_digits.target == digit)
        ink = Image.fromarray(255 - sample_digits.images[k]).resize((112, 112))
        page = Image.new("RGB", (200, 300), "white")
        page.paste(ink, (20, 150))
        page.save(folder / f"{digit}.png")
    (folder / "notes.txt").write_text("No image, and not named like one.")
    return folder


@pytest.fixture
def no_mnist(monkeypatch, tmp_path):
    """A machine without MNIST and without a network."""
    monkeypatch.delenv("SK_MNIST_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(_loaders, "cache_folder", lambda: tmp_path / "cache")
    for mirror in list(MIRRORS):
        monkeypatch.delitem(MIRRORS, mirror)
    monkeypatch.setitem(MIRRORS, "nowhere://", ["mnist.npz"])
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # between attempts
