"""A grid of images in one Matplotlib axes, with a caption above each."""

import textwrap
from collections.abc import Sequence
from math import ceil, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._sklearn import check_matplotlib_support, validate_parameter_constraints
from ._common import CONSTRAINTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage
    from matplotlib.text import Text

FEWEST_COLUMNS = 8  # unless there are fewer images, or the user says otherwise

_GAP = 0.1  # between images, whose sides are 1
_SIDE = 0.85  # of an image, in inches, if there are not too many of them
_WIDEST = 12.0  # inches of a figure
_SMALLEST_FONT, _LARGEST_FONT = 8.0, 9.0  # points; captions are wrapped at the smallest
_TITLE_FONT = 11.0
_LETTER = 0.6  # width, relative to the font size
_LINE = 1.3  # height, relative to the font size


def _wrap(captions: Sequence[str], side: float) -> list[str]:
    """Break captions at spaces into lines that an image of some inches has room for."""
    n_letters = max(1, int(72 * side / (_LETTER * _SMALLEST_FONT)))
    return [
        textwrap.fill(
            caption, n_letters, break_long_words=False, break_on_hyphens=False
        )
        for caption in captions
    ]


def _font_size(captions: Sequence[str], side: float) -> float:
    """Choose the largest font in which the longest line is no wider than an image."""
    lines = [line for caption in captions for line in caption.splitlines()]
    longest = max(map(len, lines), default=1)
    return min(_LARGEST_FONT, 72 * side / (_LETTER * longest))


def plot_image_grid(
    images: Sequence[NDArray[Any]] | NDArray[Any],
    captions: Sequence[str],
    *,
    title: str,
    n_columns: int | None,
    ax: "Axes | None",
    caller_name: str,
    **imshow_kw: Any,
) -> "tuple[Axes, list[AxesImage], list[Text]]":
    """Plot images row by row into one axes, each in a square of side 1.

    Without `n_columns` the grid is about half as wide again as it is high, but has no
    fewer columns than `FEWEST_COLUMNS`.
    """
    check_matplotlib_support(caller_name)
    validate_parameter_constraints(CONSTRAINTS, {"n_columns": n_columns}, caller_name)
    import matplotlib.pyplot as plt

    n_images = len(images)
    n_columns = n_columns or max(FEWEST_COLUMNS, ceil(sqrt(1.5 * n_images)))
    n_columns = max(1, min(n_columns, n_images))
    width = n_columns * (1 + _GAP)
    if ax is None:
        side = min(_SIDE, _WIDEST / width)
    else:
        box = ax.get_window_extent()
        side = box.width / width / ax.figure.dpi
    captions = _wrap(captions, side)
    font_size = _font_size(captions, side)
    n_lines = max((caption.count("\n") + 1 for caption in captions), default=0)
    caption_height = n_lines * _LINE * font_size / (72 * side)
    row_height = 1 + _GAP + caption_height
    height = ceil(n_images / n_columns) * row_height
    if ax is None:
        figsize = (max(4.5, side * width), side * height + 0.4)
        ax = plt.subplots(figsize=figsize, layout="constrained")[1]
    elif height * side > box.height / ax.figure.dpi:  # smaller, captions as well
        font_size *= box.height / ax.figure.dpi / (height * side)

    def corner(number: int) -> tuple[float, float]:
        row, column = divmod(number, n_columns)
        return column * (1 + _GAP), row * row_height + caption_height

    artists = []
    for number, image in enumerate(images):
        left, top = corner(number)
        image_height, image_width = np.divide(image.shape[:2], max(image.shape[:2]))
        x, y = left + (1 - image_width) / 2, top + (1 - image_height) / 2
        extent = (x, x + image_width, y + image_height, y)
        artists.append(ax.imshow(image, extent=extent, **imshow_kw))
    texts = []
    for number, caption in enumerate(captions):
        left, top = corner(number)
        texts.append(
            ax.text(
                *(left + 0.5, top - 0.04, caption),
                ha="center",
                va="bottom",
                linespacing=1.1,
                fontsize=font_size,
                parse_math=False,
            )
        )
    ax.set(xlim=(-_GAP, width), ylim=(height, -_GAP), aspect="equal")
    figure_width = ax.figure.bbox.width / ax.figure.dpi
    n_letters = max(1, int(72 * figure_width / (0.52 * _TITLE_FONT)))
    ax.set_title(
        textwrap.fill(title, n_letters), fontsize=_TITLE_FONT, parse_math=False
    )
    ax.set_axis_off()
    return ax, artists, texts
