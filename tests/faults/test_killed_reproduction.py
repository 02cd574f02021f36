"""A reproduction that is killed again and again ends with the same figures."""

import json
import subprocess
import sys
import time

import pytest

from fault_counts import held


def start_reproducing(folder):
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "sk_mnist", "reproduce", "relu-128-one-hot"),
            *("--data", "sample", "--seeds", "3", "--folder", folder / "kept"),
            *("--json", folder / "results.json"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish_reproducing(folder):
    process = start_reproducing(folder)
    _, printed = process.communicate()
    assert process.returncode == 0, printed
    (record,) = json.loads((folder / "results.json").read_text("utf-8"))
    return record["test_accuracies"]


def files_of(folder):
    return sorted(path.name for path in folder.rglob("*"))


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("times", [50])
def test_reproduce_that_is_killed_goes_on(tmp_path, times, chance):
    unbroken = tmp_path / "unbroken"
    unbroken.mkdir()
    start = time.monotonic()
    figures = finish_reproducing(unbroken)
    duration = time.monotonic() - start

    kills = rounds = 0
    while kills < times:
        folder = tmp_path / str(rounds)
        folder.mkdir()
        rounds += 1
        process = start_reproducing(folder)
        while kills < times:
            time.sleep(chance.uniform(0, duration))
            if process.poll() is not None:
                break
            process.kill()
            process.communicate()
            kills += 1
            process = start_reproducing(folder)
        process.communicate()
        assert finish_reproducing(folder) == figures
        assert files_of(folder) == files_of(unbroken)
    held(
        "SIGKILL during `sk-mnist reproduce`",
        "The same command goes on, and ends with the same figures.",
        kills,
    )
