"""What DigitFramer promises as a transformer: sets of images in, rows out."""

import io
import pickle
from math import isqrt

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from PIL import Image, ImageChops
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from images import photographs as camera
from images.pictures import assert_alike, frame
from sk_mnist import DigitFramer, ImageNormalizer, MNISTMLPClassifier


@pytest.fixture(scope="module")
def eights():
    """Five of scikit-learn's images of 8 x 8, whole numbers of 0 to 16."""
    return load_digits().images[:5].astype(np.uint8)


# What it takes


KINDS_OF_SETS = {
    "images with one channel": lambda images: images[..., np.newaxis],
    "color images": lambda images: np.stack([images] * 3, axis=-1),
    "rows": lambda images: images.reshape(len(images), -1),
    "data frame": lambda images: pd.DataFrame(images.reshape(len(images), -1)),
    "list of images": list,
    "list of rows": lambda images: list(images.reshape(len(images), -1)),
    "nested lists": lambda images: images.tolist(),
    "floating point": lambda images: images / 16,
    "16 bits": lambda images: images.astype(np.uint16) * 4000,
}


@pytest.mark.parametrize("kind", KINDS_OF_SETS)
def test_it_takes_images_however_they_are_held(eights, kind):
    expected = DigitFramer().transform(eights)
    assert expected.shape == (5, 784)
    assert expected.dtype == np.uint8
    assert_array_equal(DigitFramer().transform(KINDS_OF_SETS[kind](eights)), expected)


def test_opaque_color_images_may_have_an_alpha_channel(eights):
    alpha = np.stack([eights * 15] * 3 + [np.full_like(eights, 255)], axis=-1)
    assert_alike(DigitFramer().transform(alpha), DigitFramer().transform(eights))


def test_pictures_of_different_sizes_go_together(photo, eights):
    together = frame(photo, eights[0], np.asarray(photo.convert("L")))
    assert_array_equal(together[0], frame(photo)[0])
    assert_array_equal(together[1], frame(eights[0])[0])


# What it refuses


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ("seven.png", "single one, 'seven.png'.*list"),
        (Image.new("L", (9, 9)), "single one.*list"),
        (io.BytesIO(), "single one.*list"),
        (np.zeros((90, 60, 3)), r"\(90, 60, 3\).*single image.*list"),
        (np.zeros(784), r"\(784,\).*single image.*list"),
        (np.zeros((2, 10)), r"X\[0\].*\(10,\)"),
        (np.zeros((1, 2, 3, 4, 5)), "Reshape X"),
        (np.zeros((0, 784)), "holds no images"),
        ([np.eye(9), np.full((9, 9), np.nan)], r"X\[1\].*NaN"),
        ([np.eye(9), -np.eye(9)], r"X\[1\].*0 or more"),
        ([np.eye(9), None], r"X\[1\].*object"),
    ],
)
def test_what_is_no_list_of_images_gets_an_error_that_says_so(X, message):
    with pytest.raises(ValueError, match=message):
        DigitFramer().transform(X)


def test_a_box_that_is_larger_than_the_frame_is_an_error(eights):
    with pytest.raises(ValueError, match=r"box.*20.*Got 24"):
        DigitFramer(size=20, box=24).fit(eights)


BLANK = {
    "white": np.full((90, 90), 255, np.uint8),
    "black": np.zeros((28, 28), np.uint8),
    "grain": np.random.default_rng(0).normal(200, 4, (200, 200)).astype(np.uint8),
    "transparent": Image.new("RGBA", (99, 99), (0, 0, 0, 0)),
}


@pytest.mark.parametrize("blank", BLANK)
def test_an_image_without_ink_is_an_error_that_names_it(blank, photo):
    with pytest.raises(ValueError, match=r"X\[1\]: no digit.*on_blank='blank'"):
        frame(photo, BLANK[blank])


def test_an_image_without_ink_may_stay_blank(photo, recwarn):
    framed = frame(BLANK["white"], photo, on_blank="blank")
    assert not framed[0].any()
    assert framed[1].any()
    assert not recwarn.list


def test_an_image_without_ink_may_get_a_warning(photo):
    with pytest.warns(UserWarning, match=r"X\[0\].*no digit.*blank"):
        framed = frame(BLANK["white"], photo, on_blank="warn")
    assert not framed[0].any()


# A scikit-learn transformer


class FramerOfAnyRows(DigitFramer):
    """Fills rows up to a square number of pixels: the checks use 1, 2, 3, 5 and 10."""

    def transform(self, X):
        pixels = np.asarray(X)
        if pixels.ndim == 2:
            side = isqrt(pixels.shape[1] - 1) + 1
            pixels = np.pad(pixels, ((0, 0), (0, side**2 - pixels.shape[1])))
        return super().transform(pixels)


