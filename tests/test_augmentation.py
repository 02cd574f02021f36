"""Deformations: what they change, what they leave, and that both forms agree."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.ndimage import gaussian_filter
from sklearn.base import clone

from sk_mnist import ElasticDeformation
from sk_mnist._augmentation import (
    change_strokes,
    draw,
    draw_style,
    elastic_basis,
    normalized_coordinates,
    resample,
    source_coordinates,
)

AT_REST = {"rotation": 0, "scale": 0, "shift": 0, "alpha": 0, "sigma": 5}
STRONG = {"rotation": 40, "scale": 0.4, "shift": 6, "alpha": 60, "sigma": 4}
STYLE = {"normalization": 0.8, "thickness": 0.9}


@pytest.fixture(scope="module")
def bars():
    """300 images of 29 x 29 with an upright bar around the middle pixel."""
    images = np.zeros((300, 29, 29))
    images[:, 5:24, 12:17] = 1.0
    return images


def noise_images(*shape, dtype=np.float32):
    return (np.random.RandomState(0).uniform(0, 255, shape)).astype(dtype)


def moments(images):
    """Centre of mass (row, column) and covariance matrix of each image's ink."""
    weights = images.reshape(len(images), -1)
    weights = weights / weights.sum(axis=1, keepdims=True)
    pixels = np.indices(images.shape[1:]).reshape(2, -1).T
    centres = weights @ pixels
    offsets = pixels - centres[:, np.newaxis]
    covariances = np.einsum("np,npi,npj->nij", weights, offsets, offsets)
    return centres, covariances


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float64, bool])
@pytest.mark.parametrize("shape", [(3, 28, 28), (3, 784), (2, 12, 17)])
def test_keeps_shape_and_dtype(shape, dtype):
    deformed = ElasticDeformation().deform(noise_images(*shape, dtype=dtype))
    assert deformed.shape == shape
    assert deformed.dtype == dtype


