"""A full disk and a read-only folder: an error that names the file, and no loss."""

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import small_mnist
from fault_counts import held
from sk_mnist import MNISTMLPClassifier, fetch_mnist
from sk_mnist._datasets import _download
from sk_mnist._datasets._mnist_files import ARRAYS
from sk_mnist.cli import app

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="needs the rights to mount"
)


@pytest.fixture
def disk(tmp_path):
    """A disk of 40 kB, to be mounted with more options."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options):
        command = ["mount", "-t", "tmpfs", "-o", f"size=40k,{options}", "tmpfs", folder]
        if subprocess.run(command, capture_output=True).returncode:
            pytest.skip("needs the rights to mount")
        return folder

    yield mount
    subprocess.run(["umount", folder], capture_output=True)


@pytest.fixture(scope="module")
def large_network(digits):
    return MNISTMLPClassifier(1000, epochs=1, random_state=0).fit(*digits)


DISKS = {"rw": "No space left on device", "ro": "Read-only file system"}
NAMES = {"rw": "A full disk", "ro": "A read-only folder"}


def nothing_but(folder, files):
    return small_mnist.contents(folder) == files


@pytest.mark.parametrize("mode", DISKS)
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_save_keras(disk, large_network, mode, suffix):
    folder = disk(mode)
    path = folder / f"model{suffix}"
    files = {}
    if mode == "rw":
        path.write_bytes(b"old")
        files = {path.name: b"old"}
    with pytest.raises(
        OSError, match=rf"model\{suffix} (cannot|could not) be"
    ) as error:
        large_network.save_keras(path)
    assert DISKS[mode] in str(error.value)
    assert nothing_but(folder, files)
    held(f"{NAMES[mode]} when `save_keras` writes", "An OSError that names the file.")


@pytest.mark.parametrize("mode", DISKS)
def test_train(disk, mode):
    folder = disk(mode)
    command = ["train", "--data", "sample", "--epochs", "1", "--out"]
    result = CliRunner().invoke(app, [*command, str(folder / "model.joblib")])
    assert result.exit_code == 1
    error = result.stderr.splitlines()[-1]
    assert error.startswith("Error: ")
    assert "model.joblib" in error
    assert DISKS[mode] in error
    assert nothing_but(folder, {})
    held(f"{NAMES[mode]} when `sk-mnist train` writes", "One line that names the file.")


@pytest.mark.parametrize("mode", DISKS)
def test_download(disk, mode, monkeypatch):
    folder = disk(mode)
    for variable in ("SK_MNIST_DATA", "XDG_CACHE_HOME", "KERAS_HOME"):
        monkeypatch.setenv(variable, f"{folder}, where nothing is")
    digits = small_mnist.make_digits()
    for name, published in small_mnist.published_as(digits).items():
        monkeypatch.setitem(ARRAYS, name, published)
    (content,) = small_mnist.npz_files(digits).values()
    monkeypatch.setattr(_download, "_fetch", lambda url, show_progress: content)
    with pytest.raises(OSError, match=r"mnist\.npz (cannot|could not) be") as error:
        fetch_mnist(data_home=folder)
    assert DISKS[mode] in str(error.value)
    assert nothing_but(folder, {})
    held(f"{NAMES[mode]} when `fetch_mnist` writes", "An OSError that names the file.")
