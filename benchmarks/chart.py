"""Rows against one other library as bars: to the right where sk-mnist is better."""

from collections.abc import Sequence
from pathlib import Path

from .row import Row


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draw how many times as fast, or as small, sk-mnist is."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    # Narrow, and with the names above the bars, so that a phone shows large letters.
    size = 5.2, 0.8 + 0.6 * len(rows)
    figure, ax = plt.subplots(figsize=size, layout="constrained")
    lengths = [row.times_as_small - 1 for row in rows]
    ax.barh(range(len(rows)), lengths, height=0.4, left=1)
    for place, row in enumerate(rows):
        mark = "" if row.same_accuracy else ", not comparable: accuracies differ"
        right_of_bar = max(row.times_as_small, 1), place
        above_bar = min(row.times_as_small, 1), place - 0.25
        ax.annotate(
            row.ratio_in_words() + mark,
            right_of_bar,
            (4, 0),
            va="center",
            textcoords="offset points",
        )
        ax.annotate(
            row.what, above_bar, (4, 0), va="bottom", textcoords="offset points"
        )
    ax.axvline(1, color="black", linewidth=0.8)
    ax.set_ylim(len(rows) - 0.6, -0.8)
    ax.set_yticks([])
    ax.spines[["left", "top", "right"]].set_visible(False)
    ax.set(xscale="log", xlabel=f"sk-mnist, compared with {rows[0].against}")
    ax.xaxis.set_major_formatter(lambda ratio, _: f"{ratio:,g}")
    ax.set_xlim(right=50 * max(row.times_as_small for row in rows))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)
