"""What reading a Keras file promises: the model, or an error that names the file."""

import contextlib
import io
import json
import os
import zipfile

import h5py
import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fault_counts import held
from sk_mnist import MNISTMLPClassifier

SUFFIXES = (".keras", ".h5")


@pytest.fixture(scope="module")
def saved(fitted, tmp_path_factory):
    """The bytes of a saved model, by the ending of its file."""
    folder = tmp_path_factory.mktemp("saved")
    contents = {}
    for suffix in SUFFIXES:
        path = folder / f"model{suffix}"
        fitted.save_keras(path)
        contents[suffix] = path.read_bytes()
    return contents


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("damaged")


def error_of(path):
    with pytest.raises(ValueError, match=r"model\.\w+' cannot be read") as error:
        MNISTMLPClassifier.from_keras(path)
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
def test_a_cut_file_is_named(saved, tmp_path, suffix, share):
    path = tmp_path / f"model{suffix}"
    path.write_bytes(saved[suffix][: int(share * len(saved[suffix]))])
    assert "save or download it again" in error_of(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(data=st.data())
def test_a_damaged_file_is_read_or_named(saved, folder, suffix, data):
    content = bytearray(saved[suffix])
    places = st.integers(0, len(content) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=8)):
        content[place] ^= data.draw(st.integers(1, 255))
    path = folder / f"model{suffix}"
    path.write_bytes(content)
    with contextlib.suppress(ValueError):
        network = MNISTMLPClassifier.from_keras(path)
        assert network.predict_proba(np.zeros((1, 64))).shape == (1, 10)
    held(
        "A byte or more changed in a `.keras` or `.h5` file",
        "A ValueError that names the file, or a network that predicts.",
    )


def test_another_ending_is_named(tmp_path):
    (tmp_path / "model.pt").touch()
    with pytest.raises(ValueError, match=r"model_or_path must end in .*model\.pt"):
        MNISTMLPClassifier.from_keras(tmp_path / "model.pt")


def with_many_units(content):
    """A .keras file whose first layer claims to be huge."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(file, "w") as new,
    ):
        for name in old.namelist():
            member = old.read(name)
            if name == "config.json":
                config = json.loads(member)
                config["config"]["layers"][1]["config"]["units"] = 10**9
                member = json.dumps(config)
            new.writestr(name, member)
    return file.getvalue()


def with_compressed(content, name, member):
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(name, member, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def test_more_weights_than_the_file_holds_are_not_allocated(saved, tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(with_many_units(saved[".keras"]))
    assert "it claims to hold 74,000,000,000 bytes" in error_of(path)


def test_a_zip_bomb_is_not_unpacked(saved, tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(with_compressed(saved[".keras"], "bomb", bytes(10**8)))
    assert "it claims to hold 100," in error_of(path)


def test_compressed_arrays_are_not_unpacked(saved, tmp_path):
    path = tmp_path / "model.h5"
    path.write_bytes(saved[".h5"])
    with h5py.File(path, "a") as file:
        file.create_dataset("bomb", (10**8,), "u1", compression="gzip", fillvalue=0)
    assert "it claims to hold 100," in error_of(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_lambda_layer_is_not_run(tmp_path, suffix):
    ran = str(tmp_path / "ran")
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Lambda(lambda x: os.mkdir(ran) or x, output_shape=(4,)),
            keras.layers.Dense(3, "softmax"),
        ]
    )
    path = tmp_path / f"model{suffix}"
    model.save(path)
    with pytest.raises(ValueError, match=r"\(Lambda\) cannot be carried"):
        MNISTMLPClassifier.from_keras(path)
    assert not os.path.exists(ran)
