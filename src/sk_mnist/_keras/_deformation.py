"""Random deformations of a batch, as operations that XLA compiles.

New deformations for every batch cost, inside the compiled epoch, a fraction of the
network's own arithmetic.
"""

from typing import Any

from .._deformation import (
    N_AFFINE_NUMBERS,
    Deformation,
    RandomNumbers,
    change_thickness,
    move_pixels,
)
from ._backend import tf

Tensor = Any  # TensorFlow ships no types


def sample_numbers(
    seed: Tensor, random_algorithm: str, n_images: int, n_patterns: int
) -> RandomNumbers:
    """Sample the random numbers of a batch from a seed."""
    affine_seed, elastic_seed = tf.unstack(tf.random.split(seed, 2))
    # Folded in, so that the others are the same with and without deskew and thickness.
    style_seed = tf.random.fold_in(seed, 1, alg=random_algorithm)

    def uniform(shape: tuple[int, ...], seed: Tensor) -> Tensor:
        return tf.random.stateless_uniform(shape, seed, -1, 1, alg=random_algorithm)

    style = uniform((2, n_images), style_seed)
    return RandomNumbers(
        affine=uniform((n_images, N_AFFINE_NUMBERS), affine_seed),
        elastic=tf.random.stateless_normal(
            (n_images, 2, n_patterns), elastic_seed, alg=random_algorithm
        ),
        deskew=(style[0] + 1) / 2,
        thickness=style[1],
    )


def deform_batch(
    images: Tensor, seed: Tensor, random_algorithm: str, deformation: Deformation
) -> Tensor:
    """Deform each image of a batch at random.

    Parameters
    ----------
    images : tensor of shape (batch_size, height * width), float32
        The batch size is static.
    seed : tensor of shape (2,), int32
        The same seed gives the same deformations.
    random_algorithm : str
        One that TensorFlow samples random numbers by.
    deformation : Deformation

    Returns
    -------
    deformed : tensor of shape (batch_size, height * width), float32
    """
    n_patterns = len(deformation.elastic_basis)
    numbers = sample_numbers(seed, random_algorithm, images.shape[0], n_patterns)
    return deform(images, numbers, deformation)


def deform(images: Tensor, numbers: RandomNumbers, deformation: Deformation) -> Tensor:
    """Deform each image as its random numbers say."""
    moved = move_pixels(tf, images, numbers, deformation)
    if not deformation.thickness:
        return moved
    return change_thickness(tf, _computed_once(moved), numbers, deformation)


def _computed_once(images: Tensor) -> Tensor:
    """Keep XLA from computing the images anew wherever they are used.

    XLA would join the resampling with the dilation, and resample each pixel once for
    each of its neighbors. It joins nothing across a scatter.
    """
    n_images = images.shape[0]
    nothing = tf.zeros((n_images, images.shape[1]))
    return tf.tensor_scatter_nd_update(nothing, tf.range(n_images)[:, None], images)
