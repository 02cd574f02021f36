"""Connected components of an image, and how likely each is to be the digit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Labels = NDArray[np.int32]
Boxes = list[tuple[slice, slice]]
Edges = NDArray[np.int_]
Box = tuple[int, int, int, int]  # left, top, right, bottom

_DIAGONALS_TOUCH = np.ones((3, 3), dtype=bool)

# Clutter is taken for the digit only if it has a hundred times the mass of all else.
_WEIGHT_OF_CLUTTER = 0.01

# A digit touches the border if it fills the image; a shadow often does.
_WEIGHT_AT_BORDER = 0.3

# Of a side of the image: the edge of a table or a sheet covers more of it.
_LARGEST_COVERAGE = 0.5
# Of the image's sides: a dark corner, such as a screenshot's round one, is smaller.
_LARGEST_CORNER = 0.33
# Of the sides of a box: where its lines run, and how large what it holds is at least.
_BOX_BORDER = 0.15
_ON_BORDER = 0.8
_IN_BOX = 0.2


def label_components(mask: NDArray[np.bool_]) -> tuple[Labels, int]:
    """Number the connected components of a mask, from 1; 0 is the background."""
    labels, n_labels = ndimage.label(mask, _DIAGONALS_TOUCH)
    return labels, n_labels


def bounding_box(mask: NDArray[np.bool_]) -> Box:
    """Left, top, right and bottom of a mask that is not empty, as a slice has them."""
    rows = np.flatnonzero(mask.any(axis=1)).tolist()
    columns = np.flatnonzero(mask.any(axis=0)).tolist()
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def is_clutter(weights: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Find the components that are edges of sheets, dark corners or boxes of forms."""
    return weights <= _WEIGHT_OF_CLUTTER


def at_border(labels: Labels, n_labels: int) -> NDArray[np.bool_]:
    """Find the components that touch the border of the image."""
    touching = np.zeros(n_labels + 1, dtype=bool)
    for side in _sides(labels):
        touching[side] = True
    return touching


def weigh_components(labels: Labels, n_labels: int) -> NDArray[np.float64]:
    """Weigh each component by what its place and its form say of it.

    Parameters
    ----------
    labels : ndarray of shape (height, width)
        As :func:`label_components` returns them.
    n_labels : int
        Their number.

    Returns
    -------
    weights : ndarray of shape (n_labels + 1,)
        From 0, for the background, to 1. A component that is alone has 1.
    """
    weights = np.ones(n_labels + 1)
    if n_labels > 1:
        coverage = np.max(
            [np.bincount(s, minlength=n_labels + 1) / s.size for s in _sides(labels)],
            axis=0,
        )
        weights -= coverage
        if not _fill_image(labels):
            weights[at_border(labels, n_labels)] *= _WEIGHT_AT_BORDER
        clutter = coverage > _LARGEST_COVERAGE
        boxes = ndimage.find_objects(labels)
        edges = _edges(boxes)
        for label, box in enumerate(boxes, start=1):
            clutter[label] |= _is_corner(box, labels.shape)
            clutter[label] |= _is_frame(label, labels, boxes, edges)
        weights[clutter] = _WEIGHT_OF_CLUTTER
    weights[0] = 0
    return weights


def _sides(labels: Labels) -> tuple[Labels, ...]:
    return labels[0], labels[-1], labels[:, 0], labels[:, -1]


def _fill_image(labels: Labels) -> bool:
    """Whether the components reach two opposite sides, as in a tight crop."""
    top, bottom, left, right = (bool(side.any()) for side in _sides(labels))
    return (top and bottom) or (left and right)


def _is_corner(box: tuple[slice, slice], shape: tuple[int, ...]) -> bool:
    return all(
        (extent.start == 0 or extent.stop == length)
        and extent.stop - extent.start <= _LARGEST_CORNER * length
        for extent, length in zip(box, shape, strict=True)
    )


def _is_frame(label: int, labels: Labels, boxes: Boxes, edges: Edges) -> bool:
    """Whether a component runs along its bounding box and holds another one."""
    component = labels[boxes[label - 1]] == label
    if min(component.shape) < 3:
        return False  # it has no room for another one
    down, across = (max(1, int(_BOX_BORDER * length)) for length in component.shape)
    inner = component[down:-down, across:-across]
    if np.count_nonzero(inner) > (1 - _ON_BORDER) * np.count_nonzero(component):
        return False
    return _holds_another(edges[:, :, label - 1], edges)


def _edges(boxes: Boxes) -> Edges:
    """Starts and stops, down and across: an array of shape (2, 2, n_boxes)."""
    edges = np.array([[(side.start, side.stop) for side in box] for box in boxes])
    return np.ascontiguousarray(edges.T)


def _holds_another(outer: Edges, edges: Edges) -> bool:
    """Whether one of the boxes lies in the outer one, and is not small beside it."""
    inside = np.all(outer[0, :, np.newaxis] < edges[0], axis=0)
    inside &= np.all(edges[1] < outer[1, :, np.newaxis], axis=0)
    longest = (edges[1] - edges[0])[:, inside].max(initial=0)
    return bool(longest >= _IN_BOX * (outer[1] - outer[0]).max())
