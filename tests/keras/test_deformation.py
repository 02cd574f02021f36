"""The deformation that XLA compiles into training."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sk_mnist import ElasticDeformation
from sk_mnist._augmentation import make_deformation
from sk_mnist._deformation import (
    NUMPY,
    RandomNumbers,
    change_thickness,
    move_pixels,
    sample_numbers,
)
from sk_mnist._keras import _deformation as keras_deformation
from sk_mnist._keras._backend import tf
from sk_mnist._keras._deformation import deform_batch

SETTINGS = {
    "defaults": {},
    "strong": {"rotation": 40, "scale": 0.4, "shift": 6, "alpha": 60, "sigma": 4},
    "no elastic part": {"alpha": 0},
    "deskew and thickness": {"deskew": 0.8, "thickness": 0.9},
}


def random_images(n_images, image_shape):
    images = np.random.default_rng(0).random((n_images, *image_shape), np.float32)
    images[:, :, :5] = 0
    images[0] = 0
    return images.reshape(n_images, -1)


@pytest.mark.parametrize("image_shape", [(28, 28), (12, 17)])
@pytest.mark.parametrize("name", SETTINGS)
def test_tensorflow_and_numpy_take_the_same_steps(image_shape, name):
    deformation = make_deformation(ElasticDeformation(**SETTINGS[name]), image_shape)
    images = random_images(20, image_shape)
    numbers = sample_numbers(np.random.default_rng(0), 20, deformation)

    @tf.function(jit_compile=True)
    def compiled(images, numbers):
        numbers = RandomNumbers(*numbers)
        return keras_deformation.deform(images, numbers, deformation)

    expected = move_pixels(NUMPY, images, numbers, deformation)
    if deformation.thickness:
        expected = change_thickness(NUMPY, expected, numbers, deformation)
    assert_allclose(compiled(images, tuple(numbers)), expected, atol=1e-4)


def test_random_numbers_are_distributed_alike():
    deformation = make_deformation(ElasticDeformation(sigma=30), (28, 28))
    n_patterns = len(deformation.elastic_basis)
    expected = sample_numbers(np.random.default_rng(0), 2000, deformation)
    seed = np.array([3, 7], np.int32)
    actual = keras_deformation.sample_numbers(seed, "philox", 2000, n_patterns)
    for ours, theirs in zip(actual, expected, strict=True):
        ours = np.asarray(ours)
        assert ours.shape == theirs.shape
        assert_allclose(ours.mean(axis=0), theirs.mean(axis=0), atol=0.1)
        assert_allclose(ours.std(axis=0), theirs.std(axis=0), atol=0.1)
        correlations = np.atleast_2d(np.corrcoef(ours.reshape(2000, -1).T))
        assert np.abs(correlations - np.eye(len(correlations))).max() < 0.1


def test_seed_decides_the_deformation():
    settings = ElasticDeformation(**SETTINGS["deskew and thickness"])
    deformation = make_deformation(settings, (28, 28))
    images = tf.constant(random_images(8, (28, 28)))

    @tf.function(jit_compile=True)
    def compiled(seed):
        return deform_batch(images, seed, "threefry", deformation)

    first = compiled(tf.constant([0, 1])).numpy()
    assert_array_equal(compiled(tf.constant([0, 1])), first)
    assert not np.allclose(compiled(tf.constant([0, 2])), first)
    assert not np.allclose(compiled(tf.constant([1, 1])), first)


def test_settings_may_be_numbers_of_numpy():
    """Samplers of scipy.stats give them to a search."""
    settings = ElasticDeformation(deskew=0.8, thickness=0.9).get_params()
    sampled = {name: np.float64(value) for name, value in settings.items()}
    assert make_deformation(
        ElasticDeformation(**sampled), (28, 28)
    ) == make_deformation(ElasticDeformation(**settings), (28, 28))
    images = random_images(2, (28, 28))
    assert ElasticDeformation(**sampled).deform(images).dtype == np.float32
