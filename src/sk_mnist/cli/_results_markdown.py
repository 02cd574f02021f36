"""Write results as Markdown that reads as a table on a terminal, too."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._digits import Digits
    from ._reproduction import Result


def duration(seconds: float) -> str:
    """Write a time in the two largest units that matter.

    >>> duration(3.21), duration(42.7), duration(150), duration(3720)
    ('3.2 s', '43 s', '2 min 30 s', '1 h 2 min')
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes, seconds = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def enumeration(words: Sequence[object]) -> str:
    """Write a list as in a sentence.

    >>> enumeration([0]), enumeration([0, 1, 2])
    ('0', '0, 1 and 2')
    """
    *most, last = map(str, words)
    return f"{', '.join(most)} and {last}" if most else last


def as_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a Markdown table that is aligned on a terminal too, names to the left.

    >>> print(as_table(["name", "digits"], [["pi", "3"], ["e", "27"]]))
    | name | digits |
    | :--- | -----: |
    | pi   |      3 |
    | e    |     27 |
    """
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    rule = [
        ":" + "-" * (widths[0] - 1),
        *("-" * (width - 1) + ":" for width in widths[1:]),
    ]
    lines = []
    for first, *others in (header, rule, *rows):
        cells = [
            cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)
        ]
        lines.append(f"| {' | '.join([first.ljust(widths[0]), *cells])} |")
    return "\n".join(lines)


def as_row(result: "Result") -> list[str]:
    """Write a result as a row: name, claimed, measured, difference, time."""
    measured = f"{result.test_accuracy:.2%}"
    if len(result.test_accuracies) > 1:
        measured += f" ± {100 * result.test_accuracy_std:.2f}"
    claimed, difference = "", ""
    if result.claimed is not None and result.difference is not None:
        claimed, difference = f"{result.claimed:.2%}", f"{100 * result.difference:+.2f}"
    time = duration(result.fit_seconds)
    return [result.name, claimed, measured, difference, time]


def other_figures(results: "Sequence[Result]") -> list[list[str]]:
    """Write claimed figures other than the test accuracy as rows."""
    rows = []
    for result in results:
        for figure, claimed in result.claims.items():
            if figure != "test_accuracy":
                form = ".4f" if figure.endswith("loss") else ".2%"
                values = [f"{v:{form}}" for v in (claimed, result.measured[figure])]
                rows.append([f"{result.name}, {figure.replace('_', ' ')}", *values])
    return rows


def caption(digits: "Digits", seeds: Sequence[int]) -> str:
    """Describe the data, the columns and the spread of the table."""
    import joblib

    n_cores = joblib.cpu_count()
    cores = "1 core" if n_cores == 1 else f"{n_cores} cores"
    about = "" if digits.name == "MNIST" else " The claims are about MNIST."
    spread = (
        f"with the seed {seeds[0]}"
        if len(seeds) == 1
        else f"mean ± standard deviation over the seeds {enumeration(seeds)} (of a "
        "committee, of its one vote)"
    )
    return (
        f"Data: {digits}.{about} Measured: accuracy on the test images, {spread}. "
        "Difference: in percentage points. Time: of one fit (of a committee, of all "
        f"its members) on {cores}, compiling included, after the start of "
        "TensorFlow."
    )


def as_page(results: "Sequence[Result]", digits: "Digits", seeds: Sequence[int]) -> str:
    """Write results as Markdown: the table, its caption, and the other figures."""
    header = ["recipe", "claimed", "measured", "difference", "time"]
    parts = [
        as_table(header, [as_row(result) for result in results]),
        "\n".join(textwrap.wrap(caption(digits, seeds), 88)),
    ]
    if others := other_figures(results):
        parts.append(as_table(["other figures", "claimed", "measured"], others))
    return "\n\n".join(parts)
