"""What reading MNIST promises: nothing is allocated beyond what MNIST needs."""

import gzip
import io
import json
import os
import sys
import zipfile

import numpy as np
import pytest

from sk_mnist import fetch_mnist
from sk_mnist._datasets._mnist_files import ARRAYS
from small_mnist import npz_files, write

IMAGES = ARRAYS["x_train"].idx_file
HUGE_IDX = bytes([0, 0, 8, 3]) + b"".join(n.to_bytes(4, "big") for n in (2**31, 28, 28))
ZEROS = bytes(2**24)


def npy(shape):
    """The beginning of an .npy file."""
    file = io.BytesIO()
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_2_0(file, header)
    return file.getvalue()


def npz(member, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method, compresslevel=1) as archive:
        archive.writestr("x_train.npy", member)
    return {"mnist.npz": file.getvalue()}


def npz_that_unpacks_to_half_a_gigabyte(method):
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", method, compresslevel=1) as archive,
        archive.open("x_train.npy", "w") as member,
    ):
        member.write(npy((2**29,)))
        for _ in range(2**5):
            member.write(ZEROS)
    return {"mnist.npz": file.getvalue()}


def npz_with_a_million_members():
    entry = zipfile.ZipInfo("x")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(entry, b"")
    content = file.getvalue()
    start = content.index(b"PK\1\2")
    directory = content[start : content.index(b"PK\5\6")] * 2**20
    end = b"PK\5\6" + bytes(4) + 2 * (2**16 - 2).to_bytes(2, "little")
    end += len(directory).to_bytes(4, "little") + start.to_bytes(4, "little") + bytes(2)
    return {"mnist.npz": content[:start] + directory + end}


BOMBS = {
    "IDX that claims 2**31 images": lambda: {IMAGES: HUGE_IDX + bytes(1000)},
    "gzipped IDX that claims 2**31 images": lambda: {
        f"{IMAGES}.gz": gzip.compress(HUGE_IDX + bytes(1000))
    },
    "gzip bomb": lambda: {f"{IMAGES}.gz": gzip.compress(ZEROS) * 64},
    "array that claims 2**31 images": lambda: npz(npy((2**31, 28, 28)) + bytes(1000)),
    "array with a header of 4 GB": lambda: npz(
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + ZEROS
    ),
    "zip bomb": lambda: npz_that_unpacks_to_half_a_gigabyte(zipfile.ZIP_DEFLATED),
    "zip bomb by LZMA": lambda: npz_that_unpacks_to_half_a_gigabyte(zipfile.ZIP_LZMA),
    "zip bomb by bzip2": lambda: npz_that_unpacks_to_half_a_gigabyte(zipfile.ZIP_BZIP2),
    "zip with a million members": npz_with_a_million_members,
}

READ_ALL = """
import json, re, sys
from pathlib import Path
from sk_mnist._datasets._mnist_files import find_arrays

def kilobytes(figure):
    status = Path("/proc/self/status").read_text()
    return int(re.search(figure + r":\\s+(\\d+) kB", status)[1])

growth = {}
for folder in Path(sys.argv[1]).iterdir():
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak
    before = kilobytes("VmRSS")
    arrays, rejected = find_arrays(["x_train"], [folder])
    assert not arrays and rejected
    growth[folder.name] = 1024 * (kilobytes("VmHWM") - before)
print(json.dumps(growth))
"""


@pytest.fixture(scope="module")
def growth(tmp_path_factory, run_python):
    """Bytes by which a process has grown at most when it has read a bomb."""
    folder = tmp_path_factory.mktemp("bombs")
    for name, files in BOMBS.items():
        (folder / name).mkdir()
        write(folder / name, files())
    (folder / "huge file").mkdir()
    with (folder / "huge file" / IMAGES).open("wb") as file:
        file.truncate(2**32)  # of holes, which take no space on the disk
    done = run_python(READ_ALL, folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as on Linux")
@pytest.mark.parametrize("bomb", [*BOMBS, "huge file"])
def test_nothing_is_allocated_beyond_what_mnist_needs(growth, bomb):
    needed = sum(array.n_bytes for array in ARRAYS.values())
    assert growth[bomb] < 2 * needed


class Bomb:
    def __reduce__(self):
        return os.abort, ()


def test_pickles_in_an_archive_are_not_loaded(folders, digits):
    objects = np.array([Bomb()], dtype=object)
    write(folders["cache"], npz_files({**digits, "x_train": objects}))
    with (
        pytest.warns(UserWarning, match="differs from MNIST's"),
        pytest.raises(OSError, match="neither found nor downloaded"),
    ):
        fetch_mnist(download_if_missing=False)
