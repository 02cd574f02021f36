"""Deform images: the steps, written once for NumPy and for TensorFlow.

Every step takes as `xp` the functions that it computes with: TensorFlow itself, inside
the compiled training epoch, or `NUMPY`, which has NumPy's functions under TensorFlow's
names. Images, rows and columns are arrays of shape (n_images, height * width).
"""

from dataclasses import dataclass
from functools import lru_cache, reduce
from math import ceil, pi
from types import SimpleNamespace
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float32]
Array: TypeAlias = Any  # of NumPy or TensorFlow, which ships no types

NUMPY = SimpleNamespace(
    cast=np.asarray,
    cos=np.cos,
    floor=np.floor,
    gather=np.take,
    maximum=np.maximum,
    minimum=np.minimum,
    pad=np.pad,
    reduce_sum=np.sum,
    reshape=np.reshape,
    sin=np.sin,
    sqrt=np.sqrt,
)

N_AFFINE_NUMBERS = 5

# Standard deviation of the columns of an upright digit's foreground, as a fraction of
# the image's width, when the digit is five eighths as wide as high. NIST's software
# gave digits these proportions.
USUAL_SPREAD = 0.11

# Minimum and maximum of the factor that changes a digit's width to the usual one.
STRETCH_LIMITS = (0.6, 1.5)

# Strokes become thinner by at most this fraction of `thickness`: those of MNIST are
# hardly wider than two pixels.
THINNING = 0.5

# Lower bound that avoids division by zero on blank images.
MINIMUM_SUM = 1e-3

# The other patterns together move a pixel by about a hundredth of its width.
_VARIANCE_KEPT = 0.9999


@dataclass(frozen=True)
class Deformation:
    """The settings of an ElasticDeformation, and the shape of the images it deforms."""

    image_shape: tuple[int, int]
    rotation: float
    scale: float
    shift: float
    alpha: float
    sigma: float
    deskew: float
    thickness: float

    @property
    def elastic_basis(self) -> FloatArray:
        """Patterns of which the elastic field is a random sum; none without one."""
        if not self.alpha:
            height, width = self.image_shape
            return np.empty((0, height * width), np.float32)
        return elastic_basis(self.image_shape, self.sigma)


class RandomNumbers(NamedTuple):
    """The random numbers that make each image's deformation different.

    affine : array of shape (n_images, 5)
        Uniform in [-1, 1]: angle, vertical and horizontal scale, vertical and
        horizontal shift.
    elastic : array of shape (n_images, 2, n_patterns)
        Standard normal: weights of the patterns that move pixels vertically and
        horizontally.
    deskew : array of shape (n_images,)
        Uniform in [0, 1]: how much slant and width are normalized.
    thickness : array of shape (n_images,)
        Uniform in [-1, 1]: how much strokes become thicker or, below 0, thinner.
    """

    affine: Array
    elastic: Array
    deskew: Array
    thickness: Array


def sample_numbers(
    generator: np.random.Generator, n_images: int, deformation: Deformation
) -> RandomNumbers:
    """Sample with NumPy; ``_keras/_deformation.py`` samples with TensorFlow."""
    n_patterns = len(deformation.elastic_basis)

    def uniform(*shape: int) -> FloatArray:
        return 2 * generator.random(shape, np.float32) - 1

    return RandomNumbers(
        affine=uniform(n_images, N_AFFINE_NUMBERS),
        elastic=generator.standard_normal((n_images, 2, n_patterns), np.float32),
        deskew=generator.random(n_images, np.float32),
        thickness=uniform(n_images),
    )


# Numbers in the patterns of an elastic field.
_LARGEST_BASIS = 2**28


