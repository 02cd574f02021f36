"""What the loaders promise: the published digits or an error, and nothing lost."""

import gzip
import hashlib
import http.server
import threading
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits

from sk_mnist import datasets, fetch_mnist, load_sample_digits


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Every place that is searched, in order; all of them empty."""
    places = {
        name: tmp_path / name for name in ("data_home", "environment", "cache", "keras")
    }
    monkeypatch.setenv("SK_MNIST_DATA", str(places["environment"]))
    monkeypatch.setattr(datasets, "cache_folder", lambda: places["cache"])
    monkeypatch.setenv("KERAS_HOME", str(places["keras"]))
    places["keras"] = places["keras"] / "datasets"
    for folder in places.values():
        folder.mkdir(parents=True)
    return places


@pytest.fixture
def digits(monkeypatch):
    """A small MNIST, its digests taken for the published ones."""
    random = np.random.default_rng(0)
    arrays = {
        "x_train": random.integers(0, 256, (60, 28, 28), dtype=np.uint8),
        "y_train": random.integers(0, 10, 60, dtype=np.uint8),
        "x_test": random.integers(0, 256, (10, 28, 28), dtype=np.uint8),
        "y_test": random.integers(0, 10, 10, dtype=np.uint8),
    }
    published = {
        name: datasets.PublishedArray(
            datasets.ARRAYS[name].idx_file,
            array.shape,
            hashlib.sha256(idx(array)).hexdigest(),
        )
        for name, array in arrays.items()
    }
    monkeypatch.setattr(datasets, "ARRAYS", published)
    return arrays


def idx(array):
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def write_npz(folder, arrays):
    np.savez(folder / "mnist.npz", **arrays)


def write_idx(folder, arrays):
    for name, array in arrays.items():
        (folder / datasets.ARRAYS[name].idx_file).write_bytes(idx(array))


def write_gzipped_idx(folder, arrays):
    for name, array in arrays.items():
        file = folder / f"{datasets.ARRAYS[name].idx_file}.gz"
        file.write_bytes(gzip.compress(idx(array)))


CONTAINERS = {"npz": write_npz, "IDX": write_idx, "gzipped IDX": write_gzipped_idx}


class Mirrors(http.server.ThreadingHTTPServer):
    """Two mirrors on this machine; what they hold is in `files`."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.files = {}
        self.requests = []

    def url(self, mirror):
        return f"http://127.0.0.1:{self.server_port}/{mirror}/"


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests.append(self.path)
        if self.path not in self.server.files:
            self.send_error(404)
            return
        content, promised_length = self.server.files[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(promised_length))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture
def mirrors(monkeypatch):
    """Two empty mirrors instead of the ones on the network."""
    server = Mirrors()
    files = [f"{array.idx_file}.gz" for array in datasets.ARRAYS.values()]
    monkeypatch.setattr(
        datasets,
        "MIRRORS",
        {server.url("first"): ["mnist.npz"], server.url("second"): files},
    )
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # between attempts
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def serve(server, mirror, folder):
    for file in folder.iterdir():
        content = file.read_bytes()
        server.files[f"/{mirror}/{file.name}"] = content, len(content)


@pytest.fixture
def first_mirror(mirrors, digits, tmp_path):
    folder = tmp_path / "on the first mirror"
    folder.mkdir()
    write_npz(folder, digits)
    serve(mirrors, "first", folder)
    return mirrors


@pytest.fixture
def second_mirror(mirrors, digits, tmp_path):
    folder = tmp_path / "on the second mirror"
    folder.mkdir()
    write_gzipped_idx(folder, digits)
    serve(mirrors, "second", folder)
    return mirrors


def contents(folder):
    """Every file and folder below a folder, and what the files hold."""
    return {
        path.relative_to(folder).as_posix(): path.is_file() and path.read_bytes()
        for path in folder.rglob("*")
    }


# Finding


