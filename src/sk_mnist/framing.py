"""Any image of a handwritten digit, brought into MNIST's frame.

A network trained on MNIST reads only what looks like MNIST: bright ink on a dark
ground, scaled into a box of 20 x 20 pixels and placed in 28 x 28 so that the centre of
mass of its ink is the centre of the image [1]_. Digits of one's own are misread for
want of that frame more than for any other reason.

References
----------
.. [1] Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten
   digits", https://yann.lecun.org/exdb/mnist/
"""

from collections.abc import Iterable
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils import Tags, check_array
from sklearn.utils._param_validation import Interval, StrOptions

# Of full contrast; fainter marks do not widen the box.
_INK = 0.25


def _ink(image: NDArray[Any], background: str) -> NDArray[np.float32]:
    """How much ink each pixel holds, in [0, 1]."""
    grey = image.astype(np.float32)
    darkest, brightest = grey.min(), grey.max()
    if darkest == brightest:
        return np.zeros_like(grey)
    grey = (grey - darkest) / (brightest - darkest)
    border = np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])
    light = background == "light" or (background == "auto" and border.mean() > 0.5)
    return 1 - grey if light else grey


def _crop(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """The ink's bounding box."""
    rows = np.flatnonzero((ink > _INK).any(axis=1))
    columns = np.flatnonzero((ink > _INK).any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _scale(ink: NDArray[np.float32], box: int) -> NDArray[np.float32]:
    """The ink at a size at which its longer side fills the box."""
    height, width = ink.shape
    factor = box / max(height, width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    scaled = Image.fromarray(ink).resize(size, Image.Resampling.BICUBIC)
    return np.clip(np.asarray(scaled), 0, 1)


def _centre(ink: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """The ink in a square image whose centre is the ink's centre of mass."""
    frame = np.zeros((size, size), np.float32)
    corner = []
    for axis, length in enumerate(ink.shape):
        mass = ink.sum(axis=1 - axis)
        centre = float(mass @ np.arange(length)) / float(mass.sum())
        corner.append(min(max(round(size // 2 - centre), 0), size - length))
    top, left = corner
    frame[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return frame


class DigitFramer(TransformerMixin, BaseEstimator):
    """Bring images of handwritten digits into MNIST's frame.

    Parameters
    ----------
    size : int, default=28
        Height and width of a framed image, in pixels.

    box : int, default=20
        Length of the digit's longer side in the framed image, in pixels.

    background : {'auto', 'dark', 'light'}, default='auto'
        Whether the ground that the digit is written on is dark or light.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sk_mnist import DigitFramer
    >>> images = load_digits().images
    >>> images.shape
    (1797, 8, 8)
    >>> DigitFramer().transform(images).shape
    (1797, 784)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "size": [Interval(Integral, 1, None, closed="left")],
        "box": [Interval(Integral, 1, None, closed="left")],
        "background": [StrOptions({"auto", "dark", "light"})],
    }

    def __init__(self, size: int = 28, box: int = 20, *, background: str = "auto"):
        self.size = size
        self.box = box
        self.background = background

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Only validate the parameters.

        Parameters
        ----------
        X : array-like of shape (n_samples, height, width)
            Ignored.

        y : Ignored
            Not used, present here for API consistency by convention.

        Returns
        -------
        self : DigitFramer
            The transformer itself.
        """
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.uint8]:
        """Frame each image.

        Parameters
        ----------
        X : array-like of shape (n_samples, height, width)
            The images.

        Returns
        -------
        framed : ndarray of shape (n_samples, size * size), dtype uint8
            The framed images, one flattened image a row: bright ink (255) on a dark
            ground (0).
        """
        images = check_array(X, allow_nd=True, ensure_2d=False)
        return np.stack([self._frame(image) for image in images])

    def _frame(self, image: NDArray[Any]) -> NDArray[np.uint8]:
        ink = _ink(image, self.background)
        if not ink.any():
            raise ValueError("An image has no ink: all its pixels are alike.")
        frame = _centre(_scale(_crop(ink), self.box), self.size)
        return np.rint(frame * 255).astype(np.uint8).reshape(-1)

    def get_feature_names_out(
        self, input_features: Iterable[str] | None = None
    ) -> NDArray[np.object_]:
        """Names of the pixels, row by row: ``pixel1``, ``pixel2``, ...

        Parameters
        ----------
        input_features : Ignored
            Not used, present here for API consistency by convention.

        Returns
        -------
        feature_names_out : ndarray of str objects
            As OpenML's ``mnist_784`` names them.
        """
        return np.array([f"pixel{i + 1}" for i in range(self.size**2)], dtype=object)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = []
        return tags
