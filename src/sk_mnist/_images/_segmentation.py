"""Find the digits of an image that holds several: segmentation.

Strokes that belong to one digit, such as the bar of a 5, are put together, by the boxes
around the connected components. Digits that touch are found as one.

The constants were chosen on numbers made of MNIST's training digits.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse.csgraph import connected_components

from ._components import (
    Labels,
    at_border,
    is_clutter,
    label_components,
    weigh_components,
)
from ._foreground import (
    FRAGMENT_DISTANCE,
    SMALLEST_FRAGMENT,
    NoDigitError,
    cut_out,
    find_strokes_of_several,
)
from ._loading import FloatImage, load_image, upright_size

Boxes = NDArray[np.intp]  # of shape (n, 4): left, top, right, bottom

# Of the height of the digit with the largest mass: the other digits' heights.
_LOWEST, _HIGHEST = 0.5, 2.0

# Parts of one digit, one above the other: of the narrower one's width, how much lies
# below the other; of the higher one's height, the gap between them.
_STACKED_OVERLAP = 0.5
_STACKED_GAP = 0.15

# Parts of one broken digit, of the usual digit's height: each one's, that of both, and
# the gap between them from side to side.
_LOW_PART, _BROKEN_HEIGHT, _BROKEN_GAP = 0.75, 1.3, 0.05

# An open 4: of its height, how far the left stroke ends above the right one, and the
# gap between them; of the right stroke's height, the left one's.
_OPEN_FOUR_RISE = 0.3
_OPEN_FOUR_GAP = 0.25
_OPEN_FOUR_HEIGHT = 0.8

# Of a shadow's height, how much of it runs along the image's side.
_ALONG_SIDE = 0.8

# The largest parts are kept: noise has more of them than an image has digits.
_MOST_PARTS = 1000

# Of the lower digit's height, how much two neighbors in a line share.
_SHARED_HEIGHT = 0.4

_MARGIN = 0.3  # of a digit's longer side, around it


@dataclass(frozen=True)
class DigitCrop:
    """One digit of an image, as :func:`find_digits` finds it.

    Parameters
    ----------
    image : ndarray of shape (side, side), dtype uint8
        The digit alone, bright (255) on a dark background (0), with a margin.
    box : tuple of (int, int, int, int)
        Left, top, right and bottom of the digit in the image, in pixels; right and
        bottom are the first column and row beyond it.
    line : int
        Number of the line in which the digit stands, from 0 at the top.
    """

    image: NDArray[np.uint8]
    box: tuple[int, int, int, int]
    line: int


class Segmentation(NamedTuple):
    """The digits of an image, and how many other shapes were left out."""

    digits: list[DigitCrop]
    n_left_out: int


def find_digits(image: Any, *, background: str = "auto") -> list[DigitCrop]:
    """Find the digits of an image, in reading order.

    Parameters
    ----------
    image : str, path-like, binary file, PIL.Image.Image or array-like
        The name of an image file, an open one, an image, or an array of shape (height,
        width) or (height, width, 1, 3 or 4).

    background : {'auto', 'dark', 'light'}, default='auto'
        Whether the background is darker or lighter than the digits.

    Returns
    -------
    digits : list of DigitCrop
        Line by line from the top, each from left to right. Their images are ready for
        :class:`DigitFramer`.

    Raises
    ------
    ValueError
        If nothing stands out from the background, or `image` is no image.
    OSError
        If a file cannot be read as an image.

    See Also
    --------
    read_number : Finds and reads them.

    Notes
    -----
    Strokes of one digit that do not touch stay together if they are close and one lies
    above the other, or if they look like those of an open 4. Shapes much smaller or
    larger than the digits are left out. Digits that touch are found as one.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_mnist import find_digits, load_sample_digits
    >>> images = load_sample_digits().images
    >>> number = np.hstack([images[1], images[2]])
    >>> [digit.box for digit in find_digits(number)]
    [(7, 5, 19, 25), (34, 4, 49, 24)]
    """
    return segment_named(image, background).digits


def segment_named(image: Any, background: str = "auto") -> Segmentation:
    """Like `segment`, with the name of the file in its errors."""
    try:
        return segment(image, background)
    except OSError as error:
        if isinstance(image, str | os.PathLike):
            raise type(error)(f"{os.fspath(image)}: {error}") from error
        raise


def segment(image: Any, background: str = "auto") -> Segmentation:
    """Find the digits of an image, and count the other shapes.

    Parameters and errors are those of :func:`find_digits`; the latter name no file.
    """
    if background not in ("auto", "dark", "light"):
        raise ValueError(
            f"background must be 'auto', 'dark' or 'light'. Got {background!r} instead."
        )
    pixels = load_image(image)
    foreground, labels, boxes, main = _find_parts(pixels, background)
    groups = _group(boxes, usual_height=boxes[main, 3] - boxes[main, 1])
    merged = np.array([_union(boxes[groups == k]) for k in range(groups.max() + 1)])
    heights = merged[:, 3] - merged[:, 1]
    usual = heights[groups[main]]
    (kept,) = np.nonzero((heights >= _LOWEST * usual) & (heights <= _HIGHEST * usual))
    lines = _number_lines(merged[kept])
    scale = np.divide(upright_size(image), pixels.shape[1::-1])
    # The outermost pixels of a stroke lie beyond its box, and may be the image's last.
    numbers = np.pad(np.append(-1, groups)[labels], 1, constant_values=-1)
    foreground = np.pad(foreground, 1)
    digits = []
    for k in np.lexsort((merged[kept][:, 0], lines)):
        left, top, right, bottom = merged[kept[k]]
        window = np.s_[top : bottom + 2, left : right + 2]
        digit = cut_out(numbers[window] == kept[k], foreground[window])
        digits.append(
            DigitCrop(
                image=place_in_square(np.rint(255 * digit).astype(np.uint8)),
                box=_scaled(merged[kept[k]], scale),
                line=int(lines[k]),
            )
        )
    return Segmentation(digits, len(merged) - len(kept))


def _find_parts(
    pixels: FloatImage, background: str
) -> tuple[FloatImage, Labels, Boxes, int]:
    """Find the components that may be digits or parts of digits.

    Returns the foreground, the components numbered from 1, their boxes, and the index
    of the box of the component with the largest mass.
    """
    strokes = find_strokes_of_several(pixels, background)
    labels, n_labels = label_components(strokes.mask)
    main_labels = labels[strokes.main & strokes.mask]
    if not main_labels.size:
        raise NoDigitError
    main = int(np.bincount(main_labels).argmax())
    areas = np.bincount(labels.ravel())
    kept = ~is_clutter(weigh_components(labels, n_labels))
    kept &= areas >= SMALLEST_FRAGMENT * areas[main]
    touching = at_border(labels, n_labels)
    if not touching[main]:
        boxes = _boxes(labels)
        beside = _are_beside(main - 1, boxes) & ~_are_corner_shadows(boxes, labels)
        kept &= ~touching | np.append(False, beside)
    kept[main], kept[0] = True, False
    kept[np.argsort(-areas * kept, kind="stable")[_MOST_PARTS:]] = False
    numbers = np.cumsum(kept) * kept
    labels = numbers[labels].astype(np.int32)
    return strokes.foreground, labels, _boxes(labels), int(numbers[main]) - 1


def _are_beside(main: int, boxes: Boxes) -> NDArray[np.bool_]:
    """Whether each part is about as high as the main one, and in its line."""
    left, top, right, bottom = boxes.T
    heights = bottom - top
    usual = heights[main]
    shared = np.minimum(bottom, bottom[main]) - np.maximum(top, top[main])
    beside: NDArray[np.bool_] = (
        (heights >= _LOWEST * usual)
        & (heights <= _HIGHEST * usual)
        & (right - left <= heights)
        & (shared >= 0.5 * np.minimum(heights, usual))
    )
    return beside


def _are_corner_shadows(boxes: Boxes, labels: Labels) -> NDArray[np.bool_]:
    """Whether each part begins in a corner of the image and runs along its side."""
    _, top, _, bottom = boxes.T
    sides = np.stack([labels[:, 0], labels[:, -1]])
    along = np.max([np.bincount(side, minlength=len(boxes) + 1) for side in sides], 0)
    in_corner: NDArray[np.bool_] = (top == 0) | (bottom == len(labels))
    return in_corner & (along[1:] >= _ALONG_SIDE * (bottom - top))


def _boxes(labels: Labels) -> Boxes:
    return np.array(
        [
            (across.start, down.start, across.stop, down.stop)
            for down, across in ndimage.find_objects(labels)
        ]
    )


def _group(boxes: Boxes, usual_height: int) -> NDArray[np.int32]:
    """Number the digits that the parts belong to, from 0."""
    gaps = _gaps(boxes[:, np.newaxis], boxes).max(axis=2)
    stacked = np.zeros_like(gaps, dtype=bool)
    beside = stacked.copy()
    for i, j in np.argwhere(_are_near(boxes, gaps)):
        part, other = boxes[i], boxes[j]
        stacked[i, j] = _are_stacked(part, other)
        stacked[i, j] |= _are_broken_apart(part, other, usual_height)
        beside[i, j] = _is_fragment(part, other) or _begins_open_four(part, other)
    # The bar of a 5 may be close to the next digit, but it is closer to its own.
    nearest = np.where(stacked | beside, gaps, np.inf).min(axis=1, keepdims=True)
    together = stacked | (beside & (gaps == nearest))
    return np.asarray(connected_components(together, directed=False)[1])


def _are_near(boxes: Boxes, gaps: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether the gap between each two parts is less than the longer side of one."""
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    near: NDArray[np.bool_] = gaps < np.maximum.outer(sides, sides)
    np.fill_diagonal(near, False)
    return near


