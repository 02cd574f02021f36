"""A grid of images in one Matplotlib axes, with a caption above each."""

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._sklearn import check_matplotlib_support, validate_parameter_constraints
from ._common import CONSTRAINTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage
    from matplotlib.text import Text


def plot_image_grid(
    images: Sequence[NDArray[Any]] | NDArray[Any],
    captions: Sequence[str],
    *,
    title: str,
    n_columns: int,
    ax: "Axes | None",
    caller_name: str,
    **imshow_kw: Any,
) -> "tuple[Axes, list[AxesImage], list[Text]]":
    """Plot images row by row into one axes, each in a square of side 1."""
    check_matplotlib_support(caller_name)
    validate_parameter_constraints(CONSTRAINTS, {"n_columns": n_columns}, caller_name)
    import matplotlib.pyplot as plt

    n_columns = max(1, min(n_columns, len(images)))
    n_rows = ceil(len(images) / n_columns)
    gap, caption_height = 0.1, 0.25 if captions else 0.0
    width, height = n_columns * (1 + gap), n_rows * (1 + gap + caption_height)
    if ax is None:
        side = 0.85  # of an image, in inches
        figsize = (max(4.5, side * width), side * height + 0.4)
        ax = plt.subplots(figsize=figsize, layout="constrained")[1]
    else:
        box = ax.get_window_extent()
        side = min(box.width / width, box.height / max(height, 1)) / ax.figure.dpi

    artists = []
    corners = []
    for k, image in enumerate(images):
        row, column = divmod(k, n_columns)
        left = column * (1 + gap)
        top = row * (1 + gap + caption_height) + caption_height
        corners.append((left, top))
        image_height, image_width = np.divide(image.shape[:2], max(image.shape[:2]))
        x, y = left + (1 - image_width) / 2, top + (1 - image_height) / 2
        extent = (x, x + image_width, y + image_height, y)
        artists.append(ax.imshow(image, extent=extent, **imshow_kw))
    ax.set(xlim=(-gap, width), ylim=(height, -gap), aspect="equal", title=title)
    ax.set_axis_off()

    # A letter is about 0.6 em wide: the longest caption fits above its image.
    fontsize = min(9.0, 72 * side / (0.6 * max(map(len, captions), default=1)))
    texts = [
        ax.text(left + 0.5, top - 0.05, caption, ha="center", fontsize=fontsize)
        for (left, top), caption in zip(corners, captions, strict=False)
    ]
    return ax, artists, texts
