"""The steps of a deformation, computed with NumPy."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.ndimage import gaussian_filter, map_coordinates, maximum_filter

from sk_mnist import ElasticDeformation
from sk_mnist import _deformation as steps
from sk_mnist._augmentation import make_deformation
from sk_mnist._deformation import NUMPY

SHAPE = (12, 17)


@pytest.fixture
def images():
    return np.random.default_rng(0).random((20, 12 * 17), np.float32)


@pytest.mark.parametrize("sigma", [0.7, 2, 5, 8])
def test_elastic_field_is_smoothed_uniform_noise(sigma):
    """The patterns give the variances and correlations of the literal recipe."""
    size, border = 28, 40
    basis = steps.elastic_basis((size, size), sigma).reshape(-1, size, size)
    rng = np.random.default_rng(0)
    noise = rng.uniform(-1, 1, (400, size + 2 * border, size + 2 * border))
    inside = slice(border, border + size)
    smoothed = gaussian_filter(noise, sigma, axes=(1, 2))[:, inside, inside]
    distance = round(sigma) + 1
    expected_variance = np.mean(smoothed**2)
    expected_covariance = np.mean(
        smoothed[:, :, distance:] * smoothed[:, :, :-distance]
    )
    variance = np.sum(basis**2, axis=0)
    covariance = np.sum(basis[:, :, distance:] * basis[:, :, :-distance], axis=0)
    assert_allclose(variance, expected_variance, rtol=0.05)
    assert_allclose(covariance, expected_covariance, rtol=0.1)


def test_alpha_and_sigma_set_how_far_pixels_move():
    deformation = replace(
        make_deformation(ElasticDeformation(alpha=37, sigma=5), (28, 28)),
        **{"rotation": 0, "scale": 0, "shift": 0},
    )
    n_patterns = len(deformation.elastic_basis)
    weights = np.random.default_rng(0).standard_normal((2000, 2, n_patterns))
    places = steps.source_coordinates(NUMPY, np.zeros((2000, 5)), weights, deformation)
    moves = np.stack(places, axis=1) - np.indices((28, 28)).reshape(2, -1)
    assert_allclose(moves.std(), 37 / (6.14 * 5), rtol=0.05)
    assert_allclose(moves.mean(axis=0), 0, atol=0.15)


def test_without_alpha_there_are_no_patterns_to_sum():
    deformation = make_deformation(ElasticDeformation(alpha=0), SHAPE)
    assert deformation.elastic_basis.shape == (0, 12 * 17)


def test_resampling_is_bilinear_and_zero_outside(images):
    rows, columns = np.random.default_rng(1).uniform(-3, 20, (2, *images.shape))
    expected = [
        map_coordinates(image.reshape(SHAPE), places, order=1, mode="grid-constant")
        for image, *places in zip(images, rows, columns, strict=True)
    ]
    resampled = steps.resample(NUMPY, images, rows, columns, SHAPE)
    assert_allclose(resampled, expected, atol=1e-5)


def grown(images, pixels):
    """Images with strokes thicker by so many pixels on each side."""
    deformation = make_deformation(ElasticDeformation(thickness=1), SHAPE)
    numbers = steps.sample_numbers(np.random.default_rng(0), 20, deformation)
    numbers = numbers._replace(thickness=np.full(20, pixels, np.float32))
    return steps.change_thickness(NUMPY, images, numbers, deformation)


def test_a_whole_pixel_of_growth_is_a_dilation_by_a_cross(images):
    cross = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])[np.newaxis]
    expected = maximum_filter(images.reshape(-1, *SHAPE), footprint=cross)
    assert_allclose(grown(images, 1).reshape(expected.shape), expected, atol=1e-6)


def test_no_growth_changes_nothing(images):
    assert_array_equal(grown(images, 0), images)
