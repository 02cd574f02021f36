"""The deformations of ``_augmentation.py``, as operations that XLA compiles.

Training redraws the deformations for every batch; inside the compiled epoch that costs
a fraction of the network's own arithmetic. Shapes are static and seeds are passed in,
so that the same seed gives the same images. The steps and their names are those of
``_augmentation.py``; a test holds the two together.
"""

from functools import reduce
from math import pi
from typing import Any

import numpy as np

from .._augmentation import (
    N_AFFINE_DRAWS,
    NO_INK,
    SPREAD_FACTORS,
    THINNING,
    USUAL_SPREAD,
    elastic_basis,
)
from ._backend import tf

Tensor = Any  # TensorFlow ships no types


def draw(
    seed: Tensor, random_algorithm: str, n_images: int, n_components: int
) -> tuple[Tensor, Tensor]:
    """Draw ``(n_images, 5)`` uniform and ``(n_images, 2, n_components)`` normal."""
    affine_seed, elastic_seed = tf.unstack(tf.random.split(seed, 2))
    affine_shape = n_images, N_AFFINE_DRAWS
    elastic_shape = n_images, 2, n_components
    return (
        tf.random.stateless_uniform(
            affine_shape, affine_seed, -1, 1, alg=random_algorithm
        ),
        tf.random.stateless_normal(elastic_shape, elastic_seed, alg=random_algorithm),
    )


def draw_style(
    seed: Tensor, random_algorithm: str, n_images: int
) -> tuple[Tensor, Tensor]:
    """Draw ``(n_images,)`` uniform in [0, 1] and ``(n_images,)`` in [-1, 1]."""
    # Folded in, so that the other draws are the same with and without these.
    style_seed = tf.random.fold_in(seed, 1, alg=random_algorithm)
    draws = tf.random.stateless_uniform(
        (2, n_images), style_seed, -1, 1, alg=random_algorithm
    )
    return (draws[0] + 1) / 2, draws[1]


