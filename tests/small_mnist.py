"""A small MNIST, its files in every container, and mirrors to download them from."""

import gzip
import hashlib
import http.server
import io
import time
from typing import NamedTuple

import numpy as np

from sk_mnist._datasets._mnist_files import ARRAYS, PublishedArray


def idx(array):
    """The bytes of an IDX file."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def make_digits():
    """Arrays as MNIST has them, but with few and meaningless images."""
    random = np.random.default_rng(0)
    return {
        "x_train": random.integers(0, 256, (60, 28, 28), dtype=np.uint8),
        "y_train": random.integers(0, 10, 60, dtype=np.uint8),
        "x_test": random.integers(0, 256, (10, 28, 28), dtype=np.uint8),
        "y_test": random.integers(0, 10, 10, dtype=np.uint8),
    }


def published_as(digits):
    """What `ARRAYS` would say if these digits were MNIST."""
    return {
        name: PublishedArray(
            ARRAYS[name].idx_file,
            array.shape,
            hashlib.sha256(idx(array)).hexdigest(),
        )
        for name, array in digits.items()
    }


def npz_files(digits):
    file = io.BytesIO()
    np.savez(file, **digits)
    return {"mnist.npz": file.getvalue()}


def idx_files(digits):
    return {ARRAYS[name].idx_file: idx(array) for name, array in digits.items()}


def gzipped_idx_files(digits):
    return {
        f"{name}.gz": gzip.compress(content)
        for name, content in idx_files(digits).items()
    }


CONTAINERS = {"npz": npz_files, "IDX": idx_files, "gzipped IDX": gzipped_idx_files}


def write(folder, files):
    for name, content in files.items():
        (folder / name).write_bytes(content)


def contents(folder):
    """Every file and folder below a folder, and what the files hold."""
    return {
        path.relative_to(folder).as_posix(): path.is_file() and path.read_bytes()
        for path in folder.rglob("*")
    }


class Answer(NamedTuple):
    """What a mirror answers, and how well."""

    content: bytes
    status: int = 200
    promised_length: int | None = None
    bite: int = 2**16
    pause: float = 0.0  # seconds between bites


class Mirrors(http.server.ThreadingHTTPServer):
    """Two mirrors on this machine; `answers` has what they hold by its path."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = {}
        self.requests = []

    def serve(self, mirror, files, **manner):
        for name, content in files.items():
            self.answers[f"/{mirror}/{name}"] = Answer(content, **manner)

    def url(self, mirror):
        return f"http://127.0.0.1:{self.server_port}/{mirror}/"

    def files(self):
        """What `MIRRORS` says of them."""
        idx_files = [f"{array.idx_file}.gz" for array in ARRAYS.values()]
        return {self.url("first"): ["mnist.npz"], self.url("second"): idx_files}

    def handle_error(self, request, client_address):
        """A client that is killed is no error of the server."""


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests.append(self.path)
        answer = self.server.answers.get(self.path, Answer(b"", 404))
        content, bite = answer.content, answer.bite
        length = answer.promised_length
        self.send_response(answer.status)
        self.send_header("Content-Length", len(content) if length is None else length)
        self.end_headers()
        for start in range(0, len(content), bite):
            self.wfile.write(content[start : start + bite])
            time.sleep(answer.pause)

    def log_message(self, *args):
        pass
