"""The table: what a row holds, and how rows are printed, written and drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from statistics import mean, median

UNITS = {
    "time": {"s": 1, "ms": 1e-3, "µs": 1e-6},
    "memory": {"GB": 1e9, "MB": 1e6, "kB": 1e3},
}
# What more of it on the other side is called, and more of it on ours.
COMPARISONS = {
    "time": ("times as fast", "times as long"),
    "memory": ("times as small", "times as large"),
}
SAME_ACCURACY = 0.005

HEADER = ("", "sk-mnist", "against", "", "sk-mnist is", "promised", "kept", "accuracy")


def _in_units(figure: float, kind: str) -> str:
    """A figure with three digits, in the largest unit of which it is at least one."""
    units = UNITS[kind]
    unit = next((unit for unit in units if figure >= units[unit]), list(units)[-1])
    return f"{figure / units[unit]:.3g} {unit}"


@dataclass(frozen=True)
class Row:
    """One comparison.

    Parameters
    ----------
    what, against : str
        What was done, and what it is compared with.
    kind : "time" or "memory"
    ours, theirs : sequence of float
        What was measured, a figure for each round, in seconds or bytes.
    at_least : float, default=None
        The other side is promised to cost at least this many times as much.
    at_most : float, default=None
        sk-mnist is promised to cost at most this many times as much.
    accuracies : pair of sequences of float, default=None
        Test accuracy of both sides in each round, where both were trained.
    """

    what: str
    against: str
    kind: str
    ours: Sequence[float]
    theirs: Sequence[float]
    at_least: float | None = None
    at_most: float | None = None
    accuracies: tuple[Sequence[float], Sequence[float]] | None = None

    @property
    def times_as_small(self) -> float:
        """How many times what sk-mnist costs the other side costs."""
        rounds = zip(self.ours, self.theirs, strict=True)
        return median(theirs / ours if ours else inf for ours, theirs in rounds)

    @property
    def same_accuracy(self) -> bool:
        """Whether both sides learned as much, without which no time compares."""
        if self.accuracies is None:
            return True
        ours, theirs = map(mean, self.accuracies)
        return abs(ours - theirs) <= SAME_ACCURACY

    @property
    def kept(self) -> bool | None:
        """Whether the promise is kept, if one was made."""
        if self.at_least is not None:
            return self.same_accuracy and self.times_as_small >= self.at_least
        if self.at_most is not None:
            return self.same_accuracy and 1 / self.times_as_small <= self.at_most
        return None

    def cells(self) -> tuple[str, ...]:
        """The row's texts, one for each column."""
        as_small, as_large = COMPARISONS[self.kind]
        ratio, promise = f"{self.times_as_small:.2f} {as_small}", ""
        if self.at_least is not None:
            promise = f"at least {self.at_least:g}"
        if self.at_most is not None:
            ratio = f"{1 / self.times_as_small:.2f} {as_large}"
            promise = f"at most {self.at_most:g}"
        accuracy = ""
        if self.accuracies is not None:
            ours, theirs = map(mean, self.accuracies)
            accuracy = f"{ours:.2%} and {theirs:.2%}"
            accuracy += "" if self.same_accuracy else ", differs"
        return (
            self.what,
            _in_units(median(self.ours), self.kind),
            self.against,
            _in_units(median(self.theirs), self.kind),
            ratio,
            promise,
            {None: "", True: "yes", False: "no"}[self.kept],
            accuracy,
        )


def text_table(rows: Sequence[Row]) -> str:
    """The table for a terminal."""
    lines = [HEADER, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def markdown_table(rows: Sequence[Row]) -> str:
    """The table for the documentation."""
    lines = [HEADER, ("---",) * len(HEADER), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def plot(rows: Sequence[Row], path: Path) -> None:
    """Draw how many times as fast or small each row is, and what was promised."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(9, 1 + 0.3 * len(rows)), layout="constrained")
    heights = range(len(rows))
    ax.barh(heights, [row.times_as_small for row in rows], color="tab:blue")
    for height, row in zip(heights, rows, strict=True):
        bound = row.at_least or (1 / row.at_most if row.at_most else None)
        if bound is not None:
            ax.plot([bound] * 2, [height - 0.4, height + 0.4], color="black")
    ax.axvline(1, color="gray", linewidth=0.8)
    ax.set(
        xscale="log",
        xlabel="What the other side costs, in times of sk-mnist (a mark: promised)",
        yticks=heights,
        yticklabels=[f"{row.what}, {row.against}" for row in rows],
    )
    ax.invert_yaxis()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
