"""Bring the image of one digit into MNIST's frame.

A network trained on MNIST reads only images in its frame: a bright foreground on a dark
background, scaled into a box of 20 x 20 pixels and placed in 28 x 28 so that its center
of mass is the center of the image [1]_.

References
----------
.. [1] Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten
   digits", https://yann.lecun.org/exdb/mnist/
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from ._components import bounding_box
from ._foreground import find_foreground
from ._loading import FloatImage

# Of the box: 5th and 95th percentile, and median, of the stroke width of MNIST's
# training digits.
_THINNEST_STROKE, _USUAL_STROKE, _THICKEST_STROKE = 0.08, 0.12, 0.18
_DETAIL = 4  # the scale at which strokes are thinned, to parts of a pixel

# Maximum weight of the Laplacian sharpening. With it, most of MNIST's training digits
# are read that are first made small in the way in which NIST's software does it.
_SHARPENING = 0.4

# Of the full foreground; fainter edges do not widen the box.
_FAINTEST_IN_BOX = 0.25

# Pixels. The center of mass of MNIST's digits lies within 0.52 pixels of the middle.
_LARGEST_SHIFT = 0.55

_IMAGES_IN_CACHE = 256


def are_framed(images: NDArray[Any], box: int) -> NDArray[np.bool_]:
    """Find the images that are in the frame already, as MNIST's own are.

    Parameters
    ----------
    images : ndarray of shape (n_images, size, size)
        Bright on dark.
    box : int
        Length of a framed digit's longer side, in pixels.

    Returns
    -------
    framed : ndarray of shape (n_images,), dtype bool
    """
    return np.concatenate(
        [
            _are_framed(
                images[start : start + _IMAGES_IN_CACHE].astype(np.float32), box
            )
            for start in range(0, len(images), _IMAGES_IN_CACHE)
        ]
    )


def _are_framed(images: FloatImage, box: int) -> NDArray[np.bool_]:
    size = images.shape[1]
    framed = np.ones(len(images), dtype=bool)
    longer_side = np.zeros(len(images), dtype=np.intp)
    # A product with ones is several times as fast as a sum over the last axis.
    for profiles in images.sum(axis=1), images @ np.ones(size, np.float32):
        inside = profiles > 0
        extent = size - inside.argmax(axis=1) - inside[:, ::-1].argmax(axis=1)
        np.maximum(longer_side, extent, out=longer_side)
        mass = profiles.sum(axis=1)
        shift = np.abs(profiles @ np.arange(size, dtype=np.float32) - size // 2 * mass)
        framed &= (mass > 0) & (shift <= _LARGEST_SHIFT * mass)
    return framed & (box - 1 <= longer_side) & (longer_side <= box)


def frame_image(
    image: FloatImage, size: int, box: int, background: str
) -> NDArray[np.uint8]:
    """Bring the digit of one image into MNIST's frame.

    Parameters
    ----------
    image : ndarray of shape (height, width) or (height, width, 3), float32
        From 0, black, to 1, white.
    size, box : int
        Side of the frame, and length of the digit's longer side in it, in pixels.
    background : {'auto', 'dark', 'light'}
        Whether the background is darker or lighter than the digit.

    Returns
    -------
    framed : ndarray of shape (size, size), dtype uint8

    Raises
    ------
    NoDigitError
        If nothing stands out from the background.
    """
    framed = _framed_already(image, size, box, background)
    if framed is None:
        foreground = _crop(find_foreground(image, background))
        framed = _center(_with_even_strokes(foreground, box), size)
    return np.rint(framed * 255).astype(np.uint8)


def _framed_already(
    image: FloatImage, size: int, box: int, background: str
) -> FloatImage | None:
    """The image or its negative, bright on dark, if it is in the frame."""
    if image.shape != (size, size):
        return None
    if background != "light" and are_framed(image[np.newaxis], box)[0]:
        return image
    if background != "dark" and are_framed(1 - image[np.newaxis], box)[0]:
        return 1 - image
    return None


def _crop(foreground: FloatImage) -> FloatImage:
    """Crop to the bounding box of the foreground."""
    left, top, right, bottom = bounding_box(foreground > _FAINTEST_IN_BOX)
    return foreground[top:bottom, left:right]


def _scale(foreground: FloatImage, box: int) -> FloatImage:
    """Resize the foreground so that its longer side fills the box.

    Enlarged strokes are soft where MNIST's are sharp, so they are sharpened first.
    """
    height, width = foreground.shape
    factor = box / max(height, width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    if factor > 1:
        sharpening = _SHARPENING * (1 - 1 / factor)
        foreground = foreground - sharpening * ndimage.laplace(
            foreground, mode="constant"
        )
    scaled = Image.fromarray(foreground).resize(size, Image.Resampling.LANCZOS)
    return np.clip(np.asarray(scaled), 0, 1)


def _stroke_width(foreground: FloatImage) -> float:
    """Mean width of the strokes, in pixels: twice their area over their outline."""
    padded = np.pad(foreground, 1)
    down = padded[1:, 1:] - padded[:-1, 1:]
    across = padded[1:, 1:] - padded[1:, :-1]
    return 2 * float(foreground.sum()) / float(np.hypot(down, across).sum())


def _with_even_strokes(foreground: FloatImage, box: int) -> FloatImage:
    """Resize to the box, and thicken or thin strokes that MNIST's digits never have."""
    scaled = _scale(foreground, box)
    if _THINNEST_STROKE <= _stroke_width(scaled) / box <= _THICKEST_STROKE:
        return scaled
    large = np.pad(_scale(foreground, _DETAIL * box), _DETAIL * box // 4)
    growth = (_USUAL_STROKE * _DETAIL * box - _stroke_width(large)) / 2
    reach = np.arange(-int(abs(growth)), int(abs(growth)) + 1)
    disc = np.hypot(reach, reach[:, np.newaxis]) <= abs(growth)
    morph = ndimage.grey_dilation if growth > 0 else ndimage.grey_erosion
    return _scale(_crop(morph(large, footprint=disc)), box)


def _center(foreground: FloatImage, size: int) -> FloatImage:
    """Place the foreground so that its center of mass is the center of the frame."""
    frame = np.zeros((size, size), np.float32)
    corner = []
    for axis, length in enumerate(foreground.shape):
        mass = foreground.sum(axis=1 - axis)
        center = float(mass @ np.arange(length)) / float(mass.sum())
        corner.append(min(max(round(size // 2 - center), 0), size - length))
    (top, left), (height, width) = corner, foreground.shape
    frame[top : top + height, left : left + width] = foreground
    return frame
