"""What DigitFramer promises: any picture of a digit comes out as MNIST shows one."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from PIL import Image, ImageChops
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

import photographs as camera
from sk_mnist import DigitFramer, ImageNormalizer, MNISTMLPClassifier, recipes


@pytest.fixture(scope="module")
def eights():
    """Five of scikit-learn's images of 8 x 8, whole numbers of 0 to 16."""
    return load_digits().images[:5].astype(np.uint8)


@pytest.fixture(scope="module")
def photo():
    """A blue 7 on cream paper, off its centre."""
    return camera.on_paper(
        camera.drawn_digit(7), (480, 360), (30, 100), paper_colour=(235, 225, 200)
    )


@pytest.fixture(scope="module")
def network(mnist):
    """The recipe for other hands, trained on MNIST's own training images alone."""
    return recipes.build("strong", random_state=0).fit(*mnist[0])


def frame(*pictures, **parameters):
    return DigitFramer(**parameters).transform(list(pictures)).reshape(-1, 28, 28)


def assert_alike(first, second, tolerance=0.05):
    """The same digit, but for a few hundredths of the ink."""
    first, second = (np.asarray(image, float) for image in (first, second))
    assert np.abs(first - second).sum() <= tolerance * (first.sum() + second.sum())


# What it takes


KINDS_OF_SETS = {
    "images with one channel": lambda images: images[..., np.newaxis],
    "colour images": lambda images: np.stack([images] * 3, axis=-1),
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


def test_opaque_colour_images_may_have_an_alpha_channel(eights):
    alpha = np.stack([eights * 15] * 3 + [np.full_like(eights, 255)], axis=-1)
    assert_alike(DigitFramer().transform(alpha), DigitFramer().transform(eights))


def test_pictures_of_different_sizes_go_together(photo, eights):
    together = frame(photo, eights[0], np.asarray(photo.convert("L")))
    assert_array_equal(together[0], frame(photo)[0])
    assert_array_equal(together[1], frame(eights[0])[0])


@pytest.mark.parametrize(
    "mode",
    ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "I", "F", "I;16"],
)
def test_it_takes_pillow_images_of_every_mode(mode):
    grey = camera.on_paper(camera.drawn_digit(5), (300, 260), (40, 30)).convert("L")
    wide = mode == "I;16"
    image = (
        Image.fromarray(np.asarray(grey, np.uint16) * 257)
        if wide
        else grey.convert(mode)
    )
    assert_alike(frame(image), frame(grey))


@pytest.mark.parametrize("kind_of_path", [str, lambda path: path])
def test_it_takes_paths(photo, tmp_path, kind_of_path):
    path = tmp_path / "seven.png"
    photo.save(path)
    assert_array_equal(frame(kind_of_path(path)), frame(photo))
    named = pd.Series([kind_of_path(path)])
    assert_array_equal(DigitFramer().transform(named), DigitFramer().transform([path]))


