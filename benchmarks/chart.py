"""The rows as bars: to the right what costs the other side more, to the left us."""

from collections.abc import Sequence
from pathlib import Path

from .row import Row

COLOURS = {None: "tab:gray", True: "tab:blue", False: "tab:red"}
MEANINGS = {True: "target met", False: "target not met", None: "without a target"}


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draw how many times what sk-mnist costs the other side costs."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(10, 1.5 + 0.3 * len(rows)), layout="constrained")
    for met, meaning in MEANINGS.items():
        chosen = [place for place, row in enumerate(rows) if row.met is met]
        lengths = [rows[place].times_as_small - 1 for place in chosen]
        ax.barh(chosen, lengths, left=1, color=COLOURS[met], label=meaning)
    _mark_targets(ax, rows)
    _label(ax, rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _mark_targets(ax, rows: Sequence[Row]) -> None:
    targets = [(row.bound, place) for place, row in enumerate(rows) if row.bound]
    if targets:
        bounds, places = zip(*targets, strict=True)
        ax.scatter(bounds, places, s=160, marker="|", color="black", label="target")
    ax.axvline(1, color="black", linewidth=0.8)


def _label(ax, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        end = max(row.times_as_small, row.bound or 1, 1)
        ax.annotate(
            f"{row.times_as_small:.3g}",
            (end, place),
            xytext=(6, 0),
            textcoords="offset points",
            verticalalignment="center",
        )
    ax.set(
        xscale="log",
        xlabel="What the other side costs, in times of sk-mnist",
        yticks=range(len(rows)),
        yticklabels=[f"{row.what}: {row.against}" for row in rows],
        ylim=(len(rows) - 0.4, -0.6),
    )
    ax.margins(x=0.12)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=4, frameon=False)
