"""What the loaders promise: the published digits or an error, and nothing lost."""

import gzip
import os

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits

from sk_mnist import fetch_mnist, load_sample_digits
from sk_mnist._datasets._mnist_files import ARRAYS
from small_mnist import (
    CONTAINERS,
    contents,
    gzipped_idx_files,
    idx_files,
    npz_files,
    write,
)

# Finding


@pytest.mark.parametrize("files_of", CONTAINERS.values(), ids=CONTAINERS)
@pytest.mark.parametrize("place", ["data_home", "environment", "cache", "keras"])
def test_mnist_is_found_wherever_and_however_it_lies(folders, digits, place, files_of):
    write(folders[place], files_of(digits))
    found = fetch_mnist(
        subset="test", data_home=folders["data_home"], download_if_missing=False
    )
    assert_array_equal(found.images, digits["x_test"])
    assert_array_equal(found.target, digits["y_test"])


def test_idx_files_may_be_gzipped_one_by_one(folders, digits):
    write(folders["cache"], idx_files(digits))
    labels = folders["cache"] / ARRAYS["y_train"].idx_file
    labels.with_name(f"{labels.name}.gz").write_bytes(
        gzip.compress(labels.read_bytes())
    )
    labels.unlink()
    assert_array_equal(fetch_mnist(subset="train").target, digits["y_train"])


def test_home_folder_is_expanded(folders, digits, tmp_path, monkeypatch):
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    write(folders["data_home"], npz_files(digits))
    assert len(fetch_mnist(data_home="~/data_home", download_if_missing=False).data)


@pytest.mark.skipif(os.name != "posix", reason="Windows guesses the folder")
def test_home_folder_of_an_unknown_user_is_an_error(monkeypatch):
    with pytest.raises(ValueError, match=r"data_home names .*'~nouser/x'"):
        fetch_mnist(data_home="~nouser/x")
    monkeypatch.setenv("SK_MNIST_DATA", "~nouser/x")
    with pytest.raises(ValueError, match=r"SK_MNIST_DATA names .*'~nouser/x'"):
        fetch_mnist()


@pytest.mark.parametrize("bad", ["null \0 byte", "half of a pair \ud800"])
def test_path_that_cannot_be_one_is_an_error(bad):
    with pytest.raises(ValueError, match="data_home is not the path of a folder"):
        fetch_mnist(data_home=bad)


def test_finding_writes_nothing(folders, digits, tmp_path):
    write(folders["environment"], gzipped_idx_files(digits))
    before = contents(tmp_path)
    fetch_mnist()
    assert contents(tmp_path) == before


def damage(folder):
    file = folder / "mnist.npz"
    file.write_bytes(file.read_bytes()[:-2000])


def change_one_pixel(folder):
    with np.load(folder / "mnist.npz") as archive:
        arrays = dict(archive)
    arrays["x_test"][3, 14, 14] ^= 1
    write(folder, npz_files(arrays))


def swap_two_images(folder):
    with np.load(folder / "mnist.npz") as archive:
        arrays = dict(archive)
    arrays["x_test"][[0, 1]] = arrays["x_test"][[1, 0]]
    write(folder, npz_files(arrays))


def leave_labels_out(folder):
    with np.load(folder / "mnist.npz") as archive:
        write(folder, npz_files({"x_test": archive["x_test"]}))


def empty(folder):
    (folder / "mnist.npz").write_bytes(b"")


@pytest.mark.parametrize(
    "spoil", [damage, change_one_pixel, swap_two_images, leave_labels_out, empty]
)
def test_file_with_other_contents_is_named_and_passed_over(folders, digits, spoil):
    write(folders["data_home"], npz_files(digits))
    spoil(folders["data_home"])
    write(folders["cache"], npz_files(digits))
    with pytest.warns(UserWarning, match="do not hold MNIST") as record:
        found = fetch_mnist(subset="test", data_home=folders["data_home"])
    assert str(folders["data_home"] / "mnist.npz") in str(record[0].message)
    assert record[0].filename == __file__
    assert_array_equal(found.images, digits["x_test"])


@pytest.mark.parametrize("files_of", [idx_files, gzipped_idx_files])
def test_other_data_under_mnists_names_is_passed_over(folders, digits, files_of):
    others = {name: array ^ 1 for name, array in digits.items()}
    write(folders["data_home"], files_of(others))
    with (
        pytest.warns(UserWarning, match="differs from MNIST's"),
        pytest.raises(OSError, match="neither found nor downloaded"),
    ):
        fetch_mnist(data_home=folders["data_home"], download_if_missing=False)


