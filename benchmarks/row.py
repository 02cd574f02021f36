"""One comparison: what was measured on both sides, and what it was to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any, NamedTuple

UNITS = {
    "time": {"s": 1, "ms": 1e-3, "µs": 1e-6},
    "memory": {"GB": 1e9, "MB": 1e6, "kB": 1e3},
    "files": {"files": 1},
}
# What more of it on the other side is called, and more of it on ours.
COMPARISONS = {
    "time": ("times as fast", "times as long"),
    "memory": ("times as small", "times as large"),
    "files": ("times as few", "times as many"),
}
SAME_ACCURACY = 0.005
NO_BREAK_SPACE = "\u00a0"  # keeps a figure and its unit on one line


class Trained(NamedTuple):
    """What came of training once: how long it took, and what it is worth."""

    seconds: float
    accuracy: float


def _in_units(figure: float, kind: str) -> str:
    """A figure with three digits, in the largest unit of which it is at least one."""
    units = UNITS[kind]
    unit = next((unit for unit in units if figure >= units[unit]), list(units)[-1])
    return f"{figure / units[unit]:.3g}{NO_BREAK_SPACE}{unit}"


def _in_words(ratio: float) -> str:
    """A ratio, to the hundredth where that says something."""
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.2f}"


@dataclass(frozen=True)
class Row:
    """One comparison.

    Parameters
    ----------
    what, against : str
        What was done, and what it is compared with.
    kind : "time", "memory" or "files"
    ours, theirs : sequence of float
        What was measured, a figure for each round, in seconds, bytes or
        open files.
    at_least : float, default=None
        Target: the other side costs at least this many times as much.
    at_most : float, default=None
        Target: sk-mnist costs at most this many times as much.
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
        return median(theirs / ours for ours, theirs in rounds)

    @property
    def bound(self) -> float | None:
        """What `times_as_small` is to reach, if it is to reach anything."""
        return 1 / self.at_most if self.at_most is not None else self.at_least

    @property
    def same_accuracy(self) -> bool:
        """Whether both sides learned as much, without which no time compares."""
        if self.accuracies is None:
            return True
        ours, theirs = map(mean, self.accuracies)
        return abs(ours - theirs) <= SAME_ACCURACY

    @property
    def met(self) -> bool | None:
        """Whether the target is met, if there is one."""
        if self.bound is None:
            return None
        return self.same_accuracy and self.times_as_small >= self.bound

    def ratio_in_words(self) -> str:
        """How many times as fast or as long, as small or as large, sk-mnist is."""
        as_small, as_large = COMPARISONS[self.kind]
        costs_more = self.bound is None and self.times_as_small < 1
        if costs_more or self.at_most is not None:
            return f"{_in_words(1 / self.times_as_small)}{NO_BREAK_SPACE}{as_large}"
        return f"{_in_words(self.times_as_small)}{NO_BREAK_SPACE}{as_small}"

    def _target(self) -> str:
        if self.at_most is not None:
            return f"at most {self.at_most:g}"
        return "" if self.at_least is None else f"at least {self.at_least:g}"

    def _accuracy(self) -> str:
        if self.accuracies is None:
            return ""
        ours, theirs = map(mean, self.accuracies)
        mark = "" if self.same_accuracy else "NOT COMPARABLE: "
        return f"{mark}{ours:.2%} and {theirs:.2%}"

    def cells(self) -> tuple[str, ...]:
        """The row's texts, one for each column of the table."""
        return (
            self.what,
            _in_units(median(self.ours), self.kind),
            self.against,
            _in_units(median(self.theirs), self.kind),
            self.ratio_in_words(),
            self._target(),
            {None: "", True: "yes", False: "NO"}[self.met],
            self._accuracy(),
        )


def training_row(
    what: str,
    against: str,
    ours: Sequence[Trained],
    theirs: Sequence[Trained],
    **target: Any,
) -> Row:
    """Compare the times of two trainings that are worth as much."""
    our_seconds, our_accuracies = zip(*ours, strict=True)
    their_seconds, their_accuracies = zip(*theirs, strict=True)
    return Row(
        what,
        against,
        "time",
        our_seconds,
        their_seconds,
        accuracies=(our_accuracies, their_accuracies),
        **target,
    )