def _gaps(a: NDArray[np.intp], b: NDArray[np.intp]) -> NDArray[np.intp]:
    """Pixels between two boxes, across and down; less than 0 if they overlap."""
    firsts = np.maximum(a[..., :2], b[..., :2])
    return np.asarray(firsts - np.minimum(a[..., 2:], b[..., 2:]))


def _are_stacked(a: NDArray[np.intp], b: NDArray[np.intp]) -> bool:
    """Whether one part lies closely above the other, as where a pen skipped."""
    across, down = _gaps(a, b)
    sizes = np.array([a[2:] - a[:2], b[2:] - b[:2]])
    return bool(
        -across >= _STACKED_OVERLAP * sizes[:, 0].min()
        and -_STACKED_OVERLAP * sizes[:, 1].min()
        <= down
        <= _STACKED_GAP * sizes[:, 1].max()
    )


def _are_broken_apart(
    a: NDArray[np.intp], b: NDArray[np.intp], usual_height: int
) -> bool:
    """Whether two parts, too low for digits, are as high as one together."""
    across, down = _gaps(a, b)
    heights = np.array([a[3] - a[1], b[3] - b[1]])
    return bool(
        heights.max() <= _LOW_PART * usual_height
        and heights.sum() + down <= _BROKEN_HEIGHT * usual_height
        and across <= _BROKEN_GAP * usual_height
        and down >= -_STACKED_OVERLAP * heights.min()
    )