def test_it_turns_photos_upright(photo, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees
    sideways = photo.transpose(Image.Transpose.ROTATE_90)
    sideways.save(tmp_path / "sideways.png", exif=exif)
    assert_array_equal(frame(tmp_path / "sideways.png"), frame(photo))


# What it refuses


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ("seven.png", "single one, 'seven.png'.*list"),
        (Image.new("L", (9, 9)), "single one.*list"),
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


def test_errors_about_files_name_them(tmp_path):
    (tmp_path / "letter.png").write_text("a letter")
    for name in "letter.png", "missing.png":
        with pytest.raises(OSError, match=name):
            DigitFramer().transform([tmp_path / name])


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
    with pytest.raises(ValueError, match=r"X\[1\]: there is no ink.*on_blank='blank'"):
        frame(photo, BLANK[blank])


def test_an_image_without_ink_may_stay_blank(photo, recwarn):
    framed = frame(BLANK["white"], photo, on_blank="blank")
    assert not framed[0].any()
    assert framed[1].any()
    assert not recwarn.list


def test_an_image_without_ink_may_get_a_warning(photo):
    with pytest.warns(UserWarning, match=r"X\[0\].*no ink.*blank"):
        framed = frame(BLANK["white"], photo, on_blank="warn")
    assert not framed[0].any()


# A scikit-learn transformer


@parametrize_with_checks([DigitFramer()])
def test_scikit_learn_check(estimator, check):
    check(estimator)


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


def test_the_digit_fills_the_box_and_is_centred_by_its_mass(photo):
    (framed,) = frame(photo).astype(float)
    rows, columns = np.nonzero(framed)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    for axis in (0, 1):
        profile = framed.sum(axis=1 - axis)
        assert abs(profile @ np.arange(28) / profile.sum() - 14) <= 0.55
    assert framed.max() > 240
    assert framed[0, 0] == 0


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


def on_sheet(digit, at=(140, 160), size=(480, 640), pen=0.1, height=200, **colours):
    ink = camera.drawn_digit(digit, height, pen)
    return camera.on_paper(ink, size, at, **colours)


def phone_photo():
    paper = on_sheet(5, paper_colour=(225, 215, 200))
    shadow = camera.cast_shadow(paper.size, 0.5, 0.6, 0.5)
    shaded = camera.shaded(paper, shadow * camera.gradient(paper.size, 0.6, 1))
    return camera.compressed(camera.noisy(shaded, 6, np.random.default_rng(0)), 80)


def scan():
    paper = on_sheet(5, (380, 500), (600, 800), height=90, ink_colour=(60, 60, 70))
    return camera.specked(paper, 15, np.random.default_rng(0))


def paint_program():
    jagged = on_sheet(5, pen=0.04, ink_colour=(0, 0, 0)).convert("L")
    return jagged.point(lambda value: 255 * (value > 127))


def on_a_table():
    photograph = np.array(on_sheet(5, (200, 140), (480, 480)))
    photograph[:, :90], photograph[430:] = (90, 60, 40), (90, 60, 40)
    return Image.fromarray(photograph)


def transparent(colour):
    image = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    image.paste(colour, (60, 40), camera.drawn_digit(5))
    return image


PICTURES = {
    "phone photo with a shadow": phone_photo,
    "scan with dust": scan,
    "paint program": paint_program,
    "ruled paper": lambda: camera.ruled(on_sheet(5), spacing=60, thickness=2, tilt=1),
    "squared paper": lambda: camera.ruled(on_sheet(5), spacing=40, squared=True),
    "thin pen": lambda: on_sheet(5, pen=0.015),
    "thick marker": lambda: on_sheet(5, pen=0.24),
    "red on green": lambda: on_sheet(
        5, ink_colour=(200, 60, 50), paper_colour=(70, 150, 80)
    ),
    "pencil": lambda: on_sheet(
        5, ink_colour=(150, 150, 150), paper_colour=(215, 215, 210)
    ),
    "white on black": lambda: on_sheet(
        5, ink_colour=(245, 245, 245), paper_colour=(15, 15, 20)
    ),
    "black on nothing": lambda: transparent((0, 0, 0, 255)),
    "white on nothing": lambda: transparent((255, 255, 255, 255)),
    "tiny": lambda: on_sheet(5, (1500, 900), (2400, 1800), height=110),
    "at the border": lambda: on_sheet(5, (0, 90), (300, 400)),
    "on a table": on_a_table,
}


@pytest.mark.parametrize("picture", PICTURES)
def test_the_same_digit_comes_out_of_every_picture(picture):
    expected, framed = frame(on_sheet(5), PICTURES[picture]())
    assert_alike(framed, expected, tolerance=0.25)


# Real digits


@pytest.mark.mnist
def test_mnist_itself_is_changed_by_nothing(mnist):
    for X, _ in mnist:
        assert (DigitFramer().transform(X) == X).all(axis=1).mean() > 0.999


@pytest.mark.mnist
@pytest.mark.timeout(900)  # minutes of training
def test_it_reads_scikit_learns_digits_without_having_seen_one(network):
    digits = load_digits()
    accuracy = network.score(DigitFramer().transform(digits.images), digits.target)
    print(f"load_digits read right: {accuracy:.2%}")
    assert accuracy >= 0.965


@pytest.mark.mnist
@pytest.mark.timeout(900)
def test_it_reads_a_thousand_photographs(network, mnist):
    X, y = mnist[1]
    photographs = camera.photographs(X, 1000)
    framed = DigitFramer(on_blank="blank").transform([p.image for p in photographs])
    accuracy = network.score(framed, y[[p.index for p in photographs]])
    print(f"photographs read right: {accuracy:.1%}")
    assert accuracy >= 0.96
