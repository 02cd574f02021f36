"""A file that is replaced is the old one or the new one, and never a part of it."""

import os

import pytest

from sk_mnist._files import check_writable, replacing


def test_the_file_is_replaced(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")
    with replacing(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["file.txt"]


def test_what_is_written_to_has_the_same_ending(tmp_path):
    with replacing(tmp_path / "model.keras") as part:
        assert part.suffix == ".keras"
        part.touch()


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, OSError])
def test_a_file_that_could_not_be_finished_leaves_the_old_one(tmp_path, interruption):
    path = tmp_path / "file"
    path.write_text("old")

    def write_half():
        with replacing(path) as part:
            part.write_text("half of the n")
            raise interruption

    with pytest.raises(interruption):
        write_half()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_link_to_a_file_stays_a_link(tmp_path):
    (tmp_path / "folder").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "folder" / "file")
    with replacing(link) as part:
        part.write_text("new")
    assert link.is_symlink()
    assert (tmp_path / "folder" / "file").read_text() == "new"


@pytest.mark.skipif(os.name != "posix", reason="permissions as on POSIX systems")
def test_permissions_stay(tmp_path):
    path = tmp_path / "file"
    path.touch(mode=0o640)
    with replacing(path) as part:
        part.write_text("new")
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(OSError, match=r"cannot be written: the folder .* is missing"):
        check_writable(tmp_path / "missing" / "file")


def test_a_folder_of_that_name_is_named(tmp_path):
    with pytest.raises(OSError, match="is not a file"):
        check_writable(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="permissions as on POSIX systems")
def test_a_file_that_is_read_only_is_not_replaced(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("everything is writable to the superuser")
    path = tmp_path / "file"
    path.touch(mode=0o444)
    with pytest.raises(OSError, match="read-only"):
        check_writable(path)
