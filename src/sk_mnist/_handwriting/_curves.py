"""Points along the strokes of a form, as a linear function of the points it is made of.

So thousands of digits of one form are a single matrix product.
"""

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from .._rows import FloatArray
from ._forms import FORMS, Form, Stroke

# Along all strokes of a digit. They lie closer than half a pixel in MNIST's frame.
POINTS_PER_DIGIT = 128

# Standard deviation, in such points, of the Gaussian that rounds corners.
ROUNDING = 5


class Curves(NamedTuple):
    """How the points along a form's strokes follow from the points that make it.

    Parameters
    ----------
    middles, ranges : ndarray of shape (n_knots, 2)
        x and y of the points of the form, and the largest distance from them.
    sharp, rounded : ndarray of shape (POINTS_PER_DIGIT, n_knots)
        Matrices that turn them into points along the strokes; `rounded` cuts corners.
    strokes : ndarray of shape (POINTS_PER_DIGIT,)
        The number of the stroke that each point belongs to.
    """

    middles: FloatArray
    ranges: FloatArray
    sharp: FloatArray
    rounded: FloatArray
    strokes: NDArray[np.intp]


@lru_cache(maxsize=len(FORMS))
def curves_of(name: str) -> Curves:
    """Work out the matrices of a form."""
    form = FORMS[name]
    points = [point for stroke in form for point in stroke]
    counts = _points_along(form)
    sharp = np.zeros((POINTS_PER_DIGIT, len(points)))
    rounded = np.zeros_like(sharp)
    row = column = 0
    for stroke, count in zip(form, counts, strict=True):
        rows, columns = slice(row, row + count), slice(column, column + len(stroke))
        sharp[rows, columns] = _spline(stroke, count)
        # Reflected about its ends, a stroke keeps its length.
        rounded[rows, columns] = _rounded(sharp[rows, columns])
        row, column = rows.stop, columns.stop
    return Curves(
        middles=np.array([(p.x, p.y) for p in points], np.float32),
        ranges=np.array([(p.dx, p.dy) for p in points], np.float32),
        sharp=sharp.astype(np.float32),
        rounded=rounded.astype(np.float32),
        strokes=np.repeat(np.arange(len(form)), counts),
    )


def _lengths(stroke: Stroke) -> NDArray[np.float64]:
    return np.array([np.hypot(b.x - a.x, b.y - a.y) for a, b in pairwise(stroke)])


def _points_along(form: Form) -> list[int]:
    """Share the points out to the strokes by their lengths."""
    ends = np.cumsum([_lengths(stroke).sum() for stroke in form])
    ends = np.rint(ends / ends[-1] * POINTS_PER_DIGIT).astype(int)
    return np.diff(ends, prepend=0).tolist()


def _spline(stroke: Stroke, count: int) -> NDArray[np.float64]:
    """The matrix of a Catmull-Rom spline, broken at corners.

    E. Catmull and R. Rom, "A class of local interpolating splines" (1974).
    """
    ends = np.concatenate([[0], np.cumsum(_lengths(stroke))])
    places = np.linspace(0, ends[-1], count)
    matrix = np.zeros((count, len(stroke)))
    for row, place in enumerate(places):
        span = min(int(np.searchsorted(ends, place, side="right")) - 1, len(ends) - 2)
        t = (place - ends[span]) / (ends[span + 1] - ends[span])
        before, start, end, after = 0.5 * np.array(
            [
                -t + 2 * t**2 - t**3,
                2 - 5 * t**2 + 3 * t**3,
                t + 4 * t**2 - 3 * t**3,
                -(t**2) + t**3,
            ]
        )
        matrix[row, [span, span + 1]] += start, end
        _add_outer(matrix[row], before, span, span + 1, span - 1, stroke)
        _add_outer(matrix[row], after, span + 1, span, span + 2, stroke)
    return matrix


def _add_outer(
    row: NDArray[np.float64],
    weight: float,
    near: int,
    far: int,
    outer: int,
    stroke: Stroke,
) -> None:
    """Add the point beyond a span; at ends and corners, the span's far end mirrored."""
    if stroke[near].is_corner or not 0 <= outer < len(stroke):
        row[near] += 2 * weight
        row[far] -= weight
    else:
        row[outer] += weight


def _rounded(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smooth along a stroke, whose ends stay where they are."""
    reach = len(matrix) - 1
    extended = np.pad(matrix, ((reach, reach), (0, 0)), "reflect", reflect_type="odd")
    smooth = gaussian_filter1d(extended, ROUNDING, axis=0, mode="nearest")
    return np.asarray(smooth[reach : reach + len(matrix)])