def test_flat_rows_are_images_row_by_row():
    images = noise_images(4, 20, 20)
    deformation = ElasticDeformation()
    assert_array_equal(
        deformation.deform(images.reshape(4, -1), random_state=0).reshape(4, 20, 20),
        deformation.deform(images, random_state=0),
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_settings_of_zero_change_nothing(dtype):
    images = noise_images(3, 12, 17, dtype=dtype)
    assert_array_equal(ElasticDeformation(**AT_REST).deform(images), images)


def test_does_not_write_into_the_given_images():
    images = noise_images(2, 28, 28)
    before = images.copy()
    ElasticDeformation(**AT_REST).deform(images)[:] = 0
    assert_array_equal(images, before)


def test_random_state_decides_the_deformation():
    images = noise_images(2, 784)
    deformation = ElasticDeformation()
    first = deformation.deform(images, random_state=0)
    assert_array_equal(deformation.deform(images, random_state=0), first)
    assert not np.allclose(deformation.deform(images, random_state=1), first)


def test_every_image_is_deformed_in_its_own_way():
    alike = np.repeat(noise_images(1, 28, 28), 1500, axis=0)
    deformed = ElasticDeformation().deform(alike, random_state=0)
    assert len(np.unique(deformed.reshape(1500, -1), axis=0)) == 1500


def test_rotation_reaches_the_angle_in_both_directions(bars):
    deformation = ElasticDeformation(**{**AT_REST, "rotation": 20})
    _, covariances = moments(deformation.deform(bars, random_state=0))
    angles = 0.5 * np.rad2deg(
        np.arctan2(
            2 * covariances[:, 0, 1], covariances[:, 0, 0] - covariances[:, 1, 1]
        )
    )
    assert_allclose([angles.min(), angles.max()], [-20, 20], atol=1)
    assert abs(angles.mean()) < 2


def test_scale_stretches_each_axis_by_its_own_factor(bars):
    deformation = ElasticDeformation(**{**AT_REST, "scale": 0.2})
    _, covariances = moments(deformation.deform(bars, random_state=0))
    down = np.sqrt(covariances[:, 0, 0] / moments(bars)[1][0, 0, 0])
    across = np.sqrt(covariances[:, 1, 1] / moments(bars)[1][0, 1, 1])
    assert_allclose([down.min(), down.max()], [0.8, 1.2], atol=0.03)
    assert abs(np.corrcoef(down, across)[0, 1]) < 0.2


def test_shift_moves_each_axis_by_so_many_pixels(bars):
    deformation = ElasticDeformation(**{**AT_REST, "shift": 3})
    centres, _ = moments(deformation.deform(bars, random_state=0))
    assert_allclose(centres.min(axis=0) - 14, -3, atol=0.1)
    assert_allclose(centres.max(axis=0) - 14, 3, atol=0.1)
    assert abs(np.corrcoef(centres.T)[0, 1]) < 0.2


@pytest.fixture(scope="module")
def leaning():
    """300 images of 29 x 29 with a bar that moves half a pixel for each pixel down."""
    images = np.zeros((300, 29, 29))
    for row in range(5, 24):
        left = 9 + (row - 14) // 2
        images[:, row, left : left + 11] = 0.5
    return images


def slants(images):
    covariances = moments(images)[1]
    return covariances[:, 0, 1] / covariances[:, 0, 0]


def spreads(images):
    """Standard deviation across, of digits that stand upright."""
    return np.sqrt(moments(images)[1][:, 1, 1])


def test_normalization_sets_digits_upright_in_part(leaning):
    deformation = ElasticDeformation(**AT_REST, normalization=0.8)
    upright = slants(deformation.deform(leaning, random_state=0)) / slants(leaning)
    assert_allclose([upright.min(), upright.max()], [0.2, 1], atol=0.06)


def test_normalization_brings_the_width_to_the_usual_in_part(bars):
    deformation = ElasticDeformation(**AT_REST, normalization=1)
    widths = spreads(deformation.deform(bars, random_state=0)) / spreads(bars)
    assert_allclose([widths.min(), widths.max()], [1, 1.5], atol=0.1)


def test_thickness_widens_strokes_by_pixels_and_thins_them_by_half(bars):
    deformation = ElasticDeformation(**AT_REST, thickness=1)
    widths = deformation.deform(bars, random_state=0)[:, 14].sum(axis=1)
    assert_allclose([widths.min(), widths.max()], [5 - 1, 5 + 2], atol=0.05)


def test_blank_images_stay_blank():
    deformation = ElasticDeformation(**STYLE)
    assert not deformation.deform(np.zeros((3, 28, 28)), random_state=0).any()


def test_beyond_the_border_is_zero():
    deformation = ElasticDeformation(**{**AT_REST, "shift": 4})
    deformed = deformation.deform(np.full((50, 10, 10), 9.0), random_state=0)
    assert_allclose(deformed[:, 5, 5], 9.0)
    assert (deformed.reshape(50, -1).min(axis=1) == 0).any()


@pytest.mark.parametrize("sigma", [0.7, 2, 5, 8])
def test_elastic_field_is_smoothed_uniform_noise(sigma):
    """The patterns give the variances and correlations of the literal recipe."""
    size, border = 28, 40
    basis = elastic_basis((size, size), sigma).reshape(-1, size, size)
    rng = np.random.RandomState(0)
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
    rng = np.random.RandomState(0)
    settings = {**AT_REST, "alpha": 37, "sigma": 5, "image_shape": (28, 28)}
    n_components = len(elastic_basis((28, 28), 5))
    coordinates = source_coordinates(*draw(rng, 2000, n_components), **settings)
    moves = coordinates - np.indices((28, 28))
    assert_allclose(moves.std(), 37 / (6.14 * 5), rtol=0.05)
    assert_allclose(moves.mean(axis=0), 0, atol=0.15)


def test_settings_can_be_searched():
    deformation = clone(ElasticDeformation(alpha=30)).set_params(sigma=4)
    assert deformation.get_params() == {
        "rotation": 15,
        "scale": 0.15,
        "shift": 1,
        "alpha": 30,
        "sigma": 4,
        "normalization": 0,
        "thickness": 0,
    }


def test_is_no_transformer():
    assert not hasattr(ElasticDeformation(), "transform")


@pytest.mark.parametrize(
    "setting",
    [
        {"rotation": -1},
        {"rotation": 181},
        {"scale": 1},
        {"shift": -0.5},
        {"alpha": -1},
        {"sigma": 0},
        {"sigma": "5"},
        {"normalization": 1.1},
        {"thickness": 1.5},
    ],
)
def test_impossible_setting_is_named(setting):
    (name,) = setting
    with pytest.raises(ValueError, match=f"'{name}' parameter of ElasticDeformation"):
        ElasticDeformation(**setting).deform(noise_images(1, 28, 28))


def test_flat_rows_that_are_not_square_are_refused():
    with pytest.raises(ValueError, match=r"side \* side.*\(2, 700\)"):
        ElasticDeformation().deform(noise_images(2, 700))


@pytest.mark.parametrize("shape", [(1, 28, 28, 1), (784,)])
def test_images_of_other_dimensions_are_refused(shape):
    with pytest.raises(ValueError, match=r"Expected 2D array|must have the shape"):
        ElasticDeformation().deform(noise_images(*shape))


def test_missing_values_are_refused():
    images = noise_images(1, 28, 28)
    images[0, 3, 3] = np.nan
    with pytest.raises(ValueError, match="images contains NaN"):
        ElasticDeformation().deform(images)


class TestCompiledForm:
    """The operations that XLA compiles do what the NumPy form does."""

    @pytest.mark.parametrize("image_shape", [(28, 28), (12, 17)])
    @pytest.mark.parametrize(
        "settings",
        [
            AT_REST,
            STRONG,
            {name: ElasticDeformation().get_params()[name] for name in AT_REST},
        ],
    )
    def test_same_draws_give_the_same_images(self, image_shape, settings):
        from sk_mnist import compiled_deformation as compiled
        from sk_mnist._keras._backend import tf

        images = noise_images(20, *image_shape) / np.float32(255)
        n_components = len(elastic_basis(image_shape, settings["sigma"]))
        draws = draw(np.random.RandomState(0), len(images), n_components)
        coordinates = source_coordinates(*draws, **settings, image_shape=image_shape)
        expected = resample(images, coordinates)

        @tf.function(jit_compile=True)
        def deform(images, affine_draws, elastic_draws):
            rows, columns = compiled.source_coordinates(
                affine_draws, elastic_draws, **settings, image_shape=image_shape
            )
            return compiled.resample(images, rows, columns, image_shape)

        actual = deform(
            images.reshape(len(images), -1), *(d.astype(np.float32) for d in draws)
        )
        assert_allclose(np.reshape(actual, expected.shape), expected, atol=1e-4)

    def test_same_draws_give_the_same_style(self):
        from sk_mnist import compiled_deformation as compiled

        shape = (28, 28)
        images = noise_images(20, *shape) / np.float32(255)
        images[:, :, :9] = 0
        images[0] = 0
        places = np.repeat(np.indices(shape, float)[np.newaxis], 20, axis=0)
        parts, pens = draw_style(np.random.RandomState(0), 20)
        moved = normalized_coordinates(places, images, parts, normalization=0.8)
        expected = change_strokes(resample(images, moved), pens, thickness=0.9)
        parts, pens = parts.astype(np.float32), pens.astype(np.float32)
        flat, flat_places = images.reshape(20, -1), places.reshape(20, 2, -1)
        rows, columns = flat_places.transpose(1, 0, 2).astype(np.float32)
        columns = compiled.normalized_columns(
            rows, columns, flat, parts, normalization=0.8, image_shape=shape
        )
        actual = compiled.resample(flat, rows, columns, shape)
        actual = compiled.change_strokes(actual, pens, thickness=0.9, image_shape=shape)
        assert_allclose(np.reshape(actual, expected.shape), expected, atol=1e-4)

    def test_draws_are_distributed_alike(self):
        from sk_mnist import compiled_deformation as compiled

        random_state, seed = np.random.RandomState(0), np.array([3, 7], np.int32)
        drawn = *draw(random_state, 2000, 4), *draw_style(random_state, 2000)
        compiled_drawn = (
            *compiled.draw(seed, "philox", 2000, 4),
            *compiled.draw_style(seed, "philox", 2000),
        )
        for expected, actual in zip(drawn, compiled_drawn, strict=True):
            actual = np.asarray(actual)
            assert actual.shape == expected.shape
            assert_allclose(actual.mean(axis=0), expected.mean(axis=0), atol=0.1)
            assert_allclose(actual.std(axis=0), expected.std(axis=0), atol=0.1)
            correlations = np.atleast_2d(np.corrcoef(actual.reshape(2000, -1).T))
            assert np.abs(correlations - np.eye(len(correlations))).max() < 0.1

    @pytest.mark.parametrize("style", [{}, STYLE], ids=["plain", "style"])
    def test_deformed_images_are_distributed_alike(self, bars, style):
        from sk_mnist._keras._backend import tf
        from sk_mnist._keras._deformation import deform_batch

        deformation = ElasticDeformation(**style)
        flat = tf.constant(bars.reshape(len(bars), -1), tf.float32)
        seed = tf.constant([1, 2])
        settings = deformation.get_params()
        compiled = deform_batch(
            flat, seed, "philox", **settings, image_shape=bars.shape[1:]
        )
        centres, covariances = moments(np.reshape(compiled, bars.shape))
        expected = moments(deformation.deform(bars, random_state=0))
        assert_allclose(centres.mean(axis=0), expected[0].mean(axis=0), atol=0.3)
        assert_allclose(centres.std(axis=0), expected[0].std(axis=0), rtol=0.15)
        spread = covariances.std(axis=0)
        assert_allclose(spread, expected[1].std(axis=0), rtol=0.15)

    def test_seed_decides_the_deformation(self):
        from sk_mnist._keras._backend import tf
        from sk_mnist._keras._deformation import deform_batch

        images = tf.constant(noise_images(8, 784))
        settings = ElasticDeformation(**STYLE).get_params()

        @tf.function(jit_compile=True)
        def deform(seed):
            return deform_batch(
                images, seed, "threefry", **settings, image_shape=(28, 28)
            )

        first = deform(tf.constant([0, 1])).numpy()
        assert_array_equal(deform(tf.constant([0, 1])), first)
        assert not np.allclose(deform(tf.constant([0, 2])), first)
        assert not np.allclose(deform(tf.constant([1, 1])), first)

    def test_takes_settings_as_a_search_draws_them(self):
        """Samplers of scipy.stats give NumPy scalars."""
        from sk_mnist._keras._backend import tf
        from sk_mnist._keras._deformation import deform_batch

        settings = ElasticDeformation(**STYLE).get_params()
        drawn = {name: np.float64(value) for name, value in settings.items()}
        images, seed = tf.constant(noise_images(2, 784)), tf.constant([0, 0])
        assert_allclose(
            deform_batch(images, seed, "philox", **drawn, image_shape=(28, 28)),
            deform_batch(images, seed, "philox", **settings, image_shape=(28, 28)),
            atol=1e-3,
        )
