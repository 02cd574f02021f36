"""Shape, range and names of the pixels of images.

The one place that decides what shape a row of pixels has: that of a square image,
unless another is stated. It imports NumPy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def pixel_names(n_pixels: int) -> NDArray[np.object_]:
    """Name pixels as OpenML's ``mnist_784`` does: ``pixel1``, ``pixel2`` and so on."""
    return np.array([f"pixel{i}" for i in range(1, n_pixels + 1)], dtype=object)


def refuse_masked(values: Any, name: str) -> None:
    """Refuse masked arrays, which NumPy would take for the values below the mask.

    Raises
    ------
    ValueError
        If a value is masked.
    """
    if np.ma.is_masked(values):
        raise ValueError(
            f"{name} is a masked array, and some of its values are masked. Fill them "
            "first, for example by its method filled(0)."
        )


def refuse_no_numbers(X: Any, name: str = "X") -> None:
    """Refuse arrays that NumPy would turn into numbers without a word.

    Parameters
    ----------
    X : array-like
        Images, rows of pixels, or other numbers.
    name : str, default="X"
        What the message calls them.

    Raises
    ------
    ValueError
        If `X` has masked values, or holds dates, times or records.
    """
    refuse_masked(X, name)
    dtype = getattr(X, "dtype", None)
    if dtype is None and hasattr(X, "dtypes"):  # a DataFrame
        dtype = np.asarray(X[:1]).dtype
    if isinstance(dtype, np.dtype) and (dtype.kind in "mM" or dtype.names):
        raise ValueError(
            f"{name} must hold numbers. Got an array of dtype {dtype} instead: convert "
            "it to float32."
        )


def pixel_scale(pixels: NDArray[Any]) -> float:
    """Infer the maximum pixel value."""
    brightest = float(pixels.max())
    if pixels.dtype == np.uint8 or 16 < brightest <= 255:
        return 255.0
    return brightest or 1.0


def square_shape(n_pixels: int) -> tuple[int, int] | None:
    """Height and width of the square image of `n_pixels`, None if there is none."""
    side = isqrt(n_pixels)
    return (side, side) if side**2 == n_pixels else None


def check_image_shape(image_shape: Sequence[Any]) -> tuple[int, int]:
    """Check the parameter `image_shape`, and return it as integers.

    Raises
    ------
    ValueError
        If it is no height and width.
    """
    lengths = tuple(image_shape)
    are_whole = all(
        isinstance(n, Real) and float(n) >= 1 and float(n).is_integer() for n in lengths
    )
    if len(lengths) != 2 or not are_whole:
        raise ValueError(
            "image_shape must be (height, width), two whole numbers of 1 or more. Got "
            f"{image_shape!r} instead."
        )
    return int(lengths[0]), int(lengths[1])


def image_shape_of(
    n_features: int, image_shape: Sequence[int] | None = None
) -> tuple[int, int]:
    """Height and width of the images that rows of `n_features` pixels hold.

    Parameters
    ----------
    n_features : int
        Length of a row.
    image_shape : sequence of (int, int) or None, default=None
        The parameter of that name, (height, width); None means square images.

    Raises
    ------
    ValueError
        If `image_shape` is no height and width, or has another number of pixels, or is
        None while `n_features` is not a square number.
    """
    if image_shape is None:
        square = square_shape(n_features)
        if square is None:
            raise ValueError(
                f"{n_features} features do not make a square image. Set "
                "image_shape=(height, width)."
            )
        return square
    height, width = check_image_shape(image_shape)
    if height * width != n_features:
        raise ValueError(
            "image_shape must be (height, width) with height * width equal to the "
            f"number of features, {n_features}. Got {image_shape!r} instead."
        )
    return height, width


def as_image(pixels: ArrayLike) -> NDArray[Any]:
    """View the pixels of one image as (height, width) or, in color, (height, width, n).

    Parameters
    ----------
    pixels : array-like of shape (height, width), (height, width, 1, 3 or 4) or \
            (side * side,)

    Raises
    ------
    ValueError
        If `pixels` has another shape. The message does not name the image.
    """
    image = np.asarray(pixels)
    if image.ndim == 1 and (shape := square_shape(image.size)):
        return image.reshape(shape)
    if image.ndim == 3 and image.shape[2] == 1:
        return image[..., 0]
    if image.ndim == 2 or (image.ndim == 3 and image.shape[2] in (3, 4)):
        return image
    raise ValueError(
        "an image must have the shape (height, width), (height, width, 1, 3 or 4) or, "
        f"as a row of pixels, (side * side,). Got shape {image.shape} instead: reshape "
        "it."
    )


def as_stack(images: NDArray[Any]) -> NDArray[Any]:
    """View rows of square images as an array of shape (n_images, height, width).

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width) or (n_images, side * side)

    Raises
    ------
    ValueError
        If `images` has another shape.
    """
    if images.ndim == 3:
        return images
    if images.ndim == 2 and (shape := square_shape(images.shape[1])):
        return images.reshape(-1, *shape)
    raise ValueError(
        "images must have the shape (n_images, height, width) or, as rows of square "
        f"images, (n_images, side * side). Got shape {images.shape} instead: reshape "
        "them."
    )
