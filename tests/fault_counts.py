"""How often each fault was tried: counted by the tests, shown by the documentation."""

import csv
import os
from collections import Counter
from pathlib import Path

HEADER = ("What was tried", "Times", "What came of it")

_counts = Counter()


def held(fault, outcome, times=1):
    """Count a fault after which the promised outcome was seen."""
    _counts[fault, outcome] += times


def write_table():
    """Bring the table that SK_MNIST_FAULTS names up to date with what was tried now."""
    if not _counts or "SK_MNIST_FAULTS" not in os.environ:
        return
    path = Path(os.environ["SK_MNIST_FAULTS"])
    rows = {}
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            rows = {row[HEADER[0]]: row for row in csv.DictReader(file)}
    for (fault, outcome), times in _counts.items():
        rows[fault] = dict(zip(HEADER, (fault, f"{times:,}", outcome), strict=True))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[fault] for fault in sorted(rows))
