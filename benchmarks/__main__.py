"""The command ``python -m benchmarks``, run from the root of the project.

Measures sk-mnist beside its peers, prints one table and, during a full run, writes it
for developers, and a short table and a chart for users, into the documentation.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from . import memory
from .chart import draw
from .digits import save_digits
from .measure import Conditions, in_fresh_process
from .peers import CONTENDERS, SCIKERAS, installed
from .prediction import augmented_rows, predict_rows, size_rows, start_rows
from .report import WITHOUT_TARGETS, markdown_table, rows_for_users, text_table
from .resources import growth_rows, memory_rows
from .row import Row
from .search import search_rows, threads_rows
from .training import (
    epoch_rows,
    fit_rows,
    large_batch_rows,
    process_rows,
    scale_rows,
    setup_rows,
)

GROUPS = {
    "fit": fit_rows,
    "large_batch": large_batch_rows,
    "process": process_rows,
    "epoch": epoch_rows,
    "setup": setup_rows,
    "search": search_rows,
    "threads": threads_rows,
    "predict": predict_rows,
    "augmented": augmented_rows,
    "start": start_rows,
    "size": size_rows,
    "memory": memory_rows,
    "growth": growth_rows,
    "scale": scale_rows,
}
TABLE = Path("docs/benchmarks_table.md")
CHART = Path("docs/images/benchmarks.png")
TABLE_FOR_DEVELOPERS = Path("docs/benchmarks_developers_table.md")
FULL = {"rounds": 5, "most_rows": 1_000_000}
QUICK = {"rounds": 1, "most_rows": 2_000}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure sk-mnist beside other libraries: on MNIST if "
        "SK_MNIST_DATA names its folder, on the sample digits otherwise.",
    )
    parser.add_argument(
        "--rows",
        nargs="+",
        choices=GROUPS,
        metavar="GROUP",
        help=f"only these rows, of {', '.join(GROUPS)}",
    )
    parser.add_argument("--repeats", type=int, help="rounds of each comparison")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="one round on few digits: shows that all runs, its ratios say little",
    )
    return parser.parse_args()


def _measure(conditions: Conditions, group: str) -> list[Row]:
    start = time.perf_counter()
    rows = GROUPS[group](conditions)
    minutes = (time.perf_counter() - start) / 60
    print(f"Measured: {group}, {minutes:.1f} minutes", file=sys.stderr, flush=True)
    return rows


def _left_out() -> str:
    """What could not be measured here."""
    notes = [
        f"{name} (not installed)" for name in CONTENDERS if name not in installed()
    ]
    if not memory.can_be_measured():
        notes.append("memory (this system does not tell it)")
    return f" Left out: {', '.join(notes)}." if notes else ""


def _conditions_in_words(digits: str, rounds: int) -> str:
    """What was measured where: above the table."""
    libraries = ("scikit-learn", "numpy", "keras", "tensorflow", "scikeras")
    optional = [name for name in ("torch", "skorch") if find_spec(name)]
    versions = ", ".join(f"{name} {version(name)}" for name in (*libraries, *optional))
    return (
        f"{digits}; medians, rounds: {rounds}; {os.cpu_count()} cores, "
        f"{platform.machine()}; Python {platform.python_version()}, {versions}."
        + _left_out()
    )


def _write(measured: dict[str, list[Row]], heading: str) -> None:
    """Write the chart and both tables into the documentation."""
    for_users = rows_for_users(measured)
    tables = {
        TABLE: markdown_table(for_users, WITHOUT_TARGETS),
        TABLE_FOR_DEVELOPERS: markdown_table([*chain(*measured.values())]),
    }
    for path, table in tables.items():
        path.write_text(f"{heading}\n\n{table}\n", encoding="utf-8")
    draw([row for row in for_users if row.against == SCIKERAS], CHART)


def main() -> None:
    arguments = _arguments()
    size = dict(QUICK if arguments.quick else FULL)
    if arguments.repeats:
        size["rounds"] = arguments.repeats
    for_the_docs = not (arguments.rows or arguments.quick)
    measured: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory() as folder:
        conditions = Conditions(Path(folder), **size)
        digits = in_fresh_process(save_digits, conditions.folder)
        heading = _conditions_in_words(digits, conditions.rounds)
        for group in arguments.rows or GROUPS:
            measured[group] = _measure(conditions, group)
            if for_the_docs:  # at once: a run that is stopped leaves what it measured
                _write(measured, heading)
    rows = [*chain(*measured.values())]
    if arguments.quick:  # targets are for the full size
        rows = [replace(row, at_least=None, at_most=None) for row in rows]
    print(f"{heading}\n\n{text_table(rows)}\n")
    if for_the_docs:
        print(f"Written: {TABLE}, {CHART} and {TABLE_FOR_DEVELOPERS}")


if __name__ == "__main__":
    main()
