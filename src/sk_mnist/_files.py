"""Files that are written whole or not at all.

A crash, a full disk or Ctrl-C in the middle of a save leaves what was there before.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory


def _folder_beside(path: Path) -> TemporaryDirectory[str]:
    """A temporary folder on the same disk, so that moving out of it copies nothing."""
    return TemporaryDirectory(prefix=".sk-mnist-", dir=path.parent)


def check_writable(path: Path) -> None:
    """Find out, before any long work, whether a file can be written in the end.

    Raises
    ------
    OSError
        If its folder is missing or cannot be written to, or what has the name already
        is no file, or a read-only one.
    """
    if not path.parent.is_dir():
        raise OSError(f"{path} cannot be written: the folder {path.parent} is missing.")
    if path.exists() and not path.is_file():
        raise OSError(f"{path} cannot be written: it is there, and is not a file.")
    if path.exists() and not os.access(path, os.W_OK):
        raise OSError(f"{path} cannot be written: it is read-only.")
    try:
        with _folder_beside(path.resolve()):
            pass
    except OSError as error:
        raise OSError(f"{path} cannot be written: {error.strerror}.") from error


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write a file that takes the place of another when it is complete.

    What was there before stays until then, and for good if anything interrupts.

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
        If the file cannot be written; see `check_writable`.
    """
    check_writable(path)
    target = path.resolve()
    with _folder_beside(target) as folder:
        complete = Path(folder, path.name)
        yield complete
        with complete.open("rb+") as file:
            os.fsync(file.fileno())  # else a power failure could leave an empty file
        if target.exists():
            shutil.copymode(target, complete)
        os.replace(complete, target)
