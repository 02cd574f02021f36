"""How much memory this process holds, and held at most, and how many files.

Linux alone tells this of a process by itself: elsewhere these rows are left out. The
peak that ``resource.getrusage`` gives would not do, for it begins with that of the
process that started this one.
"""

import os
from pathlib import Path

STATUS = Path("/proc/self/status")
# Writing 5 sets the peak back to what is held: proc_pid_clear_refs(5).
CLEAR_REFERENCES = Path("/proc/self/clear_refs")


def can_be_measured() -> bool:
    """Whether this system tells a process its peak, and lets it be set back."""
    return os.access(CLEAR_REFERENCES, os.W_OK) and "VmHWM:" in STATUS.read_text()


def _bytes(entry: str) -> int:
    lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
    return int(lines[entry].removesuffix("kB")) * 1024


def open_files() -> int:
    """Number of file descriptors that this process holds."""
    return len(os.listdir("/proc/self/fd"))


def held() -> int:
    """Memory that this process holds now, in bytes."""
    return _bytes("VmRSS")


def peak() -> int:
    """Most memory that it held since `forget_peak`, in bytes."""
    return _bytes("VmHWM")


def forget_peak() -> None:
    """Let the peak start from what is held now."""
    CLEAR_REFERENCES.write_text("5")
