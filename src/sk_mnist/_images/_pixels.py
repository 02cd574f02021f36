"""Shape, range and names of the pixels of images."""

from __future__ import annotations

from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray


def pixel_names(n_pixels: int) -> NDArray[np.object_]:
    """Name pixels as OpenML's ``mnist_784`` does: ``pixel1``, ``pixel2`` and so on."""
    return np.array([f"pixel{i}" for i in range(1, n_pixels + 1)], dtype=object)


def pixel_scale(pixels: NDArray[Any]) -> float:
    """Find what the brightest possible pixel is, from the pixels that there are."""
    brightest = float(pixels.max())
    if pixels.dtype == np.uint8 or 16 < brightest <= 255:
        return 255.0
    return brightest or 1.0


def image_shape(images: NDArray[Any]) -> tuple[int, int] | None:
    """Find height and width: those of images, or of rows that make a square."""
    if images.ndim > 2:
        return images.shape[1], images.shape[2]
    side = isqrt(images.shape[1])
    return (side, side) if side**2 == images.shape[1] else None