@lru_cache(maxsize=8)
def elastic_basis(image_shape: tuple[int, int], sigma: float) -> FloatArray:
    """Find the few patterns that smoothed noise is made of.

    Uniform noise in [-1, 1], smoothed by a Gaussian much wider than a pixel, is a sum
    of so many terms that it is normally distributed, and so smooth that few patterns
    describe it. Standard normal weights of these patterns give the same fields as
    noise sampled and smoothed for every pixel (within 0.01 % of the variance for each
    axis), from 49 numbers instead of 784 for 28 x 28 pixels and a `sigma` of 5. The
    noise reaches beyond the image's border, so that the border moves as much as the
    middle.

    Parameters
    ----------
    image_shape : tuple of (int, int)
        Height and width of the images, in pixels.
    sigma : float
        Standard deviation of the Gaussian, in pixels.

    Returns
    -------
    basis : ndarray of shape (n_patterns, height * width), float32, read-only
        ``weights @ basis`` is a random field, for standard normal `weights`.

    Raises
    ------
    ValueError
        If the patterns would take more than about a gigabyte.
    """
    height, width = image_shape
    n_pixels = height * width
    if n_pixels * min(n_pixels, n_pixels / sigma**2) > _LARGEST_BASIS:
        raise ValueError(
            f"Images of {height} x {width} pixels are too large for an elastic field "
            f"of sigma={sigma:g}. Increase sigma with the side of the images "
            "(and alpha with its square), set alpha=0, or make the images smaller."
        )
    vertical, horizontal = (_axis_basis(length, sigma) for length in image_shape)
    # 3: uniform numbers in [-1, 1] have a variance of 1/3.
    basis = (np.kron(vertical, horizontal) / np.sqrt(3.0)).astype(np.float32)
    basis.flags.writeable = False
    return basis


def _axis_basis(length: int, sigma: float) -> NDArray[np.float64]:
    reach = ceil(4 * sigma)
    noise_positions = np.arange(-reach, length + reach)
    offsets = np.arange(length)[:, np.newaxis] - noise_positions
    smoothing = np.exp(-0.5 * (offsets / sigma) ** 2)
    smoothing /= smoothing.sum(axis=1, keepdims=True)
    patterns, strengths, _ = np.linalg.svd(smoothing, full_matrices=False)
    variance = np.cumsum(strengths**2)
    n_kept = int(np.searchsorted(variance, _VARIANCE_KEPT * variance[-1])) + 1
    return np.asarray((patterns * strengths)[:, :n_kept].T)


@lru_cache(maxsize=8)
def _pixel_positions(image_shape: tuple[int, int]) -> FloatArray:
    """Rows and columns of all pixels, from the middle of the image."""
    pixels = np.indices(image_shape, np.float32).reshape(2, -1)
    return pixels - pixels.mean(axis=1, keepdims=True)


def source_coordinates(
    xp: Any, affine: Array, elastic: Array, deformation: Deformation
) -> tuple[Array, Array]:
    """Find the place in the original from which each deformed pixel takes its value.

    The image is stretched, turned about its middle and shifted; going back from a
    pixel of the result undoes these in reverse. The elastic field is added last.

    Returns
    -------
    rows, columns : array of shape (n_images, height * width)
        In pixels.
    """
    middle_row, middle_column = ((length - 1) / 2 for length in deformation.image_shape)
    pixel_rows, pixel_columns = _pixel_positions(deformation.image_shape)
    numbers = affine[:, :, None]
    angles = deformation.rotation * pi / 180 * numbers[:, 0]
    cosines, sines = xp.cos(angles), xp.sin(angles)
    down = pixel_rows - deformation.shift * numbers[:, 3]
    across = pixel_columns - deformation.shift * numbers[:, 4]
    rows = (cosines * down + sines * across) / (1 + deformation.scale * numbers[:, 1])
    columns = (cosines * across - sines * down) / (
        1 + deformation.scale * numbers[:, 2]
    )
    rows, columns = rows + middle_row, columns + middle_column
    if not deformation.alpha:
        return rows, columns
    basis = deformation.elastic_basis
    n_patterns, n_pixels = basis.shape
    # One product of two matrices is faster than a batch of products.
    field = deformation.alpha * xp.reshape(elastic, (-1, n_patterns)) @ basis
    field = xp.reshape(field, (-1, 2, n_pixels))
    return rows + field[:, 0], columns + field[:, 1]