@pytest.mark.parametrize("write", CONTAINERS.values(), ids=CONTAINERS)
@pytest.mark.parametrize("place", ["data_home", "environment", "cache", "keras"])
def test_mnist_is_found_wherever_and_however_it_lies(folders, digits, place, write):
    write(folders[place], digits)
    found = fetch_mnist(
        subset="test", data_home=folders["data_home"], download_if_missing=False
    )
    assert_array_equal(found.images, digits["x_test"])
    assert_array_equal(found.target, digits["y_test"])


def test_idx_files_may_be_gzipped_one_by_one(folders, digits):
    write_idx(folders["cache"], digits)
    labels = folders["cache"] / datasets.ARRAYS["y_train"].idx_file
    labels.with_name(f"{labels.name}.gz").write_bytes(
        gzip.compress(labels.read_bytes())
    )
    labels.unlink()
    assert_array_equal(fetch_mnist(subset="train").target, digits["y_train"])


def test_home_folder_is_expanded(folders, digits, tmp_path, monkeypatch):
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    write_npz(folders["data_home"], digits)
    assert len(fetch_mnist(data_home="~/data_home", download_if_missing=False).data)


def test_finding_writes_nothing(folders, digits, tmp_path):
    write_gzipped_idx(folders["environment"], digits)
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
    write_npz(folder, arrays)


def swap_two_images(folder):
    with np.load(folder / "mnist.npz") as archive:
        arrays = dict(archive)
    arrays["x_test"][[0, 1]] = arrays["x_test"][[1, 0]]
    write_npz(folder, arrays)


def leave_labels_out(folder):
    with np.load(folder / "mnist.npz") as archive:
        write_npz(folder, {"x_test": archive["x_test"]})


def empty(folder):
    (folder / "mnist.npz").write_bytes(b"")


@pytest.mark.parametrize(
    "spoil", [damage, change_one_pixel, swap_two_images, leave_labels_out, empty]
)
def test_file_with_other_contents_is_named_and_passed_over(folders, digits, spoil):
    write_npz(folders["data_home"], digits)
    spoil(folders["data_home"])
    write_npz(folders["cache"], digits)
    with pytest.warns(UserWarning, match="do not hold MNIST") as record:
        found = fetch_mnist(subset="test", data_home=folders["data_home"])
    assert str(folders["data_home"] / "mnist.npz") in str(record[0].message)
    assert record[0].filename == __file__
    assert_array_equal(found.images, digits["x_test"])


@pytest.mark.parametrize("write", [write_idx, write_gzipped_idx])
def test_other_data_under_mnists_names_is_passed_over(folders, digits, write):
    others = {name: array ^ 1 for name, array in digits.items()}
    write(folders["data_home"], others)
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


# Downloading


@pytest.mark.parametrize("mirror", ["first_mirror", "second_mirror"])
def test_download_leaves_one_file_to_be_found(folders, digits, mirror, request):
    server = request.getfixturevalue(mirror)
    downloaded = fetch_mnist()
    assert list(contents(folders["cache"])) == ["mnist.npz"]
    server.files.clear()
    found = fetch_mnist()
    for answer in (downloaded, found):
        assert_array_equal(answer.images[:60], digits["x_train"])
        assert_array_equal(answer.target[60:], digits["y_test"])


def test_download_goes_into_data_home(folders, first_mirror, tmp_path):
    fetch_mnist(data_home=tmp_path / "new" / "home")
    assert list(contents(tmp_path / "new" / "home")) == ["mnist.npz"]
    assert not contents(folders["cache"])


def test_folder_of_the_environment_is_never_written_to(folders, first_mirror):
    fetch_mnist()
    assert not contents(folders["environment"])


def test_download_shows_progress(first_mirror, capfd):
    fetch_mnist()
    assert "100%" in capfd.readouterr().err


def test_what_was_found_is_not_downloaded(folders, first_mirror, digits):
    write_idx(folders["keras"], digits)
    fetch_mnist()
    assert not first_mirror.requests


def test_other_contents_on_one_mirror_lead_to_the_next(folders, second_mirror):
    page = b"<html>Please log in to this network</html>"
    second_mirror.files["/first/mnist.npz"] = page, len(page)
    assert len(fetch_mnist().data) == 70
    assert list(contents(folders["cache"])) == ["mnist.npz"]


