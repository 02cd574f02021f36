"""Digests of the weights that a seed gives, for each platform where they were recorded.

``python tests/recorded_weights.py`` adds those of this platform to the file.
"""

import hashlib
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

from networks import BENDING, small, weights

FILE = Path(__file__).parent / "data" / "recorded_weights.json"

SETTINGS = {
    "defaults": {},
    "all that is random": {
        "dropout": 0.2,
        "validation_split": 0.2,
        "augmentation": BENDING,
        "learning_rate_schedule": "cosine",
        "ema_momentum": 0.9,
    },
}


def _processor():
    """What decides how sums are ordered: instructions, model and caches."""
    lines = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
    entries = {
        name.strip(): value.strip()
        for name, _, value in (line.partition(":") for line in lines)
    }
    names = ("vendor_id", "cpu family", "model", "CPU implementer", "CPU part")
    flags = entries.get("flags", entries.get("Features", ""))
    caches = sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size"))
    return {
        **{name: entries[name] for name in names if name in entries},
        "flags": hashlib.sha256(flags.encode()).hexdigest()[:16],
        "caches": [path.read_text().strip() for path in caches],
    }


def this_platform():
    """All that the last bits of a network depend on; None if Linux does not tell it."""
    if not os.path.exists("/proc/cpuinfo"):
        return None
    changes = ("OMP_NUM_THREADS", "TF_ENABLE_ONEDNN_OPTS", "XLA_FLAGS", "TF_XLA_FLAGS")
    return {
        "machine": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "threads": len(os.sched_getaffinity(0)),
        "environment": {
            name: os.environ[name] for name in changes if name in os.environ
        },
        "versions": {name: version(name) for name in ("keras", "numpy", "tensorflow")},
    }


def digests(digits):
    """SHA-256 of the weights of each setting, trained on these digits."""
    return {
        name: hashlib.sha256(weights(small(**given).fit(*digits)).tobytes()).hexdigest()
        for name, given in SETTINGS.items()
    }


def records():
    """What was recorded: a list of platforms with their digests."""
    return json.loads(FILE.read_text("utf-8"))


def record():
    """Add the digests of this platform, or replace them."""
    from conftest import tiny_digits

    here = this_platform()
    others = [entry for entry in records() if entry["platform"] != here]
    new = {"platform": here, "sha256": digests(tiny_digits(slice(401)))}
    FILE.write_text(json.dumps([*others, new], indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    record()