def slant_and_spread(
    xp: Any, images: Array, image_shape: tuple[int, int]
) -> tuple[Array, Array]:
    """Measure the slant and the width of each digit.

    Returns
    -------
    slants : array of shape (n_images,)
        Pixels by which the foreground moves to the right for each pixel down.
    spreads : array of shape (n_images,)
        Standard deviation of the foreground's columns without the slant, in pixels.
    """
    rows, columns = _pixel_positions(image_shape)
    powers = [rows, columns, rows**2, rows * columns, columns**2]
    foreground = xp.maximum(images, 0)
    total = xp.reduce_sum(foreground, axis=1, keepdims=True)
    moments = foreground @ np.stack(powers, axis=1)
    moments = moments / xp.maximum(total, MINIMUM_SUM)
    row, column = moments[:, 0], moments[:, 1]
    variances = xp.maximum(moments[:, 2] - row**2, MINIMUM_SUM)
    slants = (moments[:, 3] - row * column) / variances
    upright = moments[:, 4] - column**2 - slants**2 * variances
    return slants, xp.sqrt(xp.maximum(upright, MINIMUM_SUM))


def deskewed_columns(
    xp: Any,
    images: Array,
    rows: Array,
    columns: Array,
    fractions: Array,
    image_shape: tuple[int, int],
) -> Array:
    """Change the columns so that digits lose a fraction of slant and unusual width."""
    height, width = image_shape
    slants, spreads = slant_and_spread(xp, images, image_shape)
    low, high = STRETCH_LIMITS
    stretches = xp.maximum(xp.minimum(USUAL_SPREAD * width / spreads, high), low)
    across = (columns - (width - 1) / 2) / (stretches**fractions)[:, None]
    across = across + (fractions * slants)[:, None] * (rows - (height - 1) / 2)
    return across + (width - 1) / 2


def resample(
    xp: Any, images: Array, rows: Array, columns: Array, image_shape: tuple[int, int]
) -> Array:
    """Read images at these places, bilinearly; outside of the image all is 0.

    A single image is read at the places of all rows.
    """
    height, width = image_shape
    framed_width, framed_size = width + 2, (height + 2) * (width + 2)
    framed = xp.pad(xp.reshape(images, (-1, height, width)), ((0, 0), (1, 1), (1, 1)))
    values = xp.reshape(framed, (-1,))
    top, down = _whole_and_rest(xp, rows, height)
    left, across = _whole_and_rest(xp, columns, width)
    image_starts = framed_size * np.arange(images.shape[0], dtype=np.int32)
    corners = image_starts[:, None] + framed_width * top + left

    def read_across(corners: Array) -> Array:
        left_values = xp.gather(values, corners)
        return left_values + across * (xp.gather(values, corners + 1) - left_values)

    upper = read_across(corners)
    return upper + down * (read_across(corners + framed_width) - upper)


def _whole_and_rest(xp: Any, coordinates: Array, length: int) -> tuple[Array, Array]:
    """Split into the whole pixel of the image framed by zeros, and the rest."""
    framed = xp.maximum(xp.minimum(coordinates + 1, length + 1), 0)
    whole = xp.minimum(xp.floor(framed), length)
    return xp.cast(whole, np.int32), framed - whole


def move_pixels(
    xp: Any, images: Array, numbers: RandomNumbers, deformation: Deformation
) -> Array:
    """Deform each image, all but the thickness of its strokes."""
    shape = deformation.image_shape
    rows, columns = source_coordinates(xp, numbers.affine, numbers.elastic, deformation)
    if deformation.deskew:
        fractions = deformation.deskew * numbers.deskew
        columns = deskewed_columns(xp, images, rows, columns, fractions, shape)
    return resample(xp, images, rows, columns, shape)


def change_thickness(
    xp: Any, images: Array, numbers: RandomNumbers, deformation: Deformation
) -> Array:
    """Mix each image with its dilation or its erosion."""
    pixels = xp.reshape(images, (-1, *deformation.image_shape))
    framed = xp.pad(pixels, ((0, 0), (1, 1), (1, 1)))
    neighbors = [
        framed[:, :-2, 1:-1],
        framed[:, 2:, 1:-1],
        framed[:, 1:-1, :-2],
        framed[:, 1:-1, 2:],
    ]
    dilated = reduce(xp.maximum, neighbors, pixels)
    eroded = reduce(xp.minimum, neighbors, pixels)
    growth = (deformation.thickness * numbers.thickness)[:, None, None]
    changed = pixels + xp.maximum(growth, 0) * (dilated - pixels)
    changed = changed + THINNING * xp.maximum(-growth, 0) * (eroded - pixels)
    return xp.reshape(changed, (-1, images.shape[1]))
