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

from __future__ import annotations

import os
from collections.abc import Sequence
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags

from .._sklearn import Interval, StrOptions, validate_before, validate_estimator
from .._warnings import warn
from ._foreground import FloatImage, NoInkError, find_ink
from ._loading import Picture, read_picture
from ._pixels import pixel_names

# Pixels. Of a photograph that shows a whole page, a digit keeps some thirty.
_LONGEST_SIDE = 800

# Of the box. A tenth of MNIST's training digits have thinner or thicker strokes than
# the outer two of these; half have thinner ones than the usual.
_THINNEST_STROKE, _USUAL_STROKE, _THICKEST_STROKE = 0.08, 0.12, 0.18
_DETAIL = 4  # the scale at which strokes are thinned, to parts of a pixel

# Laplacians, at the utmost. With these, most of MNIST's training digits are read that
# are first made small in the way in which NIST's software makes them small.
_SHARPENING = 0.4

# Of full ink; fainter edges do not widen the box.
_INK = 0.25


def list_pictures(X: Any) -> Sequence[Any]:
    """Tell the pictures in `X` apart, whatever kind of collection it is.

    Raises
    ------
    TypeError
        If `X` is a sparse matrix.
    ValueError
        If `X` is a single picture, or empty, or has too many or too few axes.
    """
    if isinstance(X, str | os.PathLike | Image.Image):
        raise ValueError(
            f"X must be a list of images or paths. Got a single one, {X!r}: put it "
            "into a list, [X]."
        )
    if issparse(X):
        raise TypeError("X is a sparse matrix. Make it dense first: X.toarray().")
    pictures = X if isinstance(X, list | tuple) else _as_images(X)
    if not len(pictures):
        raise ValueError("X holds no images: 0 samples, while at least 1 is required.")
    return pictures


def _as_images(X: Any) -> Any:
    images = np.asarray(X)
    single = images.ndim < 2 and images.dtype.kind in "buif"
    if single or (images.ndim == 3 and images.shape[2] in (3, 4)):
        raise ValueError(
            f"X has shape {images.shape}, that of a single image. Put it into a list, "
            "[X]."
        )
    if images.ndim not in (1, 2, 3, 4):
        raise ValueError(
            f"X has shape {images.shape}, but DigitFramer expects (n, height, width), "
            "(n, height, width, 1, 3 or 4), (n, side * side) or a list of images. "
            "Reshape X."
        )
    return images


def _name(index: int, source: Any) -> str:
    """What a picture is called in messages."""
    path = f" ({source})" if isinstance(source, str | os.PathLike) else ""
    return f"X[{index}]{path}"