def slant_and_spread(
    images: Tensor, image_shape: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Measure, each of shape (n_images,), how ink leans and how wide it is."""
    pixels = np.indices(image_shape, np.float32).reshape(2, -1)
    rows, columns = pixels - pixels.mean(axis=1, keepdims=True)
    ink = tf.maximum(images, 0)
    powers = [rows, columns, rows**2, rows * columns, columns**2]
    sums = ink @ tf.constant(np.stack(powers, axis=1))
    sums /= tf.maximum(tf.reduce_sum(ink, axis=1, keepdims=True), NO_INK)
    row, column, squared_row, product, squared_column = tf.unstack(sums, axis=1)
    variances = tf.maximum(squared_row - row**2, NO_INK)
    slants = (product - row * column) / variances
    upright = squared_column - column**2 - slants**2 * variances
    return slants, tf.sqrt(tf.maximum(upright, NO_INK))


def normalized_columns(
    rows: Tensor,
    columns: Tensor,
    images: Tensor,
    normalization_draws: Tensor,
    *,
    normalization: float,
    image_shape: tuple[int, int],
) -> Tensor:
    """Give the columns, of shape (n_images, height * width); the rows stay."""
    height, width = image_shape
    slants, spreads = slant_and_spread(images, image_shape)
    part = normalization * normalization_draws
    stretches = (
        tf.clip_by_value(USUAL_SPREAD * width / spreads, *SPREAD_FACTORS) ** part
    )
    across = (columns - (width - 1) / 2) / stretches[:, tf.newaxis]
    across += (part * slants)[:, tf.newaxis] * (rows - (height - 1) / 2)
    return across + (width - 1) / 2


def change_strokes(
    images: Tensor,
    thickness_draws: Tensor,
    *,
    thickness: float,
    image_shape: tuple[int, int],
) -> Tensor:
    """Thicken or thin the strokes of images of shape (n_images, height * width)."""
    pixels = tf.reshape(images, (-1, *image_shape))
    framed = tf.pad(pixels, ((0, 0), (1, 1), (1, 1)))
    sides = [
        framed[:, :-2, 1:-1],
        framed[:, 2:, 1:-1],
        framed[:, 1:-1, :-2],
        framed[:, 1:-1, 2:],
    ]
    thicker, thinner = (
        reduce(tf.maximum, sides, pixels),
        reduce(tf.minimum, sides, pixels),
    )
    growth = (thickness * thickness_draws)[:, tf.newaxis, tf.newaxis]
    changed = pixels + tf.maximum(growth, 0) * (thicker - pixels)
    changed += THINNING * tf.maximum(-growth, 0) * (thinner - pixels)
    return tf.reshape(changed, (-1, images.shape[1]))


def source_coordinates(
    affine_draws: Tensor,
    elastic_draws: Tensor,
    *,
    rotation: float,
    scale: float,
    shift: float,
    alpha: float,
    sigma: float,
    image_shape: tuple[int, int],
) -> tuple[Tensor, Tensor]:
    """Give the rows and the columns, each of shape (n_images, height * width)."""
    height, width = image_shape
    middle_row, middle_column = (height - 1) / 2, (width - 1) / 2
    pixel_rows, pixel_columns = np.indices(image_shape, np.float32).reshape(2, -1)
    draws = affine_draws[:, :, tf.newaxis]
    angles = rotation * pi / 180 * draws[:, 0]
    cosines, sines = tf.cos(angles), tf.sin(angles)
    down = pixel_rows - middle_row - shift * draws[:, 3]
    across = pixel_columns - middle_column - shift * draws[:, 4]
    basis = tf.constant(elastic_basis(image_shape, sigma), tf.float32)
    n_components = basis.shape[0]
    # One product of two matrices is faster than a batch of products.
    field = alpha * tf.reshape(elastic_draws, (-1, n_components)) @ basis
    field = tf.reshape(field, (-1, 2, height * width))
    rows = (cosines * down + sines * across) / (1 + scale * draws[:, 1])
    columns = (cosines * across - sines * down) / (1 + scale * draws[:, 2])
    return rows + middle_row + field[:, 0], columns + middle_column + field[:, 1]


def resample(
    images: Tensor, rows: Tensor, columns: Tensor, image_shape: tuple[int, int]
) -> Tensor:
    """Read images bilinearly, all of shape (n_images, height * width)."""
    height, width = image_shape
    n_images = images.shape[0]
    framed = tf.reshape(images, (n_images, height, width))
    framed = tf.pad(framed, ((0, 0), (1, 1), (1, 1)))
    framed_width, framed_size = width + 2, (height + 2) * (width + 2)
    values = tf.reshape(framed, (-1,))
    top, down = _split(rows, height)
    left, across = _split(columns, width)
    image_starts = framed_size * tf.range(n_images)[:, tf.newaxis]
    corners = image_starts + framed_width * top + left

    def read_across(corners: Tensor) -> Tensor:
        left_values = tf.gather(values, corners)
        return left_values + across * (tf.gather(values, corners + 1) - left_values)

    upper = read_across(corners)
    return upper + down * (read_across(corners + framed_width) - upper)


def _split(coordinates: Tensor, length: int) -> tuple[Tensor, Tensor]:
    """Split into the whole pixel in the image framed by zeros, and the rest."""
    framed = tf.clip_by_value(coordinates + 1, 0, length + 1)
    whole = tf.minimum(tf.floor(framed), length)
    return tf.cast(whole, tf.int32), framed - whole


def deform_batch(
    images: Tensor,
    seed: Tensor,
    random_algorithm: str,
    *,
    rotation: float,
    scale: float,
    shift: float,
    alpha: float,
    sigma: float,
    normalization: float,
    thickness: float,
    image_shape: tuple[int, int],
) -> Tensor:
    """Deform each image of a batch at random.

    Parameters
    ----------
    images : tensor of shape (batch_size, height * width), float32
        The batch size is static.
    seed : tensor of shape (2,), int32
        The same seed gives the same deformations.
    random_algorithm : str
        One that TensorFlow draws random numbers by.
    rotation, scale, shift, alpha, sigma, normalization, thickness : float
        As in :class:`~sk_mnist.ElasticDeformation`.
    image_shape : tuple of (int, int)
        Height and width, in pixels.

    Returns
    -------
    deformed : tensor of shape (batch_size, height * width), float32
    """
    n_components = len(elastic_basis(image_shape, sigma))
    rows, columns = source_coordinates(
        *draw(seed, random_algorithm, images.shape[0], n_components),
        rotation=rotation,
        scale=scale,
        shift=shift,
        alpha=alpha,
        sigma=sigma,
        image_shape=image_shape,
    )
    normalization_draws, thickness_draws = draw_style(
        seed, random_algorithm, images.shape[0]
    )
    if normalization:
        columns = normalized_columns(
            rows,
            columns,
            images,
            normalization_draws,
            normalization=normalization,
            image_shape=image_shape,
        )
    deformed = resample(images, rows, columns, image_shape)
    if not thickness:
        return deformed
    return change_strokes(
        deformed, thickness_draws, thickness=thickness, image_shape=image_shape
    )
