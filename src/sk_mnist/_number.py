"""Read an image of several digits: find each, read it, and split those that touch.

As in systems for optical character recognition, the network decides where digits that
touch are split: where it is sure of all pieces, and the shape is wider than a digit, or
wide and not surely one.

The constants were chosen on numbers made of MNIST's training digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from math import log, prod
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._confidence import SURE_CONFIDENCE
from ._images._cutting import WIDEST_DIGIT, Piece, cut_apart
from ._images._segmentation import DigitCrop, Segmentation, segment_named

# Width over height: a wider shape may be several digits.
_MAY_BE_SEVERAL = 0.8

# Confidence that each piece needs. With 0.9, three of four numbers that are split are
# right; with 0.7, fewer than half.
_CLEAR = 0.9

# A digit's usual width, of the shape's height, and the weight of the squared difference
# from it, against the logarithm of the confidence.
_USUAL_WIDTH = 0.5
_WEIGHT_OF_WIDTH = 2.0


@dataclass(frozen=True)
class DigitReading:
    """One digit of a :class:`NumberReading`.

    Parameters
    ----------
    crop : DigitCrop
        The digit, as :func:`find_digits` finds it.
    labels : ndarray of shape (n_classes,)
        The labels, the most probable first.
    probabilities : ndarray of shape (n_classes,)
        Their probabilities.
    """

    crop: DigitCrop
    labels: NDArray[Any]
    probabilities: NDArray[np.floating[Any]]

    @property
    def label(self) -> Any:
        """The most probable label."""
        return self.labels.tolist()[0]

    @property
    def confidence(self) -> float:
        """Its probability."""
        return float(self.probabilities[0])

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in the image, in pixels."""
        return self.crop.box

    @property
    def is_doubtful(self) -> bool:
        """Whether the label is not sure, or the shape as wide as two digits."""
        wide = _aspect(self.crop) > WIDEST_DIGIT
        return wide or self.confidence < SURE_CONFIDENCE


@dataclass(frozen=True)
class NumberReading:
    """The digits of an image, as :func:`read_number` reads them.

    Parameters
    ----------
    digits : list of DigitReading
        In reading order.
    n_left_out : int
        Number of other shapes in the image.
    """

    digits: list[DigitReading]
    n_left_out: int

    @property
    def lines(self) -> list[str]:
        """The labels of each line, joined; words with spaces between them."""
        words = any(len(str(label)) > 1 for d in self.digits for label in d.labels)
        return [
            (" " if words else "").join(str(digit.label) for digit in line)
            for _, line in groupby(self.digits, key=lambda digit: digit.crop.line)
        ]

    @property
    def text(self) -> str:
        """All lines, with line breaks between them."""
        return "\n".join(self.lines)

    @property
    def confidence(self) -> float:
        """Confidence that all digits are right: the product of theirs."""
        return prod(digit.confidence for digit in self.digits)

    @property
    def is_doubtful(self) -> bool:
        """Whether one of the digits is."""
        return any(digit.is_doubtful for digit in self.digits)


def read_number(reader: Any, image: Any) -> NumberReading:
    """Read all digits of an image.

    Parameters
    ----------
    reader : estimator
        A fitted pipeline that predicts probabilities for a list of images, such as
        :func:`make_digit_reader` makes.

    image : str, path-like, binary file, PIL.Image.Image or array-like
        As :func:`find_digits` takes it.

    Returns
    -------
    reading : NumberReading
        Its attributes are `text` (str, a line of digits per line of the image),
        `confidence` (float, the product of the digits' confidences), `is_doubtful`
        (bool), `n_left_out` (int, the number of shapes that are no digits) and
        `digits`, a list: each has `label`, `confidence`, `box` (left, top, right,
        bottom, in pixels), `is_doubtful`, and all `labels` and `probabilities`.

    Raises
    ------
    ValueError
        If nothing stands out from the background, or `image` is no image.
    OSError
        If a file cannot be read as an image.

    See Also
    --------
    find_digits : Finds the digits without reading them.

    Notes
    -----
    A shape that is wider than a digit, or wide and not read with 90 %, is split where
    the network reads each piece with 90 %. Where it does not, the shape is read as one
    digit, which is doubtful if it is as wide as two.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_mnist import load_sample_digits, make_digit_reader, read_number
    >>> X, y = load_sample_digits(return_X_y=True)
    >>> reader = make_digit_reader("fast", random_state=0).fit(X, y)
    >>> images = X.reshape(-1, 28, 28)
    >>> reading = read_number(reader, np.hstack([images[2], images[0], images[6]]))
    >>> reading.text
    '206'
    >>> [digit.box for digit in reading.digits]
    [(6, 4, 21, 24), (35, 5, 50, 25), (66, 3, 78, 23)]
    """
    return read_segmentation(reader, segment_named(image))


def may_be_number(segmentation: Segmentation) -> bool:
    """Whether an image may show several digits, by the forms of its shapes."""
    shapes = segmentation.digits
    return len(shapes) > 1 or any(_aspect(s) > _MAY_BE_SEVERAL for s in shapes)


def read_segmentation(reader: Any, segmentation: Segmentation) -> NumberReading:
    """Read the digits that were found in an image, and split those that touch."""
    shapes = _read(reader, segmentation.digits)
    digits = [digit for shape in shapes for digit in _split(reader, shape)]
    return NumberReading(digits, segmentation.n_left_out)


def _read(reader: Any, crops: list[DigitCrop]) -> list[DigitReading]:
    classes = np.asarray(reader.classes_)
    readings = []
    probabilities = reader.predict_proba([crop.image for crop in crops])
    for crop, row in zip(crops, probabilities, strict=True):
        order = np.argsort(-row, kind="stable")
        readings.append(DigitReading(crop, classes[order], row[order]))
    return readings


def _split(reader: Any, shape: DigitReading) -> list[DigitReading]:
    """Split a shape into digits that touch, or leave it whole if that is unclear."""
    if not _may_be_several(shape):
        return [shape]
    pieces, n_parts = cut_apart(shape.crop)
    if not pieces:
        return [shape]
    readings = _read(reader, [piece.crop for piece in pieces])
    digits = _most_confident_digits(pieces, readings, n_parts)
    are_clear = all(digit.confidence >= _CLEAR for digit in digits)
    return digits if digits and are_clear else [shape]


def _may_be_several(shape: DigitReading) -> bool:
    is_clear = shape.confidence >= _CLEAR
    return _aspect(shape.crop) > (WIDEST_DIGIT if is_clear else _MAY_BE_SEVERAL)


def _most_confident_digits(
    pieces: list[Piece], readings: list[DigitReading], n_parts: int
) -> list[DigitReading]:
    """Choose the pieces that make up the whole shape, by dynamic programming.

    Returns none if no pieces do.
    """
    best: dict[int, tuple[float, list[DigitReading]]] = {0: (0.0, [])}
    for stop in range(1, n_parts + 1):
        choices = [
            (
                best[piece.start][0] + _score(piece, digit),
                [*best[piece.start][1], digit],
            )
            for piece, digit in zip(pieces, readings, strict=True)
            if piece.stop == stop and piece.start in best
        ]
        if choices:
            best[stop] = max(choices, key=itemgetter(0))
    return best.get(n_parts, (0.0, []))[1]


def _score(piece: Piece, digit: DigitReading) -> float:
    unusual = (piece.width - _USUAL_WIDTH) ** 2
    return log(digit.confidence) - _WEIGHT_OF_WIDTH * unusual


def _aspect(crop: DigitCrop) -> float:
    left, top, right, bottom = crop.box
    return (right - left) / max(1, bottom - top)
