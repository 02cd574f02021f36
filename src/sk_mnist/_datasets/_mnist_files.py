"""MNIST's four arrays: the files that hold them, and how to know the real ones.

MNIST is passed around in many containers, and other data sets under the same file
names. Whatever a file is called and whatever it says about itself, no more is read than
MNIST needs, and the contents are compared with the published arrays, byte for byte,
before they are used.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
BinaryFile = io.BufferedReader | io.BytesIO


class PublishedArray(NamedTuple):
    """One of the four arrays that make MNIST."""

    idx_file: str
    shape: tuple[int, ...]
    sha256: str  # of the uncompressed IDX file

    @property
    def idx_header(self) -> bytes:
        """The first bytes of the IDX file: of unsigned bytes, and the shape."""
        sizes = np.array(self.shape, ">u4").tobytes()
        return bytes([0, 0, 8, len(self.shape)]) + sizes

    @property
    def n_bytes(self) -> int:
        """Size of the array."""
        return int(np.prod(self.shape))


# By their names in Keras's mnist.npz. https://yann.lecun.org/exdb/mnist/ describes IDX.
ARRAYS = {
    "x_train": PublishedArray(
        "train-images-idx3-ubyte",
        (60000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    "y_train": PublishedArray(
        "train-labels-idx1-ubyte",
        (60000,),
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    "x_test": PublishedArray(
        "t10k-images-idx3-ubyte",
        (10000, 28, 28),
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    "y_test": PublishedArray(
        "t10k-labels-idx1-ubyte",
        (10000,),
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
}

ARCHIVE = "mnist.npz"

# Bytes of an .npy file before its array; NumPy writes 128.
NPY_HEADER_LIMIT = 2**12

# What a file may need beside its arrays, and the most that is read at once.
CONTAINER_LIMIT = 2**20
BITE = 2**20


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _InBites(io.BufferedReader):
    """A file that is never read as a whole, however large a zip archive's list is."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(BITE if size is None or size < 0 else min(size, BITE))


def _read_at_most(file: _Readable, limit: int) -> bytearray:
    content = bytearray()
    while bite := file.read(min(BITE, limit + 1 - len(content))):
        content += bite
        if len(content) > limit:
            raise ValueError(f"it holds more than the {limit:,} bytes that MNIST needs")
    return content


def _read_member(file: BinaryFile, name: str, limit: int) -> bytearray:
    """Read the file of an array in an archive that ``numpy.savez`` wrote.

    NumPy's own reader allocates whatever the file says that it holds.
    """
    with _InBites(file) as bites, zipfile.ZipFile(bites) as archive:
        member = archive.getinfo(f"{name}.npy")
        # zipfile does not limit what it decompresses at once by other methods.
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError("it is compressed by a method that NumPy does not use")
        with archive.open(member) as npy:
            return _read_at_most(npy, limit)


def read_array(file: BinaryFile, file_name: str, name: str) -> Pixels:
    """Read one array of MNIST and check that it is the published one.

    Parameters
    ----------
    file : binary file
        ``mnist.npz`` or an IDX file, gzipped or not.
    file_name : str
        Its name, which tells the three apart.
    name : str
        A key of `ARRAYS`.

    Returns
    -------
    array : ndarray of uint8
        Of the published shape.

    Raises
    ------
    ValueError
        If the contents are different or larger. Damaged containers raise errors of
        their own.
    """
    published = ARRAYS[name]
    container_limit = CONTAINER_LIMIT + sum(array.n_bytes for array in ARRAYS.values())
    if file.seek(0, os.SEEK_END) > container_limit:
        raise ValueError(f"it is larger than {container_limit:,} bytes")
    file.seek(0)

    limit = len(published.idx_header) + published.n_bytes
    if file_name.endswith(".npz"):
        content = _read_member(file, name, published.n_bytes + NPY_HEADER_LIMIT)
        header = published.idx_header  # instead of NumPy's own
    else:
        is_gzipped = file_name.endswith(".gz")
        idx = gzip.GzipFile(fileobj=file) if is_gzipped else file
        content = _read_at_most(idx, limit)
        header = bytes(content[: -published.n_bytes])
    pixels = np.frombuffer(content, np.uint8)[-published.n_bytes :]
    digest = hashlib.sha256(header)
    digest.update(pixels.data)
    if digest.hexdigest() != published.sha256:
        raise ValueError(f"its {name} differs from MNIST's")
    return pixels.reshape(published.shape)


def file_names(name: str) -> tuple[str, ...]:
    """Name the files that may hold one array of MNIST, the best known first."""
    idx_file = ARRAYS[name].idx_file
    return ARCHIVE, idx_file, f"{idx_file}.gz"


def find_arrays(
    names: Iterable[str], folders: Iterable[Path]
) -> tuple[dict[str, Pixels], dict[Path, str]]:
    """Read arrays of MNIST from the first files that hold them.

    Parameters
    ----------
    names : iterable of str
        Keys of `ARRAYS`.
    folders : iterable of Path
        Where to look, in this order.

    Returns
    -------
    arrays : dict of str to ndarray
        Those that were found.
    rejected : dict of Path to str
        Files that do not hold what their names promise, and why.
    """
    arrays: dict[str, Pixels] = {}
    rejected: dict[Path, str] = {}
    for name in names:
        for path in _candidates(folders, name):
            try:
                with path.open("rb") as file:
                    arrays[name] = read_array(file, path.name, name)
                break
            except Exception as error:  # damaged files raise a dozen kinds
                rejected[path] = str(error) or type(error).__name__
    return arrays, rejected


def _candidates(folders: Iterable[Path], name: str) -> Iterator[Path]:
    """Find the files that may hold one array of MNIST."""
    for folder in folders:
        for file in file_names(name):
            if os.path.isfile(folder / file):
                yield folder / file
