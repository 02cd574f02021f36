"""Files that are written whole or not at all.

An error, a full disk, Ctrl-C or a kill in the middle of a save leaves what was there
before. A process that is killed cannot clean up; the next one that writes to the same
folder does it instead.
"""

import contextlib
import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, NoReturn

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
        raise OSError(f"{path} cannot be written: the folder {path.parent} is missing.")
    if path.exists() and not path.is_file():
        raise OSError(f"{path} cannot be written: it is there, and is not a file.")
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
    _remove_abandoned(parent)
    with _terminated_by_an_exception():
        folder, lock = _locked_folder(parent)
        try:
            (folder / CONTENTS).mkdir()
            yield folder / CONTENTS
        finally:
            # Closed first, because Windows keeps open files. If another process takes
            # the folder for abandoned now, the two of them remove the same thing.
            lock.close()
            with contextlib.suppress(FileNotFoundError):
                _remove(folder)


def _locked_folder(parent: Path) -> tuple[Path, IO[bytes]]:
    """Make a folder with a lock, which the process holds until it closes it or ends."""
    while True:
        folder = Path(mkdtemp(prefix=PREFIX, dir=parent))
        try:
            lock = (folder / LOCK).open("xb")
        except FileNotFoundError:
            continue  # not locked yet, it was taken for abandoned
        except OSError:
            folder.rmdir()
            raise
        if _hold(lock) and (folder / LOCK).exists():
            return folder, lock
        lock.close()


def _remove_abandoned(parent: Path) -> None:
    """Remove the temporary folders of processes that are gone."""
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
def _terminated_by_an_exception() -> Iterator[None]:
    """Let SIGTERM raise SystemExit meanwhile, as Ctrl-C raises KeyboardInterrupt.

    By default the process would end at once and leave its temporary folder. A handler
    that the program has set is left alone.
    """

    def stop(number: int, frame: object) -> NoReturn:
        sys.exit(128 + number)  # as shells report it

    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
