"""Whatever shows a digit, as an array: files, Pillow's images, arrays of any kind.

All leave here in one form, ``(height, width)`` or ``(height, width, 3)`` in float32
from 0 (black) to 1 (white), upright, without transparency and no larger than needed.
"""

from __future__ import annotations

import os
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ._pixels import as_image, pixel_scale

Picture = NDArray[np.float32]

# Pillow's modes of more than a byte a pixel, which it would clip to a byte.
_WIDE_MODES = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")

# What Pillow's decoders raise on broken files.
_UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
)


def read_picture(source: Any, longest_side: int) -> Picture:
    """Read a picture and shrink it to what is needed.

    Parameters
    ----------
    source : str, path-like, PIL.Image.Image or array-like
        The name of an image file, an image, or an array of shape (height, width),
        (height, width, 1, 3 or 4) or, flat, (side * side,).
    longest_side : int
        A larger picture is shrunk, smoothly, until its longer side has this many
        pixels.

    Returns
    -------
    picture : ndarray of shape (height, width) or (height, width, 3), float32
        0 is black, 1 is white.

    Raises
    ------
    OSError
        If a file is missing, or is no image that Pillow can read.
    ValueError
        If an array has another shape, or holds what no picture can.
    """
    if isinstance(source, str | os.PathLike):
        return _from_file(source, longest_side)
    if isinstance(source, Image.Image):
        return _from_image(source, longest_side)
    return _from_array(source, longest_side)


def _from_file(path: str | os.PathLike[str], longest_side: int) -> Picture:
    try:
        with Image.open(path) as image:
            if image.format == "JPEG":
                # A camera's picture is decoded at a fraction of its size.
                image.draft(None, (longest_side, longest_side))
            return _from_image(image, longest_side)
    except _UNREADABLE as error:
        if isinstance(error, OSError) and error.filename is not None:
            raise  # the file is missing, a folder, or not ours to read
        raise OSError(f"cannot read {os.fspath(path)!r} as an image: {error}") from (
            error
        )


def _from_image(image: Image.Image, longest_side: int) -> Picture:
    if image.mode in _WIDE_MODES:
        return _from_array(np.asarray(ImageOps.exif_transpose(image)), longest_side)
    if image.has_transparency_data:
        mode = "RGBA"
    else:
        mode = "L" if image.mode in ("1", "L") else "RGB"
    upright = ImageOps.exif_transpose(image.convert(mode))
    upright.thumbnail((longest_side, longest_side), Image.Resampling.BOX)
    return _opaque(np.asarray(upright, np.float32) / np.float32(255))


def _from_array(source: Any, longest_side: int) -> Picture:
    pixels = np.asarray(source)
    _check_pixels(pixels)
    pixels = as_image(pixels)
    if pixels.dtype == np.uint8 and max(pixels.shape[:2]) > longest_side:
        return _from_image(Image.fromarray(pixels), longest_side)
    picture = pixels.astype(np.float32) / np.float32(pixel_scale(pixels))
    return _shrunk(_opaque(picture), longest_side)


def _check_pixels(pixels: NDArray[Any]) -> None:
    if pixels.dtype.kind not in "buif":
        raise ValueError(
            "expected a file name, a Pillow image or an array of numbers. Got "
            f"{pixels.dtype} values instead."
        )
    if not pixels.size:
        raise ValueError(f"there are no pixels in an array of shape {pixels.shape}.")
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        raise ValueError("pixels contain NaN or infinity. Replace them first.")
    if pixels.dtype.kind in "if" and (lowest := pixels.min()) < 0:
        raise ValueError(
            f"pixels must be 0 or more. Got {lowest} instead: undo whatever made them "
            "negative, such as a StandardScaler."
        )


def _opaque(picture: Picture) -> Picture:
    """Lay what is transparent on a ground from which the visible stands out."""
    if picture.ndim == 2 or picture.shape[2] == 3:
        return picture
    colours, opacity = picture[..., :3], picture[..., 3:]
    visible = opacity[..., 0] > 0.5
    if not visible.any():
        return np.zeros(picture.shape[:2], np.float32)
    colour = np.median(colours[visible], axis=0)
    if visible.mean() > 0.5:  # a picture with a see-through margin, not bare strokes
        ground = colour
    else:
        ground = np.full(3, colour.mean() < 0.5, np.float32)
    return np.asarray(ground + opacity * (colours - ground), np.float32)


def _shrunk(picture: Picture, longest_side: int) -> Picture:
    height, width = picture.shape[:2]
    factor = longest_side / max(height, width)
    if factor >= 1:
        return picture
    size = max(1, round(width * factor)), max(1, round(height * factor))
    if picture.ndim == 2:
        resized = Image.fromarray(picture).resize(size, Image.Resampling.BOX)
        return np.asarray(resized)
    planes = [_shrunk(plane, longest_side) for plane in picture.transpose(2, 0, 1)]
    return np.stack(planes, axis=-1)
