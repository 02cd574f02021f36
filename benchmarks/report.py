"""The tables: all rows for developers, those that matter to users without targets."""

from collections.abc import Mapping, Sequence

from .peers import SCIKERAS, SCIKIT_LEARN
from .row import Row

HEADER = ("", "sk-mnist", "against", "", "sk-mnist is", "target", "met", "accuracy")
FIGURES = (1, 3)  # columns whose texts end at the same place
WITHOUT_TARGETS = (0, 1, 2, 3, 4, 7)
GROUPS_FOR_USERS = ("fit", "search", "predict", "start", "size")


def rows_for_users(measured: Mapping[str, Sequence[Row]]) -> list[Row]:
    """Rows on what users wait for, against the two libraries that they may use."""
    return [
        row
        for group in GROUPS_FOR_USERS
        for row in measured.get(group, ())
        if row.against in (SCIKERAS, SCIKIT_LEARN)
    ]


def text_table(rows: Sequence[Row]) -> str:
    """The table for a terminal."""
    lines = [HEADER, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    padding = [str.rjust if n in FIGURES else str.ljust for n in range(len(HEADER))]
    return "\n".join(
        "  ".join(
            pad(cell, width)
            for pad, cell, width in zip(padding, line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def markdown_table(
    rows: Sequence[Row], columns: Sequence[int] = range(len(HEADER))
) -> str:
    """The table, or some of its columns, for the documentation."""
    rules = ["---:" if n in FIGURES else "---" for n in range(len(HEADER))]
    lines = [HEADER, rules, *(row.cells() for row in rows)]
    return "\n".join(
        "| " + " | ".join(line[column] for column in columns) + " |" for line in lines
    )
