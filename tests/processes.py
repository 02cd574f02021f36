"""Programs that tests start, and stop as a person does."""

import contextlib
import signal
import subprocess


def press_ctrl_c(process):
    """Press until the program ends, and return what it has printed.

    Python drops an interrupt that falls into a destructor, of which Keras has many.
    """
    while True:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=20)
