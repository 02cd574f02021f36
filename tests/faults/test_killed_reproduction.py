"""A reproduction that is killed again and again ends with the same figures."""

import json
import time

import pytest

from fault_counts import held
from killable import finish, run, start


def command(folder):
    """Three networks of a small recipe, on the sample digits."""
    return (
        *("reproduce", "relu-128-one-hot", "--data", "sample", "--seeds", 3),
        *("--folder", folder / "kept", "--json", folder / "results.json"),
    )


def figures_of(folder):
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
    began = time.monotonic()
    finish(run, *command(unbroken))
    duration = time.monotonic() - began
    figures = figures_of(unbroken)

    kills = rounds = 0
    while kills < times:
        folder = tmp_path / str(rounds)
        folder.mkdir()
        rounds += 1
        process = start(run, *command(folder))
        while kills < times:
            time.sleep(chance.uniform(0, duration))
            if not process.is_alive():
                break
            process.kill()
            process.join()
            kills += 1
            process = start(run, *command(folder))
        process.join()
        finish(run, *command(folder))
        assert figures_of(folder) == figures
        assert files_of(folder) == files_of(unbroken)
    held(
        "SIGKILL during `sk-mnist reproduce`",
        "The same command goes on, and ends with the same figures.",
        kills,
    )
