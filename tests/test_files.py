"""A file that is replaced is the old one or the new one, and never a part of it."""

import os
import signal
import subprocess
import sys

import pytest

from sk_mnist._files import check_writable, replacing

posix = pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX systems")


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


# What other processes leave

WRITE_AND_WAIT = """
import sys
from pathlib import Path
from sk_mnist._files import replacing

with replacing(Path(sys.argv[1])) as part:
    part.write_text("half of the n")
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other_process(tmp_path):
    """A process in the middle of writing a file."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_AND_WAIT, tmp_path / "file"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.readline()
        yield process
        process.kill()


def write_other_file(folder):
    with replacing(folder / "other") as part:
        part.write_text("new")


def test_what_a_killed_process_left_is_removed_by_the_next_one(tmp_path, other_process):
    other_process.kill()
    other_process.wait()
    assert len(os.listdir(tmp_path)) == 1  # its temporary folder
    write_other_file(tmp_path)
    assert os.listdir(tmp_path) == ["other"]


def test_what_a_process_was_killed_before_locking_is_removed(tmp_path):
    (tmp_path / ".sk-mnist-x").mkdir()
    write_other_file(tmp_path)
    assert os.listdir(tmp_path) == ["other"]


def test_the_folder_of_a_living_process_is_left_alone(tmp_path, other_process):
    write_other_file(tmp_path)
    other_process.communicate()
    assert other_process.returncode == 0
    assert (tmp_path / "file").read_text() == "half of the n"
    assert sorted(os.listdir(tmp_path)) == ["file", "other"]


@posix
def test_a_process_that_is_told_to_stop_leaves_nothing(tmp_path, other_process):
    other_process.terminate()
    assert other_process.wait() == -signal.SIGTERM
    assert os.listdir(tmp_path) == []


def test_the_handling_of_signals_is_as_before(tmp_path):
    before = signal.getsignal(signal.SIGTERM)
    write_other_file(tmp_path)
    assert signal.getsignal(signal.SIGTERM) == before


@posix
def test_a_full_disk_is_named_and_leaves_the_old_file(tmp_path, run_python):
    path = tmp_path / "file"
    path.write_text("old")
    script = """
import resource, sys
from pathlib import Path
from sk_mnist._files import replacing

resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
with replacing(Path(sys.argv[1])) as part:
    part.write_bytes(bytes(2000))
"""
    done = run_python(script, path)
    message = f"OSError: {path} could not be written: File too large."
    assert done.stderr.splitlines()[-1] == message
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]


@posix
def test_a_read_only_folder_is_named(run_python):
    script = """
import os, tempfile
from pathlib import Path
from sk_mnist._files import check_writable

folder = Path(tempfile.mkdtemp())
folder.chmod(0o555)
if os.geteuid() == 0:  # to whom everything is writable
    os.seteuid(65534)
try:
    check_writable(folder / "file")
except OSError as error:
    print(str(error).removeprefix(str(folder)))
finally:
    os.seteuid(os.getuid())
    folder.rmdir()
"""
    done = run_python(script)
    assert done.stdout == "/file cannot be written: Permission denied.\n", done.stderr
