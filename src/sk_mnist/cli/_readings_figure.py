"""The figure of ``sk-mnist predict --show``: how each image was framed and read.

A misread digit was most often framed badly, so each row shows the image as given, the
image that the network saw, and the probabilities. Only the command plots this, so it is
no public display.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .._percent import percent
from .._plot._common import COLORS
from ._reading import Reading

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL.Image import Image

_ROW_INCHES = 1.6
_LABEL_POINTS = 75  # that all labels of a row share
_THUMBNAIL_PIXELS = (400, 400)
_NAME_LETTERS = 24  # what fits above an image


class Row(NamedTuple):
    """One row of the figure: an image and its reading."""

    name: str
    thumbnail: "Image"
    reading: Reading


def make_row(name: str, image: "Image", reading: Reading) -> Row:
    """Shrink an image, and shorten its name, to what the figure has room for."""
    thumbnail = image.copy()
    thumbnail.thumbnail(_THUMBNAIL_PIXELS)
    if len(name) > _NAME_LETTERS:
        name = name[: _NAME_LETTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return Row(name, thumbnail, reading)


def _plot_probabilities(ax: "Axes", reading: Reading) -> None:
    """Plot a bar for each label, the labels in their own order."""
    order = np.argsort(reading.labels)
    # A dollar sign would begin a formula.
    labels = [str(label).replace("$", r"\$") for label in reading.labels[order]]
    colors = [COLORS[0] if rank == 0 else "0.65" for rank in order]
    ax.barh(labels, reading.probabilities[order], color=colors)
    ax.set(xlim=(0, 1), xticks=[0, 0.5, 1], xticklabels=["0%", "50%", "100%"])
    ax.invert_yaxis()
    ax.tick_params(length=0)
    ax.tick_params(axis="y", labelsize=min(7, _LABEL_POINTS / len(labels)))
    ax.spines[["top", "right"]].set_visible(False)
    sure = percent(float(reading.probabilities[0]))
    ax.set_title(f"read as {reading.labels[0]}, {sure}", parse_math=False)


def plot_readings(rows: Sequence[Row]) -> "Figure":
    """Plot each image as given, as framed, and the probabilities of its labels.

    Parameters
    ----------
    rows : sequence of Row
        At least one.

    Returns
    -------
    matplotlib Figure
        Without a window or backend, to be saved.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, _ROW_INCHES * len(rows)), layout="constrained")
    axes = figure.subplots(len(rows), 3, squeeze=False, width_ratios=[1.2, 1, 2.2])
    for (given, framed, bars), (name, thumbnail, reading) in zip(
        axes, rows, strict=True
    ):
        given.imshow(thumbnail, cmap="gray")
        given.set_title(name, parse_math=False)
        framed.imshow(reading.framed, cmap="gray", vmin=0, vmax=255)
        framed.set_title("as framed")
        for ax in (given, framed):
            ax.set(xticks=[], yticks=[])
        _plot_probabilities(bars, reading)
        bars.tick_params(axis="x", labelsize=7)
        for ax in (given, framed, bars):
            ax.title.set_fontsize("small")
    return figure
