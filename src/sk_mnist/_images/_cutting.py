"""Cut a shape wherever digits may touch: over-segmentation.

Each cut is a path from top to bottom through as little of the foreground as possible.
There are more cuts than digits, and each part between two of them may be one: a network
has to read them all, to tell which are [1]_, [2]_.

The constants were chosen on numbers made of MNIST's training digits.

References
----------
.. [1] R. G. Casey and E. Lecolinet, "A survey of methods and strategies in character
   segmentation", IEEE Transactions on Pattern Analysis and Machine Intelligence 18(7),
   1996.
.. [2] Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied
   to document recognition", Proceedings of the IEEE 86(11), 1998.
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from ._components import Box, bounding_box, label_components
from ._foreground import cut_out
from ._loading import FloatImage
from ._segmentation import DigitCrop, place_in_square

GrayImage = NDArray[np.uint8]
Path = NDArray[np.intp]  # a column for each row of the image

_SMALLEST_HEIGHT = 32  # pixels, to which a shape may be reduced
_FULL, _COVERED = 255, 127  # a pixel of the foreground, and the half of it

# Of the foreground's cost for each pixel: that of a hole, most likely a digit's loop,
# and that of the background, so that paths through it are straight.
_HOLE_COST = 1.0
_BACKGROUND_COST = 0.02
_DIAGONAL = np.float32(2**0.5)

# Of the shape's height: where to look for cuts, the distance between them in a row, the
# mean distance of two that differ, their distance from the ends, and the highest cost.
_ROWS = (0.3, 0.5, 0.7)
_CUT_DISTANCE = 0.05
_SMALLEST_DIFFERENCE = 0.03
_NARROWEST = 0.08
_HIGHEST_COST = 0.6

WIDEST_DIGIT = 1.4  # a digit's width over its height

# A digit's height over the shape's, and the smallest part of its area that is no chip
# of the digit beside it.
_LOWEST_DIGIT = 0.6
_SMALLEST_PART = 0.1


class Piece(NamedTuple):
    """What lies between two cuts, and may be a digit.

    Parameters
    ----------
    start, stop : int
        Numbers of the cuts to its left and right; 0 and `n_cuts` + 1 are the ends.
    width : float
        Of the shape's height.
    crop : DigitCrop
        The piece as a digit.
    """

    start: int
    stop: int
    width: float
    crop: DigitCrop


def cut_apart(shape: DigitCrop) -> tuple[list[Piece], int]:
    """Cut a shape, and find all pieces that may be digits.

    Parameters
    ----------
    shape : DigitCrop
        One or several digits.

    Returns
    -------
    pieces : list of Piece
        They overlap. Empty if there is nowhere to cut.
    n_parts : int
        The number of cuts, plus 1.
    """
    image = _reduce(shape.image)
    whole = bounding_box(image > _COVERED)
    left_end = np.zeros(len(image), np.intp)
    right_end = np.full(len(image), image.shape[1])
    cuts = [left_end, *_find_cuts(image, whole), right_end]
    pieces = []
    for (start, left), (stop, right) in combinations(enumerate(cuts), 2):
        is_whole = stop - start == len(cuts) - 1
        if is_whole or np.any(left > right):
            continue
        piece = _between(image, left, right)
        if _may_be_digit(piece, whole):
            box = bounding_box(piece > _COVERED)
            crop = DigitCrop(
                image=place_in_square(_cropped(piece, box)),
                box=_box_in_image(box, whole, shape.box),
                line=shape.line,
            )
            width = (box[2] - box[0]) / (whole[3] - whole[1])
            pieces.append(Piece(start, stop, width, crop))
    return pieces, len(cuts) - 1


def _between(image: GrayImage, left: Path, right: Path) -> GrayImage:
    """Make all pixels black that do not lie between two cuts."""
    columns = np.arange(image.shape[1])
    between = (columns >= left[:, np.newaxis]) & (columns < right[:, np.newaxis])
    return _without_chips(np.where(between, image, 0).astype(np.uint8))


def _may_be_digit(piece: GrayImage, whole: Box) -> bool:
    if piece.max() <= _COVERED:
        return False
    left, top, right, bottom = bounding_box(piece > _COVERED)
    is_high = bottom - top >= _LOWEST_DIGIT * (whole[3] - whole[1])
    return is_high and right - left <= WIDEST_DIGIT * (bottom - top)


def _reduce(image: GrayImage) -> GrayImage:
    """Reduce a shape to a size that shows where to cut, and is read in less time."""
    _, top, _, bottom = bounding_box(image > _COVERED)
    factor = max(1, (bottom - top) // _SMALLEST_HEIGHT)
    return np.asarray(Image.fromarray(image).reduce(factor))


def _cropped(image: GrayImage, box: Box) -> GrayImage:
    """Crop to a box, with the outermost pixels, which are covered in part."""
    left, top, right, bottom = box
    return image[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1]


def _box_in_image(box: Box, whole: Box, whole_in_image: Box) -> Box:
    """Where a piece lies in the image in which the shape was found."""
    xs, ys = (
        np.interp(box[k::2], whole[k::2], whole_in_image[k::2]).round().astype(int)
        for k in (0, 1)
    )
    return int(xs[0]), int(ys[0]), int(xs[1]), int(ys[1])


def _without_chips(piece: GrayImage) -> GrayImage:
    """Remove small parts, which belong to the digit beside it."""
    labels, n_labels = label_components(piece > _COVERED)
    if n_labels <= 1:
        return piece
    areas = np.bincount(labels.ravel())
    kept = areas >= _SMALLEST_PART * areas[1:].sum()
    kept[0] = False
    return cut_out(kept[labels], piece)


def _find_cuts(image: GrayImage, box: Box) -> list[Path]:
    """Find the paths of least cost, from left to right.

    In each of some rows, a cut goes through the pixels where a path costs less than
    through those around them.
    """
    left, top, right, bottom = box
    height = bottom - top
    cost = _cost(image)
    to_bottom, steps_down = _cheapest_paths(cost)
    to_top, steps_up = _cheapest_paths(cost[::-1])
    steps_up = steps_up[::-1]
    total = to_bottom + to_top[::-1] - cost
    margin = int(_NARROWEST * height)
    reach = 2 * max(1, round(_CUT_DISTANCE * height)) + 1
    cuts: list[Path] = []
    for row in (top + int(part * height) for part in _ROWS):
        lowest = total[row] == ndimage.minimum_filter1d(total[row], reach)
        lowest &= total[row] <= _HIGHEST_COST * height + _BACKGROUND_COST * len(cost)
        lowest[: left + margin] = lowest[right - margin :] = False
        for column in np.flatnonzero(lowest).tolist():
            above = _follow(steps_up[row::-1], column)[:0:-1]
            cut = np.concatenate([above, _follow(steps_down[row:], column)])
            differences = [np.abs(cut - other).mean() for other in cuts]
            if min(differences, default=np.inf) >= _SMALLEST_DIFFERENCE * height:
                cuts.append(cut)
    return sorted(cuts, key=lambda cut: float(cut.mean()))


def _cost(image: GrayImage) -> FloatImage:
    """What a path pays for each pixel that it goes through."""
    cost = image / np.float32(_FULL) + np.float32(_BACKGROUND_COST)
    background = image <= _COVERED
    outside, _ = ndimage.label(background)
    cost[background & (outside != outside[0, 0])] += np.float32(_HOLE_COST)
    return np.asarray(cost, np.float32)


def _cheapest_paths(cost: FloatImage) -> tuple[FloatImage, NDArray[np.int8]]:
    """Cost of the cheapest path from each pixel down to the last row.

    Also returns the step to the side that the path takes next.
    """
    total = cost.copy()
    steps = np.zeros(cost.shape, np.int8)
    for row in range(len(cost) - 2, -1, -1):
        below = np.pad(total[row + 1], 1, constant_values=np.inf)
        diagonal = (_DIAGONAL - 1) * cost[row]
        choices = np.stack([below[:-2] + diagonal, below[1:-1], below[2:] + diagonal])
        total[row] += choices.min(axis=0)
        steps[row] = choices.argmin(axis=0) - 1
    return total, steps


def _follow(steps: NDArray[np.int8], column: int) -> Path:
    path = np.empty(len(steps), np.intp)
    for row, step in enumerate(steps):
        path[row] = column
        column += int(step[column])
    return path
