"""The figure of ``sk-mnist predict --show``: how each image was framed and read.

A misread digit was most often framed badly, so each row shows the image as given, the
image that the network saw, and the probabilities: of one digit those of all labels, of
a number each digit's best. Only the command plots this, so it is no public display.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._number import NumberReading
from .._percent import percent
from .._plot._common import COLORS
from ._reading import Reader, Reading

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL.Image import Image

_ROW_INCHES = 1.6
_LABEL_POINTS = 75  # that all labels of a row share
_THUMBNAIL_PIXELS = (400, 400)
_NAME_LETTERS = 24  # what fits above an image


class Row(NamedTuple):
    """One row of the figure: an image, the boxes of a number's digits, its reading."""

    name: str
    thumbnail: "Image"
    boxes: NDArray[np.float64]  # left, top, right and bottom, in the thumbnail
    framed: NDArray[np.uint8]
    reading: Reading | NumberReading


def make_row(
    name: str, image: "Image", reading: Reading | NumberReading, reader: Reader
) -> Row:
    """Shrink an image, and shorten its name, to what the figure has room for."""
    thumbnail = image.copy()
    thumbnail.thumbnail(_THUMBNAIL_PIXELS)
    if len(name) > _NAME_LETTERS:
        name = name[: _NAME_LETTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"
    if isinstance(reading, Reading):
        return Row(name, thumbnail, np.empty((0, 4)), reading.framed, reading)
    boxes = np.array([digit.box for digit in reading.digits], np.float64)
    boxes *= thumbnail.width / image.width
    return Row(name, thumbnail, boxes, reader.frame_digits(reading), reading)


def _plot_given(ax: "Axes", row: Row) -> None:
    """Plot the image as given, with the boxes of a number's digits."""
    from matplotlib.patches import Rectangle

    ax.imshow(row.thumbnail, cmap="gray")
    ax.set_title(row.name, parse_math=False)
    for left, top, right, bottom in row.boxes - 0.5:  # pixels are centered at integers
        ax.add_patch(
            Rectangle(
                *((left, top), right - left, bottom - top),
                fill=False,
                color=COLORS[0],
            )
        )


def _plot_bars(
    ax: "Axes",
    labels: Sequence[str],
    probabilities: NDArray[np.floating[Any]],
    colors: Sequence[str],
) -> None:
    places = np.arange(len(labels))  # a number may have the same label twice
    ax.barh(places, probabilities, color=colors)
    # A dollar sign would begin a formula.
    ax.set_yticks(places, [label.replace("$", r"\$") for label in labels])
    ax.set(xlim=(0, 1), xticks=[0, 0.5, 1], xticklabels=["0%", "50%", "100%"])
    ax.invert_yaxis()
    ax.tick_params(length=0)
    ax.tick_params(axis="x", labelsize=7)
    ax.tick_params(axis="y", labelsize=min(7, _LABEL_POINTS / len(labels)))
    ax.spines[["top", "right"]].set_visible(False)


def _plot_labels(ax: "Axes", reading: Reading) -> None:
    """Plot a bar for each label, the labels in their own order."""
    order = np.argsort(reading.labels)
    labels = [str(label) for label in reading.labels[order]]
    colors = [COLORS[0] if rank == 0 else "0.65" for rank in order]
    _plot_bars(ax, labels, reading.probabilities[order], colors)
    sure = percent(float(reading.probabilities[0]))
    ax.set_title(f"read as {reading.labels[0]}, {sure}", parse_math=False)


def _plot_digits(ax: "Axes", number: NumberReading) -> None:
    """Plot a bar for each digit of a number, gray if it is doubtful."""
    labels = [str(digit.label) for digit in number.digits]
    confidences = np.array([digit.confidence for digit in number.digits])
    colors = ["0.65" if digit.is_doubtful else COLORS[0] for digit in number.digits]
    _plot_bars(ax, labels, confidences, colors)
    text = number.text.replace("\n", " ")
    ax.set_title(f"read as {text}, {percent(number.confidence)}", parse_math=False)


def plot_readings(rows: Sequence[Row]) -> "Figure":
    """Plot each image as given, as framed, and the probabilities of its reading.

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
    for (given, framed, bars), row in zip(axes, rows, strict=True):
        _plot_given(given, row)
        framed.imshow(row.framed, cmap="gray", vmin=0, vmax=255)
        framed.set_title("as framed")
        for ax in (given, framed):
            ax.set(xticks=[], yticks=[])
        if isinstance(row.reading, Reading):
            _plot_labels(bars, row.reading)
        else:
            _plot_digits(bars, row.reading)
        for ax in (given, framed, bars):
            ax.title.set_fontsize("small")
    return figure
