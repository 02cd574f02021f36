"""Pictures of a network: how it trained, what it misreads, what its units look for.

People look before they read. The displays follow scikit-learn's plotting API: the
``from_*`` methods compute, ``plot`` only draws, into axes of yours if you give it some,
and every artist is kept as an attribute to restyle. Matplotlib is imported when
something is drawn, and its global settings are left as they are.
"""

from collections.abc import Sequence
from math import ceil
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from .._sklearn import (
    Interval,
    check_matplotlib_support,
    validate_parameter_constraints,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage
    from matplotlib.text import Text

# Okabe and Ito, "Color Universal Design" (2008), https://jfly.uni-koeln.de/color/,
# without the yellow and the black, which vanish on a light and on a dark page.
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
ERROR_COLOR = "#D55E00"

_COUNT = [Interval(Integral, 1, None, closed="left")]
CONSTRAINTS: dict[str, list[Any]] = {
    "n_images": _COUNT,
    "n_units": _COUNT,
    "n_columns": _COUNT,
    "random_state": ["random_state"],
}


def fitted_attribute(estimator: BaseEstimator, attribute: str) -> Any:
    """What the network inside a pipeline or a search has learned."""
    if hasattr(estimator, "best_estimator_"):
        return fitted_attribute(estimator.best_estimator_, attribute)
    if isinstance(estimator, Pipeline):
        return fitted_attribute(estimator[-1], attribute)
    check_is_fitted(estimator)
    if not hasattr(estimator, attribute):
        raise ValueError(
            f"The estimator parameter must have a {attribute}, as a fitted "
            "MNISTMLPClassifier has, or be a pipeline or a search with refit=True that "
            f"ends in one; {type(estimator).__name__} has none."
        )
    return getattr(estimator, attribute)


def draw_grid(
    images: Sequence[NDArray[Any]] | NDArray[Any],
    captions: Sequence[str],
    *,
    title: str,
    n_columns: int,
    ax: "Axes | None",
    caller_name: str,
    **imshow_kw: Any,
) -> "tuple[Axes, list[AxesImage], list[Text]]":
    """Draw images row by row into one axes, each in a square of side 1."""
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
