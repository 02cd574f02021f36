"""Read an image of several digits: find each, and read it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._confidence import SURE_CONFIDENCE
from ._images._segmentation import DigitCrop, Segmentation, segment

_WIDEST_DIGIT = 1.4  # width over height; a wider shape is most likely two digits


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
        wide = _aspect(self.crop) > _WIDEST_DIGIT
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
    Digits that touch are not cut apart: they are read as one, which is doubtful if it
    is as wide as two digits.

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
    return read_segmentation(reader, segment(image))


def read_segmentation(reader: Any, segmentation: Segmentation) -> NumberReading:
    """Read the digits that were found in an image."""
    digits = _read(reader, segmentation.digits)
    return NumberReading(digits, segmentation.n_left_out)


def _read(reader: Any, crops: list[DigitCrop]) -> list[DigitReading]:
    classes = np.asarray(reader.classes_)
    readings = []
    probabilities = reader.predict_proba([crop.image for crop in crops])
    for crop, row in zip(crops, probabilities, strict=True):
        order = np.argsort(-row, kind="stable")
        readings.append(DigitReading(crop, classes[order], row[order]))
    return readings


def _aspect(crop: DigitCrop) -> float:
    left, top, right, bottom = crop.box
    return (right - left) / max(1, bottom - top)
