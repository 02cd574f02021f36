"""What ImageNormalizer promises: one range for all images, and no silence about it."""

import subprocess
import sys
import tracemalloc
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from sk_mnist import ImageNormalizer


@parametrize_with_checks([ImageNormalizer()])
def test_estimator_checks(estimator, check):
    check(estimator)


@pytest.fixture
def images():
    """Six images of 4 x 5 pixels, unsigned bytes, brightest 250."""
    return np.random.default_rng(0).integers(0, 251, (6, 4, 5)).astype(np.uint8)


LAYOUTS = {
    "images": lambda images: images,
    "images with one channel": lambda images: images[..., np.newaxis],
    "rows": lambda images: images.reshape(6, 20),
    "list of images": list,
    "images in another memory order": np.asfortranarray,
    "DataFrame of rows": lambda images: pd.DataFrame(images.reshape(6, 20)),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_gives_the_same_rows(images, layout):
    rows = ImageNormalizer().fit_transform(layout(images))
    assert rows.dtype == np.float32
    assert_allclose(rows, images.reshape(6, 20) / 255, rtol=1e-6)


@pytest.mark.parametrize(
    "dtype", [np.uint8, np.int64, np.uint16, np.float16, np.float32, np.float64, ">f4"]
)
def test_every_number_type_gives_float32_in_0_to_1(images, dtype):
    rows = ImageNormalizer().fit_transform(images.astype(dtype))
    assert rows.dtype == np.float32
    assert_allclose(rows, images.reshape(6, 20) / 255, rtol=1e-6)


@pytest.mark.parametrize(
    ("brightest", "dtype", "scale"),
    [
        (3, np.uint8, 255),
        (0, np.uint8, 255),
        (16, np.float64, 16),
        (16.5, np.float64, 255),
        (255, np.int64, 255),
        (256, np.int64, 256),
        (0.9, np.float32, np.float32(0.9)),
        (0, np.float64, 1),
        (True, np.bool_, 1),
        (65535, np.uint16, 65535),
    ],
)
def test_scale_follows_type_and_brightest_pixel(brightest, dtype, scale):
    images = np.zeros((3, 2, 2), dtype=dtype)
    images[1, 1, 0] = brightest
    assert ImageNormalizer().fit(images).scale_ == scale


def test_one_image_is_treated_like_the_whole_set(images):
    normalizer = ImageNormalizer().fit(images)
    faint = images[:1] // 3
    assert_array_equal(
        normalizer.transform(faint),
        normalizer.transform(np.concatenate([faint, images]))[:1],
    )


def test_extreme_ranges_neither_overflow_nor_vanish():
    for brightest in (1e-320, 1e308):
        rows = ImageNormalizer().fit_transform([[0.0, brightest]])
        assert_array_equal(rows, [[0, 1]])


def test_results_too_large_for_float32_are_an_error():
    with pytest.raises(ValueError, match=r"1e\+300, is too large.*fit"):
        ImageNormalizer().fit([[0.0, 1.0]]).transform([[0.0, 1e300]])
    with pytest.raises(ValueError, match=r"scale_, 1e\+300.*float64"):
        ImageNormalizer().fit([[0.0, 1e300]]).inverse_transform([[0.0, 1.0]])


@pytest.mark.parametrize(
    ("fitted_to", "arrives_with"), [(255, 1), (1, 255), (255, 16), (16, 255)]
)
def test_images_of_another_range_get_a_warning(images, fitted_to, arrives_with):
    in_unit_range = images / 250
    normalizer = ImageNormalizer().fit(in_unit_range * fitted_to)
    fix = "Multiply" if arrives_with < fitted_to else "Divide"
    message = f"is {arrives_with}, .* from 0 to {fitted_to}. {fix} X"
    with pytest.warns(UserWarning, match=message) as record:
        normalizer.transform(in_unit_range * arrives_with)
    assert record[0].filename == __file__


def test_the_warning_points_at_the_users_line_from_within_a_pipeline(images):
    pipeline = make_pipeline(ImageNormalizer(), "passthrough").fit(images)
    with pytest.warns(UserWarning, match="brightest pixel") as record:
        pipeline.transform(images / 255)
    assert record[0].filename == __file__


@pytest.mark.parametrize("factor", [1, 0.3, 0], ids=["same", "faint", "blank"])
def test_images_of_the_same_range_get_no_warning(images, factor):
    normalizer = ImageNormalizer().fit(images)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        normalizer.transform((images * factor).astype(np.uint8))


BAD_IMAGES = {
    "NaN": (np.full((2, 4, 5), np.nan), "contains NaN"),
    "infinity": (np.full((2, 4, 5), np.inf), "contains infinity"),
    "negative": (
        np.full((2, 4, 5), -1),
        "Negative values in data passed to X in ImageNormalizer",
    ),
    "complex": (np.ones((2, 4, 5), dtype=complex), "Complex data not supported"),
    "text": ([["three", "seven"]], "not compatible with arrays of bytes/strings"),
    "color": (np.zeros((2, 4, 5, 3)), "color images.*DigitFramer"),
    "color with alpha": (np.zeros((2, 4, 5, 4)), "color images.*DigitFramer"),
    "channel first": (np.zeros((2, 1, 4, 5)), r"expects images of shape \(n, height"),
    "no image": (np.zeros((0, 4, 5)), "0 sample"),
    "sizes": ([np.zeros((4, 5)), np.zeros((3, 3))], "different shapes.*DigitFramer"),
}


@pytest.mark.parametrize(("bad", "message"), BAD_IMAGES.values(), ids=BAD_IMAGES)
def test_bad_images_get_a_clear_error(images, bad, message):
    with pytest.raises(ValueError, match=message):
        ImageNormalizer().fit(bad)
    with pytest.raises(ValueError, match=message):
        ImageNormalizer().fit(images).transform(bad)


def test_failed_fit_leaves_the_fitted_state(images):
    table = pd.DataFrame(images.reshape(6, 20)).add_prefix("p")
    normalizer = ImageNormalizer().fit(table)
    before = vars(normalizer).copy()
    with pytest.raises(ValueError, match="NaN"):
        normalizer.fit(pd.DataFrame(np.full((2, 3), np.nan)).add_prefix("q"))
    assert vars(normalizer) == before


def test_other_number_of_pixels_is_an_error(images):
    message = "X has 15 features, but ImageNormalizer is expecting 20 features as input"
    normalizer = ImageNormalizer().fit(images)
    with pytest.raises(ValueError, match=message):
        normalizer.transform(images[:, :3])
    with pytest.raises(ValueError, match=message):
        normalizer.inverse_transform(np.zeros((2, 15)))


def test_other_image_shape_of_as_many_pixels_is_an_error(images):
    normalizer = ImageNormalizer().fit(images)
    with pytest.raises(ValueError, match=r"\(5, 4\).*expecting.*\(4, 5\)"):
        normalizer.transform(images.transpose(0, 2, 1))


def test_unfitted_normalizer_says_so(images):
    for method in ("transform", "inverse_transform"):
        with pytest.raises(NotFittedError):
            getattr(ImageNormalizer(), method)(images)


@pytest.mark.parametrize(
    ("shape", "image_shape"),
    [
        ((2, 4, 5), (4, 5)),
        ((2, 4, 5, 1), (4, 5)),
        ((2, 784), (28, 28)),
        ((2, 20), None),
    ],
)
def test_image_shape_is_kept(shape, image_shape):
    normalizer = ImageNormalizer().fit(np.ones(shape))
    assert normalizer.image_shape_ == image_shape
    assert normalizer.n_features_in_ == np.prod(shape[1:])


def test_inverse_transform_brings_the_pixels_back(images):
    normalizer = ImageNormalizer().fit(images)
    rows = normalizer.inverse_transform(normalizer.transform(images))
    assert rows.dtype == np.float32
    assert_allclose(rows, images.reshape(6, 20), atol=1e-4)


def test_pixels_are_named_from_1(images):
    names = ImageNormalizer().fit(images).get_feature_names_out()
    assert list(names) == [f"pixel{i}" for i in range(1, 21)]


def test_columns_keep_their_names(images):
    table = pd.DataFrame(images.reshape(6, 20)).add_prefix("p")
    normalizer = ImageNormalizer().fit(table)
    assert list(normalizer.get_feature_names_out()) == list(table.columns)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_pandas_output(images, layout):
    table = (
        ImageNormalizer().set_output(transform="pandas").fit_transform(layout(images))
    )
    assert isinstance(table, pd.DataFrame)
    assert list(table.columns) == [f"pixel{i}" for i in range(1, 21)]
    assert (table.dtypes == np.float32).all()


def test_unsigned_bytes_are_never_copied_as_floats():
    images = np.zeros((10_000, 28, 28), dtype=np.uint8)
    images[0] = 255
    normalizer = ImageNormalizer().fit(images)
    tracemalloc.start()
    try:
        rows = normalizer.fit(images).transform(images)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < rows.nbytes + 1_000_000


def test_loading_needs_neither_keras_nor_plotting():
    code = (
        "import sys, sk_mnist._images._normalizer;"
        "heavy = {'keras', 'tensorflow', 'matplotlib', 'requests', 'PIL'};"
        "print(*heavy & set(sys.modules))"
    )
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert loaded.split() == []
