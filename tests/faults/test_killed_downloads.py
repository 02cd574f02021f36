"""Whatever kills a download: the old file or the whole new one, and nothing else."""

import os
import threading
import time

import numpy as np
import pytest

import small_mnist
from fault_counts import held
from killable import fetch, finish, start
from small_mnist import Answer

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")

DIGITS = small_mnist.make_digits()
OTHER_DIGITS = {name: array ^ 1 for name, array in DIGITS.items()}
OLD = b"PK, an old and damaged file"

(WHOLE,) = small_mnist.npz_files(DIGITS).values()
(WRONG,) = small_mnist.npz_files(OTHER_DIGITS).values()
HALF = WHOLE[: len(WHOLE) // 2]
ANSWERS = {
    "all of the file": Answer(WHOLE),
    "the file slowly": Answer(WHOLE, bite=3000, pause=0.01),
    "half of it and hangs up": Answer(HALF, promised_length=len(WHOLE)),
    "error 500": Answer(b"", status=500),
    "half of it as if it were all": Answer(HALF),
    "a corrupt file": Answer(HALF + b"X" + WHOLE[len(HALF) + 1 :]),
    "other digits": Answer(WRONG),
}


@pytest.fixture(scope="module")
def mirrors():
    """Two mirrors, for processes that outlive no test."""
    server = small_mnist.Mirrors()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def serve(mirrors, manner):
    """Let the first mirror answer in some manner, and the second one well."""
    mirrors.answers["/first/mnist.npz"] = ANSWERS[manner]
    mirrors.serve("second", small_mnist.gzipped_idx_files(DIGITS))


def is_mnist(file):
    with np.load(file) as arrays:
        return all(np.array_equal(arrays[name], DIGITS[name]) for name in DIGITS)


def is_old_or_new(folder, old):
    """The file is as it was, or MNIST; beside it are temporary folders at most."""
    names = {name for name in os.listdir(folder) if not name.startswith(".sk-mnist-")}
    if not names:
        return old is None
    file = folder / "mnist.npz"
    return names == {file.name} and (file.read_bytes() == old or is_mnist(file))


def new_folder(tmp_path, number, old):
    folder = tmp_path / str(number)
    folder.mkdir()
    if old is not None:
        (folder / "mnist.npz").write_bytes(old)
    return folder


def fetch_undisturbed(mirrors, folder):
    finish(fetch, mirrors.files(), folder)
    assert os.listdir(folder) == ["mnist.npz"]
    assert is_mnist(folder / "mnist.npz")


@pytest.mark.parametrize("end", ["kill", "terminate"])
def test_a_fetch_that_is_killed(mirrors, tmp_path, times, chance, end):
    for number in range(times):
        old = chance.choice([None, OLD])
        folder = new_folder(tmp_path, number, old)
        serve(mirrors, list(ANSWERS)[number % len(ANSWERS)])
        process = start(fetch, mirrors.files(), folder)
        time.sleep(chance.uniform(0, 0.3))
        getattr(process, end)()
        process.join()
        assert is_old_or_new(folder, old)
        if end == "terminate":
            assert set(os.listdir(folder)) <= {"mnist.npz"}
        serve(mirrors, "all of the file")
        fetch_undisturbed(mirrors, folder)
    held(
        f"SIG{end[:4].upper()} during `fetch_mnist`. The mirror sends: "
        f"{'; '.join(ANSWERS)}",
        "The old file or the whole new one; the next download works and leaves nothing "
        "else.",
        times,
    )


def test_two_processes_that_fetch_at_once_one_of_them_killed(
    mirrors, tmp_path, times, chance
):
    serve(mirrors, "the file slowly")
    for number in range(times):
        folder = new_folder(tmp_path, number, None)
        killed = start(fetch, mirrors.files(), folder)
        other = start(fetch, mirrors.files(), folder)
        time.sleep(chance.uniform(0, 0.3))
        killed.kill()
        other.join()
        killed.join()
        assert other.exitcode == 0
        assert is_mnist(folder / "mnist.npz")
    held(
        "SIGKILL of one of two processes that fetch at once",
        "The other one is not disturbed; the file is whole.",
        times,
    )


@pytest.mark.parametrize("manner", ANSWERS)
def test_a_mirror_that_answers_badly(mirrors, tmp_path, manner):
    serve(mirrors, manner)
    fetch_undisturbed(mirrors, tmp_path)