def _is_framed(picture: Picture, size: int, box: int) -> bool:
    """Whether a picture is in the frame already, as MNIST's own images are.

    Of those, the longer side of the ink is 19 or 20 pixels long, and the centre of mass
    within 0.52 pixels of the middle.
    """
    if picture.shape != (size, size):
        return False
    profiles = [picture.sum(axis=axis) for axis in (0, 1)]
    if not profiles[0].any():
        return False
    inked = [np.flatnonzero(profile) for profile in profiles]
    longer_side = 1 + max(int(places[-1] - places[0]) for places in inked)
    return box - 1 <= longer_side <= box and all(
        abs(profile @ np.arange(size) / profile.sum() - size // 2) <= 0.55
        for profile in profiles
    )


def _crop(ink: FloatImage) -> FloatImage:
    """The ink's bounding box."""
    rows = np.flatnonzero((ink > _INK).any(axis=1))
    columns = np.flatnonzero((ink > _INK).any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _scale(ink: FloatImage, box: int) -> FloatImage:
    """The ink at a size at which its longer side fills the box.

    A pixel is the mean of what it covers; enlarged, strokes are soft where MNIST's are
    sharp. Sharpening takes part of that back.
    """
    height, width = ink.shape
    factor = box / max(height, width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    if factor > 1:
        sharpening = _SHARPENING * (1 - 1 / factor)
        ink = ink - sharpening * ndimage.laplace(ink, mode="constant")
    scaled = Image.fromarray(ink).resize(size, Image.Resampling.LANCZOS)
    return np.clip(np.asarray(scaled), 0, 1)


def _stroke_width(ink: FloatImage) -> float:
    """Mean width of the strokes, in pixels: twice their area by their outline."""
    height, width = ink.shape
    padded = np.zeros((height + 2, width + 2), np.float32)
    padded[1:-1, 1:-1] = ink
    down = padded[1:, 1:] - padded[:-1, 1:]
    across = padded[1:, 1:] - padded[1:, :-1]
    return 2 * float(ink.sum()) / float(np.hypot(down, across).sum())


def _with_even_strokes(ink: FloatImage, box: int) -> FloatImage:
    """The ink in its box, its strokes thickened or thinned if MNIST's never look so."""
    scaled = _scale(ink, box)
    if _THINNEST_STROKE <= _stroke_width(scaled) / box <= _THICKEST_STROKE:
        return scaled
    large = np.pad(_scale(ink, _DETAIL * box), _DETAIL * box // 4)
    growth = (_USUAL_STROKE * _DETAIL * box - _stroke_width(large)) / 2
    reach = np.arange(-int(abs(growth)), int(abs(growth)) + 1)
    disc = np.hypot(reach, reach[:, np.newaxis]) <= abs(growth)
    morph = ndimage.grey_dilation if growth > 0 else ndimage.grey_erosion
    return _scale(_crop(morph(large, footprint=disc)), box)


def _centre(ink: FloatImage, size: int) -> FloatImage:
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
        Length of the digit's longer side in the framed image, in pixels; at most
        `size`.

    background : {'auto', 'dark', 'light'}, default='auto'
        Whether the ground that the digit is written on is darker or lighter than its
        ink; 'auto' finds out, for each image.

    on_blank : {'raise', 'blank', 'warn'}, default='raise'
        What becomes of an image without ink: an error; a blank image, in silence; or a
        blank image and a warning.

    See Also
    --------
    ImageNormalizer : Scales the framed images to what a network reads.
    make_digit_reader : One pipeline from any image to a digit.

    Notes
    -----
    The ink is what stands out most from the ground around it, in whatever colours and
    light. Specks and the rules of paper are left out. Strokes far thinner or thicker
    than MNIST's are given the width that is usual there.

    An image that is in the frame already comes back as it is, to the bit, and so does
    the negative of one, turned round.

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

    # Where users import it from, and all that a saved model says of where it lies.
    __module__ = "sk_mnist"

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "size": [Interval(Integral, 1, None, closed="left")],
        "box": [Interval(Integral, 1, None, closed="left")],
        "background": [StrOptions({"auto", "dark", "light"})],
        "on_blank": [StrOptions({"raise", "blank", "warn"})],
    }

    def __init__(
        self,
        size: int = 28,
        box: int = 20,
        *,
        background: str = "auto",
        on_blank: str = "raise",
    ):
        self.size = size
        self.box = box
        self.background = background
        self.on_blank = on_blank

    @validate_before
    def fit(self, X: Any, y: Any = None) -> DigitFramer:
        """Only validate the parameters.

        Parameters
        ----------
        X : list or array-like
            Ignored.

        y : None
            Ignored.

        Returns
        -------
        self : DigitFramer
            The transformer itself.
        """
        self._check_parameters()
        return self

    def transform(self, X: Any) -> NDArray[np.uint8]:
        """Frame each image.

        Parameters
        ----------
        X : list or array-like
            The images: an array of shape (n, height, width) or (n, height, width, 1, 3
            or 4); rows of shape (n, side * side), or a DataFrame of them; or a list of
            arrays of any sizes, of Pillow images and of paths of image files.

        Returns
        -------
        framed : ndarray of shape (n, size * size), dtype uint8
            A row per image: bright ink (255) on a dark ground (0).

        Raises
        ------
        ValueError
            If `X` is a single image, or one of the images is none or holds no ink.
        OSError
            If a file is missing or is no image.

        Warns
        -----
        UserWarning
            If an image holds no ink and `on_blank` is 'warn'.
        """
        self._check_parameters()
        pictures = list_pictures(X)
        framed = np.zeros((len(pictures), self.size * self.size), np.uint8)
        for index, source in enumerate(pictures):
            try:
                frame = self._frame(read_picture(source, _LONGEST_SIDE))
                framed[index] = np.rint(frame * 255).ravel()
            except NoInkError as error:
                if self.on_blank == "raise":
                    raise ValueError(
                        f"{_name(index, source)}: {error} Leave it out, or set "
                        "on_blank='blank'."
                    ) from error
                if self.on_blank == "warn":
                    warn(f"{_name(index, source)}: {error} It is left blank.")
            except ValueError as error:
                raise ValueError(f"{_name(index, source)}: {error}") from error
        return framed

    def _check_parameters(self) -> None:
        validate_estimator(self)
        if self.box > self.size:
            raise ValueError(
                f"box must be at most size, which is {self.size}. Got {self.box} "
                "instead."
            )

    def _frame(self, picture: Picture) -> FloatImage:
        if self.background != "light" and _is_framed(picture, self.size, self.box):
            return picture
        if self.background != "dark" and _is_framed(1 - picture, self.size, self.box):
            return 1 - picture
        ink = find_ink(picture, self.background)
        return _centre(_with_even_strokes(_crop(ink), self.box), self.size)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Name the pixels, row by row: ``pixel1``, ``pixel2`` and so on.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        feature_names_out : ndarray of shape (size * size,), dtype object
            As OpenML's ``mnist_784`` names them.
        """
        return pixel_names(self.size**2)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = []
        return tags
