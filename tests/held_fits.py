"""Fits that wait for a test, so that something can happen in the middle of a search."""

import os
import time


class HeldScore:
    """A scorer that says which process is at work, and waits until it may go on.

    Parameters
    ----------
    folder : pathlib.Path
        Each process leaves a file of its number there, and waits for the file ``go``.
    """

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, estimator, X, y):
        (self.folder / str(os.getpid())).touch()
        deadline = time.monotonic() + 120
        while not (self.folder / "go").exists():
            if time.monotonic() > deadline:
                raise TimeoutError("the test did not say go")
            time.sleep(0.02)
        return os.getpid()

    def processes(self, at_least):
        """Wait until so many processes are at work, and return their numbers."""
        deadline = time.monotonic() + 120
        while len(names := os.listdir(self.folder)) < at_least:
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {at_least} processes have begun")
            time.sleep(0.02)
        return [int(name) for name in names]

    def go(self):
        """Let all go on."""
        (self.folder / "go").touch()
