"""A picture that lets a person see why an image was read as it was.

Most misread digits were framed badly: the picture puts the image as it was given beside
the image that the network saw, and beside them what it took it for. It is about single
images and what was done to them, where the displays of ``_plot`` are about
networks and sets of digits; only commands draw it, so it is no public display.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .._plot._common import COLORS
from ._reading import Reading

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL.Image import Image

_ROW_INCHES = 1.6
_THUMBNAIL_PIXELS = (400, 400)
_NAME_LETTERS = 24  # what fits above an image


class Explained(NamedTuple):
    """A reading and what it was read from."""

    name: str
    thumbnail: "Image"
    reading: Reading


def explain(name: str, image: "Image", reading: Reading) -> Explained:
    """Keep as much of an image as is drawn of it."""
    thumbnail = image.copy()
    thumbnail.thumbnail(_THUMBNAIL_PIXELS)
    if len(name) > _NAME_LETTERS:
        name = name[: _NAME_LETTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return Explained(name, thumbnail, reading)


def _draw_probabilities(ax: "Axes", reading: Reading) -> None:
    """Draw a bar for each label, in the labels' own order."""
    order = np.argsort(reading.labels)
    labels = [str(label) for label in reading.labels[order]]
    colors = [COLORS[0] if rank == 0 else "0.65" for rank in order]
    ax.bar(labels, reading.probabilities[order], color=colors)
    ax.set(ylim=(0, 1), yticks=[0, 0.5, 1], yticklabels=["0%", "50%", "100%"])
    ax.tick_params(length=0)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_title(f"read as {reading.labels[0]}")


def draw_explanations(explanations: Sequence[Explained]) -> "Figure":
    """Draw each image as given, as framed, and the probabilities of its labels.

    Parameters
    ----------
    explanations : sequence of Explained
        At least one; a row is drawn for each.

    Returns
    -------
    matplotlib Figure
        Of no window and no backend, to be saved.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, _ROW_INCHES * len(explanations)), layout="constrained")
    rows = figure.subplots(
        len(explanations), 3, squeeze=False, width_ratios=[1.2, 1, 2.2]
    )
    for (given, framed, bars), (name, thumbnail, reading) in zip(
        rows, explanations, strict=True
    ):
        given.imshow(thumbnail, cmap="gray")
        given.set_title(name, parse_math=False)
        framed.imshow(reading.framed, cmap="gray", vmin=0, vmax=255)
        framed.set_title("as framed")
        for ax in (given, framed):
            ax.set(xticks=[], yticks=[])
        _draw_probabilities(bars, reading)
        for ax in (given, framed, bars):
            ax.title.set_fontsize("small")
            ax.tick_params(labelsize="small")
    return figure
