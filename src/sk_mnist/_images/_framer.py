"""DigitFramer: any image of a handwritten digit, brought into MNIST's frame."""

from __future__ import annotations

import os
from collections.abc import Sequence
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import validate_data

from .._sklearn import Interval, StrOptions, validate_before, validate_estimator
from .._warnings import warn
from ._foreground import NoDigitError
from ._framing import are_framed, frame_image
from ._loading import is_image_file, load_image
from ._pixels import as_stack, pixel_names


def list_images(X: Any) -> Sequence[Any]:
    """Make `X`, of whatever kind, a sequence of images.

    Raises
    ------
    TypeError
        If `X` is a sparse matrix.
    ValueError
        If `X` is a single picture, or empty, or has too many or too few axes.
    """
    if is_image_file(X) or isinstance(X, Image.Image):
        raise ValueError(
            f"X must be a list of images or files. Got a single one, {X!r}: put it "
            "into a list, [X]."
        )
    if issparse(X):
        raise TypeError("X is a sparse matrix. Make it dense first: X.toarray().")
    images = X if isinstance(X, list | tuple) else _as_images(X)
    if not len(images):
        raise ValueError("X holds no images: 0 samples, while at least 1 is required.")
    return images


def _as_images(X: Any) -> Any:
    images = np.asarray(X)
    if images.dtype == object and images.ndim > 1:
        images = images.astype(np.float64)
    single = images.ndim < 2 and images.dtype.kind in "buif"
    if single or (images.ndim == 3 and images.shape[2] in (3, 4)):
        raise ValueError(
            f"X has shape {images.shape}, that of a single image. Reshape your data: "
            "put it into a list, [X]."
        )
    if images.ndim not in (1, 2, 3, 4):
        raise ValueError(
            f"X has shape {images.shape}, but DigitFramer expects (n, height, width), "
            "(n, height, width, 1, 3 or 4), (n, side * side) or a list of images. "
            "Reshape X."
        )
    return images


def _name(index: int, source: Any) -> str:
    """Name an image in messages."""
    path = f" ({source})" if isinstance(source, str | os.PathLike) else ""
    return f"X[{index}]{path}"


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
        Whether the background is darker or lighter than the digit; 'auto' decides for
        each image.

    on_blank : {'raise', 'blank', 'warn'}, default='raise'
        What to do with an image in which nothing stands out from the background: raise
        an error, return a blank image, or return a blank image and warn.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the rows seen in ``fit``. Defined only if `X` was rows of
        pixels. ``transform`` takes images of any size all the same.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Column names seen in ``fit``. Defined only if `X` was a DataFrame whose column
        names are all strings.

    See Also
    --------
    ImageNormalizer : Scales the framed images to what a network reads.
    make_digit_reader : One pipeline from any image to a digit.

    Notes
    -----
    The digit is what stands out most from the background around it, whatever the colors
    and the light. Specks and ruled lines are left out. Strokes far thinner or thicker
    than MNIST's are given the usual width.

    An image that is in the frame already is returned unchanged, bit for bit; so is its
    negative, made bright on dark.

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
        """Check the parameters and `X`; nothing is learned.

        Parameters
        ----------
        X : list or array-like
            Images, as `transform` takes them. Files are not opened.

        y : None
            Ignored.

        Returns
        -------
        self : DigitFramer
            The transformer itself.

        Raises
        ------
        ValueError
            If `X` is a single image, or rows with negative pixels, NaN or infinity.
        """
        self._check_parameters()
        images = list_images(X)
        if isinstance(images, np.ndarray) and images.ndim == 2:
            validate_data(self, X, ensure_non_negative=True)
        return self

    def transform(self, X: Any) -> NDArray[np.uint8]:
        """Frame each image.

        Parameters
        ----------
        X : list or array-like
            The images: an array of shape (n, height, width) or (n, height, width, 1, 3
            or 4); rows of shape (n, side * side), or a DataFrame of them; or a list of
            arrays of any sizes, of Pillow images, of names of image files and of open
            binary files.

        Returns
        -------
        framed : ndarray of shape (n, size * size), dtype uint8
            A row per image: a bright digit (255) on a dark background (0).

        Raises
        ------
        ValueError
            If `X` is a single image, or if one of the images is not an image or shows
            no digit.
        OSError
            If a file is missing, empty, damaged, not an image, or has more pixels than
            ``PIL.Image.MAX_IMAGE_PIXELS``.

        Warns
        -----
        UserWarning
            If an image shows no digit and `on_blank` is 'warn'.
        """
        self._check_parameters()
        images = list_images(X)
        framed = np.zeros((len(images), self.size**2), np.uint8)
        for index in np.flatnonzero(~self._copy_framed(images, framed)).tolist():
            self._frame_into(framed[index], index, images[index])
        return framed

    def _copy_framed(
        self, images: Sequence[Any], framed: NDArray[np.uint8]
    ) -> NDArray[np.bool_]:
        """Copy the images that are in the frame already, many times as fast."""
        copied = np.zeros(len(images), dtype=bool)
        if not isinstance(images, np.ndarray) or images.dtype != np.uint8:
            return copied
        if images.shape[1:] not in {(self.size**2,), (self.size, self.size)}:
            return copied
        stack, frames = as_stack(images), as_stack(framed)
        if self.background != "light":
            copied = are_framed(stack, self.box)
            frames[copied] = stack[copied]
        if self.background != "dark" and not copied.all():
            rest = np.flatnonzero(~copied)
            negatives = 255 - stack[rest]
            turned = are_framed(negatives, self.box)
            frames[rest[turned]] = negatives[turned]
            copied[rest[turned]] = True
        return copied

    def _frame_into(self, row: NDArray[np.uint8], index: int, source: Any) -> None:
        """Frame one image, and say in errors and warnings which one it is."""
        name = _name(index, source)
        try:
            image = load_image(source)
            row[:] = frame_image(image, self.size, self.box, self.background).ravel()
        except NoDigitError as error:
            if self.on_blank == "raise":
                raise ValueError(
                    f"{name}: {error}. Leave it out, or set on_blank='blank'."
                ) from error
            if self.on_blank == "warn":
                warn(f"{name}: {error}. It is left blank.")
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        except OSError as error:
            raise type(error)(f"{name}: {error}") from error

    def _check_parameters(self) -> None:
        validate_estimator(self)
        if self.box > self.size:
            raise ValueError(
                f"box must be at most size, which is {self.size}. Got {self.box} "
                "instead."
            )

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
        tags.input_tags.positive_only = True
        tags.input_tags.three_d_array = True
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = []
        return tags
