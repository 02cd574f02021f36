"""Rows against one other library as bars: to the right where sk-mnist is better."""

from collections.abc import Sequence
from pathlib import Path

from .row import Row


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draw how many times as fast, or as small, sk-mnist is."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(9, 1 + 0.4 * len(rows)), layout="constrained")
    ax.barh(
        [row.what for row in rows], [row.times_as_small - 1 for row in rows], left=1
    )
    for place, row in enumerate(rows):
        mark = "" if row.same_accuracy else ", not comparable: accuracies differ"
        ax.annotate(
            row.ratio_in_words() + mark,
            (max(row.times_as_small, 1), place),
            xytext=(6, 0),
            textcoords="offset points",
            verticalalignment="center",
        )
    ax.axvline(1, color="black", linewidth=0.8)
    ax.invert_yaxis()
    ax.set(xscale="log", xlabel=f"sk-mnist, compared with {rows[0].against}")
    ax.xaxis.set_major_formatter(lambda ratio, _: f"{ratio:,g}")
    ax.margins(x=0.35)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)