def test_missing_mnist_names_every_place_and_the_mends(folders):
    with pytest.raises(OSError, match="neither found nor downloaded") as error:
        fetch_mnist(data_home=folders["data_home"], download_if_missing=False)
    for place in folders.values():
        assert str(place) in str(error.value)
    for mend in (
        "download_if_missing=True",
        "data_home",
        "SK_MNIST_DATA",
        "load_sample_digits()",
    ):
        assert mend in str(error.value)


# The answer


@pytest.mark.parametrize(
    ("subset", "parts"),
    [("all", ["train", "test"]), ("train", ["train"]), ("test", ["test"])],
)
def test_subsets_follow_the_published_split(folders, digits, subset, parts):
    write(folders["cache"], npz_files(digits))
    X, y = fetch_mnist(subset=subset, return_X_y=True)
    images = np.concatenate([digits[f"x_{part}"] for part in parts])
    assert_array_equal(X, images.reshape(len(images), 784))
    assert_array_equal(y, np.concatenate([digits[f"y_{part}"] for part in parts]))


@pytest.fixture(params=["mnist", "sample digits"])
def load(request, folders, digits):
    write(folders["cache"], npz_files(digits))
    return {"mnist": fetch_mnist, "sample digits": load_sample_digits}[request.param]


def test_answer_as_arrays(load):
    answer = load()
    n_digits = len(answer.target)
    assert answer.data.shape == (n_digits, 784)
    assert answer.data.dtype == np.uint8
    assert answer.data.flags.writeable
    assert_array_equal(answer.images.reshape(n_digits, 784), answer.data)
    assert answer.images.shape == (n_digits, 28, 28)
    assert answer.target.shape == (n_digits,)
    assert answer.target.dtype == np.int64
    assert answer.feature_names == [f"pixel{i}" for i in range(1, 785)]
    assert list(answer.target_names) == list("0123456789")
    assert answer.frame is None
    assert "28x28" in answer.DESCR


def test_answer_as_frame(load):
    arrays, answer = load(), load(as_frame=True)
    assert_array_equal(answer.data, arrays.data)
    assert (answer.data.dtypes == np.uint8).all()
    assert list(answer.data.columns) == arrays.feature_names
    assert_array_equal(answer.target, arrays.target)
    assert answer.target.name == "class"
    assert answer.target.dtype == np.int64
    assert list(answer.frame.columns) == [*arrays.feature_names, "class"]
    assert_array_equal(answer.frame["class"], arrays.target)


@pytest.mark.parametrize("as_frame", [False, True])
def test_return_X_y(load, as_frame):  # noqa: N802
    X, y = load(as_frame=as_frame, return_X_y=True)
    answer = load(as_frame=as_frame)
    assert type(X) is type(answer.data)
    assert type(y) is type(answer.target)
    assert_array_equal(X, answer.data)
    assert_array_equal(y, answer.target)


@pytest.mark.parametrize(
    "bad",
    [
        {"subset": "validation"},
        {"data_home": 3},
        {"as_frame": "yes"},
        {"return_X_y": None},
        {"download_if_missing": "never"},
    ],
)
def test_bad_parameter_is_named(bad):
    with pytest.raises(ValueError, match=f"'{next(iter(bad))}' parameter of fetch_mni"):
        fetch_mnist(**bad)


def test_sample_digits_are_scikit_learns_in_mnists_frame(sample_digits):
    assert_array_equal(sample_digits.target, load_digits().target)
    assert sample_digits.data.shape == (1797, 784)
    assert (sample_digits.data.max(axis=1) > 200).all()
    ink = sample_digits.images.astype(float)
    for pixel in np.mgrid[:28, :28]:
        center = (ink * pixel).sum(axis=(1, 2)) / ink.sum(axis=(1, 2))
        assert_allclose(center, 14, atol=0.51)  # as on MNIST's own images


@pytest.mark.mnist
def test_real_mnist_is_the_published_one(mnist):
    (X_train, y_train), (X_test, y_test) = mnist
    assert X_train.shape == (60000, 784)
    assert X_test.shape == (10000, 784)
    assert list(y_train[:10]) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert np.bincount(y_test).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
