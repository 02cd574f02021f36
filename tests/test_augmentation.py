"""What ElasticDeformation does to images, and what it leaves as it was."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from sk_mnist import ElasticDeformation

AT_REST = {"rotation": 0, "scale": 0, "shift": 0, "alpha": 0, "sigma": 5}
DESKEW_AND_THICKNESS = {"deskew": 0.8, "thickness": 0.9}


@pytest.fixture(scope="module")
def bars():
    """300 images of 29 x 29 with an upright bar around the middle pixel."""
    images = np.zeros((300, 29, 29))
    images[:, 5:24, 12:17] = 1.0
    return images


def noise_images(*shape, dtype=np.float32):
    return (np.random.RandomState(0).uniform(0, 255, shape)).astype(dtype)


def moments(images):
    """Center of mass (row, column) and covariances of each image's foreground."""
    weights = images.reshape(len(images), -1)
    weights = weights / weights.sum(axis=1, keepdims=True)
    pixels = np.indices(images.shape[1:]).reshape(2, -1).T
    centers = weights @ pixels
    offsets = pixels - centers[:, np.newaxis]
    covariances = np.einsum("np,npi,npj->nij", weights, offsets, offsets)
    return centers, covariances


@pytest.mark.parametrize(
    "dtype", [np.uint8, np.int64, np.float16, np.float32, np.float64, bool]
)
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
    centers, _ = moments(deformation.deform(bars, random_state=0))
    assert_allclose(centers.min(axis=0) - 14, -3, atol=0.1)
    assert_allclose(centers.max(axis=0) - 14, 3, atol=0.1)
    assert abs(np.corrcoef(centers.T)[0, 1]) < 0.2


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


def test_deskew_removes_a_fraction_of_the_slant(leaning):
    deformation = ElasticDeformation(**AT_REST, deskew=0.8)
    upright = slants(deformation.deform(leaning, random_state=0)) / slants(leaning)
    assert_allclose([upright.min(), upright.max()], [0.2, 1], atol=0.06)


def test_deskew_removes_a_fraction_of_the_difference_from_the_usual_width(bars):
    deformation = ElasticDeformation(**AT_REST, deskew=1)
    widths = spreads(deformation.deform(bars, random_state=0)) / spreads(bars)
    assert_allclose([widths.min(), widths.max()], [1, 1.5], atol=0.1)


def test_thickness_widens_strokes_by_pixels_and_thins_them_by_half(bars):
    deformation = ElasticDeformation(**AT_REST, thickness=1)
    widths = deformation.deform(bars, random_state=0)[:, 14].sum(axis=1)
    assert_allclose([widths.min(), widths.max()], [5 - 1, 5 + 2], atol=0.05)


def test_blank_images_stay_blank():
    deformation = ElasticDeformation(**DESKEW_AND_THICKNESS)
    assert not deformation.deform(np.zeros((3, 28, 28)), random_state=0).any()


def test_beyond_the_border_is_zero():
    deformation = ElasticDeformation(**{**AT_REST, "shift": 4})
    deformed = deformation.deform(np.full((50, 10, 10), 9.0), random_state=0)
    assert_allclose(deformed[:, 5, 5], 9.0)
    assert (deformed.reshape(50, -1).min(axis=1) == 0).any()


@pytest.mark.parametrize("shape", [(0, 28, 28), (0, 784), (3, 0, 28)])
def test_no_pixels_stay_no_pixels(shape):
    deformed = ElasticDeformation(**DESKEW_AND_THICKNESS).deform(np.zeros(shape))
    assert deformed.shape == shape


def test_settings_are_given_by_name():
    with pytest.raises(TypeError, match="positional"):
        ElasticDeformation(15)


@pytest.mark.parametrize("setting", ["rotation", "alpha", "deskew", "thickness"])
def test_large_whole_numbers_keep_their_precision(setting):
    images = np.full((20, 28, 28), 2**40 + 1)
    deformation = ElasticDeformation(**AT_REST | {setting: 1})
    deformed = deformation.deform(images, random_state=0)
    assert_array_equal(deformed[:, 14, 14], 2**40 + 1)


def test_settings_can_be_searched():
    deformation = clone(ElasticDeformation(alpha=30)).set_params(sigma=4)
    assert deformation.get_params() == {
        "rotation": 15,
        "scale": 0.15,
        "shift": 1,
        "alpha": 30,
        "sigma": 4,
        "deskew": 0,
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
        {"shift": 1e300},
        {"alpha": -1},
        {"alpha": 1e39},
        {"sigma": 0},
        {"sigma": 1e9},
        {"sigma": 10**400},
        {"sigma": "5"},
        {"deskew": 1.1},
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


def test_an_elastic_field_that_does_not_fit_into_memory_is_refused():
    images = np.zeros((1, 512, 512), np.float32)
    with pytest.raises(ValueError, match=r"512 x 512 pixels.*sigma=5.*Increase sigma"):
        ElasticDeformation().deform(images)
    grown = ElasticDeformation(sigma=90, alpha=12000)
    assert grown.deform(images).shape == images.shape


@pytest.mark.parametrize(
    "images",
    [
        np.full((1, 28, 28), 2**63 - 1),
        np.full((1, 28, 28), -(2**63)),
        np.full((1, 28, 28), 1e308),
        np.full((1, 28, 28), 3e38, np.float32),
    ],
    ids=["int64", "negative int64", "float64", "float32"],
)
def test_pixels_that_no_sum_can_hold_are_refused(images):
    with pytest.raises(ValueError, match=r"images must hold pixels between.*divide"):
        ElasticDeformation(deskew=0.5).deform(images)


@pytest.mark.parametrize(
    "change",
    [lambda X: np.ma.masked_greater(X, 0.5), lambda X: X.astype("M8[s]")],
    ids=["masked", "dates"],
)
def test_images_that_are_no_numbers_are_refused(change):
    with pytest.raises(ValueError, match=r"^images .*(masked|datetime64)"):
        ElasticDeformation().deform(change(noise_images(1, 28, 28)))


def test_missing_values_are_refused():
    images = noise_images(1, 28, 28)
    images[0, 3, 3] = np.nan
    with pytest.raises(ValueError, match="images contains NaN"):
        ElasticDeformation().deform(images)
