"""The command ``python -m benchmarks``, run from the root of the project.

Measures sk-mnist beside its peers, prints one table and, after a full run, writes it
and a plot for the documentation.
"""

import argparse
import os
import platform
import sys
import tempfile
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from .digits import save_digits
from .measure import Conditions, in_fresh_process
from .peers import CONTENDERS, installed
from .prediction import predict_rows, size_rows, start_rows
from .report import Row, markdown_table, plot, text_table
from .resources import growth_rows, memory_rows
from .search import search_rows
from .training import epoch_rows, fit_rows, scale_rows, setup_rows

GROUPS = {
    "fit": fit_rows,
    "epoch": epoch_rows,
    "setup": setup_rows,
    "search": search_rows,
    "predict": predict_rows,
    "start": start_rows,
    "size": size_rows,
    "memory": memory_rows,
    "growth": growth_rows,
    "scale": scale_rows,
}
TABLE = Path("docs/benchmarks_table.md")
PLOT = Path("docs/images/benchmarks.png")
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


def _measure(conditions: Conditions, groups: list[str]) -> list[Row]:
    rows = []
    for group in groups:
        print(f"Measuring: {group}", file=sys.stderr, flush=True)
        rows += GROUPS[group](conditions)
    return rows


def _caption(digits: str, rounds: int) -> str:
    """What was measured where: under the table."""
    libraries = ("scikit-learn", "numpy", "keras", "tensorflow", "scikeras")
    optional = [name for name in ("torch", "skorch") if find_spec(name)]
    versions = ", ".join(f"{name} {version(name)}" for name in (*libraries, *optional))
    left_out = [name for name in CONTENDERS if name not in installed()]
    note = f" Left out, as not installed: {', '.join(left_out)}." if left_out else ""
    return (
        f"{digits}; median of {rounds} rounds; {os.cpu_count()} cores, "
        f"{platform.machine()}; Python {platform.python_version()}, {versions}.{note}"
    )


def main() -> None:
    arguments = _arguments()
    size = dict(QUICK if arguments.quick else FULL)
    if arguments.repeats:
        size["rounds"] = arguments.repeats
    with tempfile.TemporaryDirectory() as folder:
        conditions = Conditions(Path(folder), **size)
        digits = in_fresh_process(save_digits, conditions.folder)
        rows = _measure(conditions, arguments.rows or list(GROUPS))
    if arguments.quick:  # promises are made for the full size
        rows = [replace(row, at_least=None, at_most=None) for row in rows]
    caption = _caption(digits, conditions.rounds)
    print(f"{text_table(rows)}\n\n{caption}")
    if not arguments.rows and not arguments.quick:
        TABLE.write_text(f"{markdown_table(rows)}\n{caption}\n")
        plot(rows, PLOT)
        print(f"Written: {TABLE} and {PLOT}")


if __name__ == "__main__":
    main()