def _is_fragment(small: NDArray[np.intp], large: NDArray[np.intp]) -> bool:
    """Whether a part is lower than a digit, and close to the other."""
    if small[3] - small[1] >= _LOWEST * (large[3] - large[1]):
        return False
    reach = FRAGMENT_DISTANCE * max(large[2:] - large[:2])
    return bool((_gaps(small, large) <= [0.25 * reach, reach]).all())


def _begins_open_four(left: NDArray[np.intp], right: NDArray[np.intp]) -> bool:
    """Whether the left part ends well above the right one, which is higher."""
    across, down = _gaps(left, right)
    height = max(left[3], right[3]) - min(left[1], right[1])
    return bool(
        left[0] < right[0]
        and down < 0
        and across <= _OPEN_FOUR_GAP * height
        and right[3] - left[3] >= _OPEN_FOUR_RISE * height
        and left[3] - left[1] <= _OPEN_FOUR_HEIGHT * (right[3] - right[1])
    )


def _union(boxes: Boxes) -> NDArray[np.intp]:
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _number_lines(boxes: Boxes) -> NDArray[np.intp]:
    """Number the line of each digit, from the top."""
    tops, bottoms = boxes[:, 1], boxes[:, 3]
    shared = np.minimum.outer(bottoms, bottoms) - np.maximum.outer(tops, tops)
    lower = np.minimum.outer(bottoms - tops, bottoms - tops)
    n_lines, lines = connected_components(shared >= _SHARED_HEIGHT * lower)
    middles = [(tops + bottoms)[lines == line].mean() for line in range(n_lines)]
    return np.argsort(np.argsort(middles))[lines]


def place_in_square(digit: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Add a dark margin, so that the digit is in the middle of a square."""
    height, width = digit.shape
    side = max(height, width) + 2 * (1 + int(_MARGIN * max(height, width)))
    down, across = (side - height) // 2, (side - width) // 2
    return np.pad(
        digit,
        ((down, side - height - down), (across, side - width - across)),
    )


def _scaled(
    box: NDArray[np.intp], scale: NDArray[np.float64]
) -> tuple[int, int, int, int]:
    left, top, right, bottom = np.rint(box * np.tile(scale, 2)).astype(int).tolist()
    return left, top, right, bottom
