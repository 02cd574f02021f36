"""Files that are written whole or not at all.

An error, a full disk, Ctrl-C or a kill in the middle of a save leaves what was there
before. A process that is killed cannot clean up; the next one that writes to the same
folder does it instead.
"""

import contextlib
import os
import secrets
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

PREFIX = ".sk-mnist-"  # of temporary folders

# A temporary folder holds a file that is locked for as long as its process lives, and
# beside it a folder with the contents.
LOCK = "lock"
CONTENTS = "contents"


def check_writable(path: Path) -> None:
    """Check that a file can be written, before a long computation.

    Raises
    ------
    OSError
        If its folder is missing or cannot be written to, or if the path names anything
        but a file, or a file that is read-only.
    """
    if not path.parent.is_dir():
        raise OSError(
            f"{path} cannot be written: the folder {path.parent} is missing. Make it "
            "first."
        )
    if path.exists() and not path.is_file():
        raise OSError(f"{path} cannot be written: it exists, and is not a file.")
    if path.exists() and not os.access(path, os.W_OK):
        raise OSError(f"{path} cannot be written: it is read-only.")
    try:
        with temporary_folder(path.resolve().parent):
            pass
    except OSError as error:
        raise OSError(f"{path} cannot be written: {error.strerror}.") from error


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write a file that takes the place of another when it is complete.

    The file that was there before stays until then, and for good if anything
    interrupts.

    Parameters
    ----------
    path : Path
        Where the file is to be. If it is a symbolic link, the link stays and the file
        that it points to is replaced.

    Yields
    ------
    Path
        Where to write it meanwhile: a path of the same name, by whose ending some
        libraries choose a format, in a folder of its own.

    Raises
    ------
    OSError
        If the file cannot be written; see `check_writable`. The disk may also be full.
    """
    check_writable(path)
    target = path.resolve()
    try:
        with temporary_folder(target.parent) as folder:
            complete = folder / path.name
            yield complete
            with complete.open("rb+") as file:
                os.fsync(file.fileno())  # else a power failure could leave it empty
            if target.exists():
                shutil.copymode(target, complete)
            os.replace(complete, target)
    except OSError as error:
        # By joblib, NumPy and Keras, whose errors do not name the file.
        reason = error.strerror or error
        raise OSError(f"{path} could not be written: {reason}.") from error


@contextlib.contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """Make a folder that is gone afterwards.

    It lies on the same disk as its parent, so that moving a file from one to the other
    copies nothing. If the process is killed, the next call for the same parent removes
    the folder.

    Raises
    ------
    OSError
        If the parent is missing or cannot be written to.
    """
    remove_abandoned(parent)
    while True:
        folder = parent / f"{PREFIX}{secrets.token_hex(8)}"
        with _removed_when_terminated(folder):
            lock = _make_and_lock(folder)
            if lock is None:
                continue
            try:
                (folder / CONTENTS).mkdir()
                yield folder / CONTENTS
            finally:
                lock.close()  # first, because Windows keeps what is open
                with contextlib.suppress(FileNotFoundError):
                    _remove(folder)
            return


def _make_and_lock(folder: Path) -> IO[bytes] | None:
    """Make a folder with a lock, which the process holds until it closes it or ends.

    Before it is locked, another process may take it for abandoned: then it is None.
    """
    folder.mkdir(mode=0o700)
    try:
        lock = (folder / LOCK).open("xb")
    except FileNotFoundError:
        return None
    except OSError:
        folder.rmdir()
        raise
    if _hold(lock) and (folder / LOCK).exists():
        return lock
    lock.close()
    return None


def remove_abandoned(parent: Path) -> None:
    """Remove the temporary folders that killed processes have left in a folder."""
    with contextlib.suppress(OSError):  # a folder that is missing or cannot be read
        for folder in parent.glob(f"{PREFIX}*"):
            # Another user's cannot be removed, and one in use must not be.
            with contextlib.suppress(OSError):
                if not (folder / LOCK).exists():
                    folder.rmdir()
                    continue
                with _abandoned(folder / LOCK):
                    _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a temporary folder, the lock last, so that a kill leaves it abandoned."""
    if (folder / CONTENTS).exists():
        shutil.rmtree(folder / CONTENTS)
    (folder / LOCK).unlink(missing_ok=True)
    folder.rmdir()


if sys.platform == "win32":  # which neither renames nor removes a file that is open

    def _hold(lock: IO[bytes]) -> bool:
        """Nothing to do: the file is open."""
        return True

    @contextlib.contextmanager
    def _abandoned(lock: Path) -> Iterator[None]:
        """Check that no process holds a lock."""
        lock.rename(lock)
        yield

else:
    import fcntl

    def _hold(lock: IO[bytes]) -> bool:
        """Lock an open file until it is closed, unless another process does."""
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            pass  # a disk that has no locks, from which nothing abandoned is removed
        return True

    @contextlib.contextmanager
    def _abandoned(lock: Path) -> Iterator[None]:
        """Hold a lock that no process holds; an OSError if one does."""
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield


@contextlib.contextmanager
def _removed_when_terminated(folder: Path) -> Iterator[None]:
    """Remove a temporary folder when SIGTERM ends the process, as it still does.

    A handler that the program has set is left alone.
    """

    def remove_and_stop(number: int, frame: object) -> None:
        with contextlib.suppress(OSError):
            _remove(folder)
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, remove_and_stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
