"""The rows as bars: rightward where the other side costs more, else leftward."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .row import Row, in_words

COLORS = {True: "tab:blue", False: "tab:red", None: "tab:gray"}
MEANINGS = {True: "target met", False: "target not met", None: "without a target"}


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draw how many times what sk-mnist costs the other side costs."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(10, 1.5 + 0.3 * len(rows)), layout="constrained")
    _draw_bars(ax, rows)
    _draw_targets(ax, rows)
    _write_ratios(ax, rows)
    ax.set(
        xscale="log",
        xlabel="What the other side costs, in times of what sk-mnist costs",
        yticks=range(len(rows)),
        yticklabels=[f"{row.what}: {row.against}" for row in rows],
        ylim=(len(rows) - 0.4, -0.6),
    )
    ax.xaxis.set_major_formatter(lambda ratio, _: f"{ratio:,g}")
    ax.margins(x=0.15)
    figure.legend(loc="outside upper center", ncols=4, frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _draw_bars(ax: Any, rows: Sequence[Row]) -> None:
    for met, meaning in MEANINGS.items():
        chosen = [place for place, row in enumerate(rows) if row.met is met]
        lengths = [rows[place].times_as_small - 1 for place in chosen]
        ax.barh(chosen, lengths, left=1, color=COLORS[met], label=meaning)
    ax.axvline(1, color="black", linewidth=0.8)


def _draw_targets(ax: Any, rows: Sequence[Row]) -> None:
    with_target = [place for place, row in enumerate(rows) if row.bound is not None]
    bounds = [rows[place].bound for place in with_target]
    ax.scatter(bounds, with_target, s=160, marker="|", color="black", label="target")


def _write_ratios(ax: Any, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        mark = "" if row.same_accuracy else ", not comparable: accuracies differ"
        ax.annotate(
            in_words(row.times_as_small) + mark,
            (max(row.times_as_small, row.bound or 1, 1), place),
            xytext=(6, 0),
            textcoords="offset points",
            verticalalignment="center",
        )
