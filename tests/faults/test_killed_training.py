"""A training that is killed and continued ends with the weights of an unbroken one."""

import os
import time

import joblib

from fault_counts import held
from killable import finish, fit_with_backup, start
from networks import assert_same_network


def test_training_that_is_killed_goes_on(tmp_path, few_times, chance):
    backup, result = tmp_path / "backup", tmp_path / "result"
    began = time.monotonic()
    finish(fit_with_backup, backup, tmp_path / "unbroken")
    duration = time.monotonic() - began
    unbroken = joblib.load(tmp_path / "unbroken")

    kills = 0
    while kills < few_times:
        process = start(fit_with_backup, backup, result)
        time.sleep(chance.uniform(0, duration))
        kills += process.is_alive()
        process.kill()
        process.join()
        if result.exists():
            assert_same_network(joblib.load(result), unbroken)
            result.unlink()
    finish(fit_with_backup, backup, result)
    assert_same_network(joblib.load(result), unbroken)
    assert os.listdir(backup) == []
    held(
        "SIGKILL during a `fit` with `BackupAndRestore`",
        "The same fit goes on, and ends with the weights of an unbroken one, bit for "
        "bit.",
        kills,
    )