EXPECTED_FAILED_CHECKS = {
    "check_n_features_in_after_fitting": (
        "Images of any size are framed, also of other sizes than in fit."
    ),
}


@parametrize_with_checks(
    [FramerOfAnyRows(on_blank="blank")],
    expected_failed_checks=lambda estimator: EXPECTED_FAILED_CHECKS,
)
def test_scikit_learn_check(estimator, check):
    check(estimator)


def test_fit_keeps_the_number_and_the_names_of_pixels(eights, photo):
    table = pd.DataFrame(eights.reshape(5, -1)).add_prefix("p")
    framer = DigitFramer().fit(table)
    assert framer.n_features_in_ == 64
    assert list(framer.feature_names_in_) == list(table.columns)
    assert not hasattr(DigitFramer().fit([photo]), "n_features_in_")


def test_it_needs_no_fit_and_survives_clone_and_pickle(photo):
    framer = DigitFramer(size=30, box=22, background="light", on_blank="blank")
    expected = framer.transform([photo])
    assert expected.shape == (1, 900)
    for copy in (clone(framer), pickle.loads(pickle.dumps(framer.fit([photo])))):
        assert copy.get_params() == framer.get_params()
        assert_array_equal(copy.transform([photo]), expected)


def test_pandas_output_has_the_pixels_names_and_the_index(eights):
    framer = DigitFramer().set_output(transform="pandas")
    rows = pd.DataFrame(eights.reshape(5, -1), index=list("abcde"))
    framed = framer.transform(rows)
    assert list(framed.index) == list("abcde")
    assert list(framed.columns) == [f"pixel{k}" for k in range(1, 785)]


def test_it_is_the_first_step_of_a_pipeline(sample_digits):
    images, target = load_digits(return_X_y=True)
    pipeline = make_pipeline(
        DigitFramer(),
        ImageNormalizer(),
        MNISTMLPClassifier(32, learning_rate=0.01, epochs=10, random_state=0),
    ).fit(images[:400], target[:400])
    assert pipeline.score(images[400:600], target[400:600]) > 0.8


# The frame


def test_the_digit_fills_the_box_and_is_centered_by_its_mass(photo):
    (framed,) = frame(photo).astype(float)
    rows, columns = np.nonzero(framed)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    for axis in (0, 1):
        profile = framed.sum(axis=1 - axis)
        assert abs(profile @ np.arange(28) / profile.sum() - 14) <= 0.55
    assert framed.max() > 240
    assert framed[0, 0] == 0


@pytest.mark.parametrize("shape", [(-1, 784), (-1, 28, 28), (-1, 28, 28, 1)])
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32])
def test_framed_sets_come_back_as_they_are_in_every_form(sample_digits, shape, dtype):
    rows = sample_digits.data[:50]
    images = rows.reshape(shape).astype(dtype)
    assert_array_equal(DigitFramer().transform(images), rows)


def test_framed_images_among_others_change_neither(photo, sample_digits):
    framed = sample_digits.images[:3]
    shifted = np.roll(framed, 3, axis=2)
    mixed = np.concatenate([framed, shifted, 255 - framed])
    expected = frame(*mixed).reshape(9, -1)
    assert_array_equal(DigitFramer().transform(mixed), expected)
    assert_array_equal(expected[:3], expected[6:])


def test_what_is_framed_already_stays_as_it_is_to_the_bit(photo, sample_digits):
    framer = DigitFramer()
    once = framer.transform([photo])
    assert_array_equal(framer.transform(once), once)
    assert_array_equal(framer.transform(sample_digits.data), sample_digits.data)


def test_the_negative_of_a_framed_image_is_turned_round(sample_digits):
    framed = DigitFramer().transform(255 - sample_digits.data[:50])
    assert_array_equal(framed, sample_digits.data[:50])


def test_the_ground_can_be_stated(photo):
    negative = ImageChops.invert(photo)
    assert_array_equal(frame(photo, background="light"), frame(photo))
    assert_array_equal(frame(negative, background="dark"), frame(negative))
    stated_wrongly = frame(negative, background="light", on_blank="blank")
    assert not np.array_equal(stated_wrongly, frame(negative))


@pytest.mark.parametrize("pen", [0.015, 0.03, 0.26, 0.3])
def test_pens_of_all_widths_come_out_as_one(pen):
    inks = [camera.drawn_digit(3, pen=width) for width in (0.12, pen)]
    usual, evened = frame(*(camera.on_paper(ink, (400, 400), (90, 90)) for ink in inks))
    assert usual.sum() / 1.35 < evened.sum() < usual.sum() * 1.35
