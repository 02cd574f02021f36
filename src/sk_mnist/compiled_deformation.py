"""The deformations of ``augmentation.py``, as operations that XLA compiles.

Training redraws the deformations for every batch; inside the compiled epoch that costs
a fraction of the network's own arithmetic. Shapes are static and seeds are passed in,
so that the same seed gives the same images. The steps and their names are those of
``augmentation.py``; a test holds the two together.
"""

from math import pi
from typing import Any

import numpy as np

from .augmentation import N_AFFINE_DRAWS, elastic_basis
from .backend import tf

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
    rotation, scale, shift, alpha, sigma : float
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
    return resample(images, rows, columns, image_shape)