def test_interrupted_transfer_leads_to_the_next_mirror(
    folders, first_mirror, second_mirror
):
    content, length = first_mirror.files["/first/mnist.npz"]
    first_mirror.files["/first/mnist.npz"] = content[: length // 2], length
    assert len(fetch_mnist().data) == 70


def test_download_that_fails_leaves_everything_as_it_was(
    folders, first_mirror, digits, tmp_path
):
    write_npz(folders["cache"], digits)
    change_one_pixel(folders["cache"])
    write_idx(folders["cache"], {"y_test": digits["y_test"] ^ 1})
    content, length = first_mirror.files["/first/mnist.npz"]
    first_mirror.files["/first/mnist.npz"] = content[: length // 2], length
    before = contents(tmp_path)
    with (
        pytest.warns(UserWarning, match="do not hold MNIST"),
        pytest.raises(OSError, match="neither found nor downloaded"),
    ):
        fetch_mnist()
    assert contents(tmp_path) == before


def test_interrupted_download_leaves_everything_as_it_was(
    folders, first_mirror, digits, tmp_path, monkeypatch
):
    def interrupt(archive, place):
        raise KeyboardInterrupt

    write_npz(folders["cache"], digits)
    damage(folders["cache"])
    before = contents(tmp_path)
    monkeypatch.setattr("os.replace", interrupt)
    with (
        pytest.warns(UserWarning, match="do not hold MNIST"),
        pytest.raises(KeyboardInterrupt),
    ):
        fetch_mnist()
    assert contents(tmp_path) == before


def test_download_replaces_a_damaged_file(folders, first_mirror, digits):
    write_npz(folders["cache"], digits)
    damage(folders["cache"])
    with pytest.warns(UserWarning, match="do not hold MNIST"):
        fetch_mnist()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fetch_mnist(download_if_missing=False)


def test_download_leaves_other_data_under_mnists_names_alone(
    folders, second_mirror, digits
):
    others = {name: array ^ 1 for name, array in digits.items()}
    write_gzipped_idx(folders["data_home"], others)
    before = contents(folders["data_home"])
    with pytest.warns(UserWarning, match="do not hold MNIST"):
        fetch_mnist(data_home=folders["data_home"])
    after = contents(folders["data_home"])
    del after["mnist.npz"]
    assert after == before


def test_no_network_is_an_error_that_names_the_mirrors(folders, mirrors):
    with pytest.raises(OSError, match="load_sample_digits") as error:
        fetch_mnist()
    assert mirrors.url("first") in str(error.value)
    assert mirrors.url("second") in str(error.value)


def test_folder_that_cannot_be_made_is_an_error_that_names_it(first_mirror, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="neither found nor downloaded") as error:
        fetch_mnist(data_home=tmp_path / "file")
    assert "file" in str(error.value)


# The answer


@pytest.mark.parametrize(
    ("subset", "parts"),
    [("all", ["train", "test"]), ("train", ["train"]), ("test", ["test"])],
)
def test_subsets_follow_the_published_split(folders, digits, subset, parts):
    write_npz(folders["cache"], digits)
    X, y = fetch_mnist(subset=subset, return_X_y=True)
    images = np.concatenate([digits[f"x_{part}"] for part in parts])
    assert_array_equal(X, images.reshape(len(images), 784))
    assert_array_equal(y, np.concatenate([digits[f"y_{part}"] for part in parts]))


@pytest.fixture(params=["mnist", "sample digits"])
def load(request, folders, digits):
    write_npz(folders["cache"], digits)
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
        centre = (ink * pixel).sum(axis=(1, 2)) / ink.sum(axis=(1, 2))
        assert_allclose(centre, 14, atol=0.51)  # as on MNIST's own images


@pytest.mark.mnist
def test_real_mnist_is_the_published_one(mnist):
    (X_train, y_train), (X_test, y_test) = mnist
    assert X_train.shape == (60000, 784)
    assert X_test.shape == (10000, 784)
    assert list(y_train[:10]) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert np.bincount(y_test).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
