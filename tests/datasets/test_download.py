"""What a download promises: MNIST in its place, or everything as it was."""

import os
import re
import warnings

import pytest
from numpy.testing import assert_array_equal

from sk_mnist import fetch_mnist
from sk_mnist._datasets import _download
from sk_mnist.cli._digits import Data, load
from small_mnist import contents, gzipped_idx_files, idx_files, npz_files, write
from terminal import open_terminal


def damaged(files):
    return {name: content[:-2000] for name, content in files.items()}


def break_off_first(mirrors):
    """Let the first mirror end the connection after half of the file."""
    answer = mirrors.answers["/first/mnist.npz"]
    length = len(answer.content)
    mirrors.answers["/first/mnist.npz"] = answer._replace(
        content=answer.content[: length // 2], promised_length=length
    )


@pytest.mark.parametrize("mirror", ["first_mirror", "second_mirror"])
def test_download_leaves_one_file_to_be_found(folders, digits, mirror, request):
    server = request.getfixturevalue(mirror)
    downloaded = fetch_mnist()
    assert list(contents(folders["cache"])) == ["mnist.npz"]
    server.answers.clear()
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


def test_progress_fits_a_narrow_terminal(first_mirror, monkeypatch):
    with open_terminal(30) as (file, written):
        monkeypatch.setattr("sys.stderr", file)
        fetch_mnist()
    shown = re.split(r"[\r\n]", written.getvalue().decode())
    assert any("100%" in line for line in shown)
    assert max(map(len, shown)) <= 30


@pytest.mark.parametrize("quiet", [False, True])
def test_a_quiet_command_shows_no_progress(folders, first_mirror, capfd, quiet):
    load(Data.MNIST, quiet)
    assert list(contents(folders["cache"])) == ["mnist.npz"]
    assert ("100%" in capfd.readouterr().err) != quiet


def test_what_was_found_is_not_downloaded(folders, first_mirror, digits):
    write(folders["keras"], idx_files(digits))
    fetch_mnist()
    assert not first_mirror.requests


def test_other_contents_on_one_mirror_lead_to_the_next(folders, second_mirror):
    page = b"<html>Please log in to this network</html>"
    second_mirror.serve("first", {"mnist.npz": page})
    assert len(fetch_mnist().data) == 70
    assert list(contents(folders["cache"])) == ["mnist.npz"]


def test_interrupted_transfer_leads_to_the_next_mirror(
    folders, first_mirror, second_mirror
):
    break_off_first(first_mirror)
    assert len(fetch_mnist().data) == 70


def test_download_that_fails_leaves_everything_as_it_was(
    folders, first_mirror, digits, tmp_path
):
    write(folders["cache"], npz_files({**digits, "x_test": digits["x_test"] ^ 1}))
    write(folders["cache"], idx_files({"y_test": digits["y_test"] ^ 1}))
    break_off_first(first_mirror)
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

    write(folders["cache"], damaged(npz_files(digits)))
    before = contents(tmp_path)
    monkeypatch.setattr("os.replace", interrupt)
    with (
        pytest.warns(UserWarning, match="do not hold MNIST"),
        pytest.raises(KeyboardInterrupt),
    ):
        fetch_mnist()
    assert contents(tmp_path) == before


def test_download_replaces_a_damaged_file(folders, first_mirror, digits):
    write(folders["cache"], damaged(npz_files(digits)))
    with pytest.warns(UserWarning, match="do not hold MNIST"):
        fetch_mnist()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fetch_mnist(download_if_missing=False)


def test_download_leaves_other_data_under_mnists_names_alone(
    folders, second_mirror, digits
):
    others = {name: array ^ 1 for name, array in digits.items()}
    write(folders["data_home"], gzipped_idx_files(others))
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


def reasons(mirrors):
    """What a failed download says about each mirror."""
    with pytest.raises(OSError, match="neither found nor downloaded") as error:
        fetch_mnist()
    lines = [line.strip() for line in str(error.value).splitlines()]
    return [
        line.removeprefix(f"{mirrors.url(mirror)}: ")
        for mirror in ("first", "second")
        for line in lines
        if line.startswith(f"{mirrors.url(mirror)}: ")
    ]


def test_server_error_is_told_in_one_line(mirrors):
    mirrors.serve("first", {"mnist.npz": b""}, status=500)
    first, second = reasons(mirrors)
    assert first.startswith("500 Server Error")
    assert second.startswith("404 Client Error")


def test_broken_connection_is_told_in_one_line(first_mirror):
    break_off_first(first_mirror)
    assert reasons(first_mirror)[0] == "127.0.0.1 ended the connection too early"


def test_silent_server_is_told_in_one_line(first_mirror, digits, monkeypatch):
    monkeypatch.setattr(_download, "_TIMEOUT", (1, 0.2))
    first_mirror.serve("first", npz_files(digits), bite=1000, pause=1)
    assert reasons(first_mirror)[0] == "127.0.0.1 sent nothing for 0.2 s"


def test_missing_server_is_told_in_one_line(mirrors):
    mirrors.shutdown()
    mirrors.server_close()
    assert reasons(mirrors) == ["127.0.0.1 cannot be reached"] * 2


def test_proxy_that_does_not_answer_is_told_in_one_line(mirrors, monkeypatch):
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert "HTTPS_PROXY" in reasons(mirrors)[0]
    assert not mirrors.requests


def test_more_than_mnist_needs_is_not_downloaded(mirrors, monkeypatch):
    monkeypatch.setattr(_download, "_SIZE_LIMIT", 10_000)
    mirrors.serve("first", {"mnist.npz": bytes(10**6)})
    assert reasons(mirrors)[0] == "it is larger than 10,000 bytes"


def test_folder_that_cannot_be_made_is_an_error_that_names_it(first_mirror, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="neither found nor downloaded") as error:
        fetch_mnist(data_home=tmp_path / "file")
    assert str(tmp_path / "file") in str(error.value)
    assert not first_mirror.requests


@pytest.mark.skipif(os.name != "posix", reason="permissions as on POSIX systems")
@pytest.mark.parametrize("mirror", ["first_mirror", "second_mirror"])
def test_permissions_are_those_that_the_umask_gives(folders, mirror, request):
    request.getfixturevalue(mirror)
    umask = os.umask(0o022)
    try:
        fetch_mnist(data_home=folders["cache"] / "new")
    finally:
        os.umask(umask)
    assert (folders["cache"] / "new").stat().st_mode & 0o777 == 0o755
    file = folders["cache"] / "new" / "mnist.npz"
    assert file.stat().st_mode & 0o777 == 0o644
