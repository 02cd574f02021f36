"""What DigitFramer reads: files, Pillow images and arrays, and what it refuses."""

import io
import os

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from images import photographs as camera
from images.pictures import assert_alike, frame
from sk_mnist import DigitFramer


@pytest.mark.parametrize(
    "mode",
    ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "I", "F", "I;16"],
)
def test_it_takes_pillow_images_of_every_mode(mode):
    gray = camera.on_paper(camera.drawn_digit(5), (300, 260), (40, 30)).convert("L")
    wide = mode == "I;16"
    image = (
        Image.fromarray(np.asarray(gray, np.uint16) * 257)
        if wide
        else gray.convert(mode)
    )
    assert_alike(frame(image), frame(gray))


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


def test_it_takes_open_files(photo, tmp_path):
    photo.save(tmp_path / "seven.png")
    with open(tmp_path / "seven.png", "rb") as file:
        in_memory = io.BytesIO(file.read())
        for _ in range(2):  # both can be read again
            assert_array_equal(frame(file, in_memory), frame(photo, photo))


@pytest.mark.parametrize("size", [(4000, 3000), (20, 1600)])
def test_a_file_and_its_image_are_framed_alike(tmp_path, size):
    height = size[1] // 3 if size[0] > size[1] else 18
    page = camera.on_paper(camera.drawn_digit(1, height), size, (3, 3))
    page.save(tmp_path / "page.png")
    page.save(tmp_path / "page.jpg", quality=95)
    expected = frame(page)
    assert_array_equal(frame(tmp_path / "page.png"), expected)
    assert_alike(frame(tmp_path / "page.jpg"), expected)
    assert_array_equal(frame(np.asarray(page)), expected)


def write_truncated(path):
    Image.effect_noise((99, 99), 50).save(path, format="PNG")
    path.write_bytes(path.read_bytes()[:2000])


UNREADABLE = {
    "no such file": lambda path: None,
    "empty": lambda path: path.touch(),
    "not an image": lambda path: path.write_text("a letter"),
    "damaged": write_truncated,
    "folder": lambda path: path.mkdir(),
    "a pipe, not a file": lambda path: os.mkfifo(path),
}


@pytest.mark.parametrize("reason", UNREADABLE)
def test_a_file_that_is_no_image_gets_an_error_with_its_name_and_the_reason(
    reason, photo, tmp_path
):
    UNREADABLE[reason](tmp_path / "letter.png")
    with pytest.raises(OSError, match=rf"X\[1\] \(.*letter.png\): .*{reason}"):
        frame(photo, tmp_path / "letter.png")


@pytest.mark.parametrize("factor", [1.5, 3], ids=["warned of", "refused by Pillow"])
def test_an_image_of_too_many_pixels_is_refused_unless_the_limit_is_raised(
    factor, photo, tmp_path, monkeypatch
):
    photo.save(tmp_path / "large.png")
    n_pixels = photo.width * photo.height
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", int(n_pixels / factor))
    with pytest.raises(OSError, match=r"too large.*PIL\.Image\.MAX_IMAGE_PIXELS"):
        frame(tmp_path / "large.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", n_pixels)
    assert frame(tmp_path / "large.png").any()


def test_a_file_that_is_open_as_text_gets_an_error_that_names_the_mode(tmp_path):
    (tmp_path / "seven.png").write_text("a letter")
    with (
        open(tmp_path / "seven.png") as file,
        pytest.raises(OSError, match="mode 'rb'"),
    ):
        frame(file)


def test_a_file_that_can_be_read_only_once_gets_an_error_that_says_what_to_pass(photo):
    class Stream(io.BytesIO):
        def seekable(self):
            return False

    with pytest.raises(OSError, match=r"only once.*io\.BytesIO"):
        frame(Stream(b"from the network"))


def test_a_closed_file_is_said_to_be_closed():
    file = io.BytesIO(b"x")
    file.close()
    with pytest.raises(OSError, match="is closed: open it again"):
        frame(file)


@pytest.mark.parametrize("size", [(0, 0), (0, 5), (5, 0)])
def test_an_image_without_pixels_is_refused(size):
    with pytest.raises(ValueError, match=r"no pixels in an image of size"):
        frame(Image.new("L", size))


def test_masked_pixels_are_refused(photo):
    pixels = np.ma.masked_greater(np.asarray(photo.convert("L")), 200)
    with pytest.raises(ValueError, match=r"the image is a masked array.*filled"):
        frame(pixels)


@pytest.mark.parametrize("factor", [1e300, 1e-300])
def test_pixels_outside_the_range_of_float32_are_read(photo, factor):
    pixels = np.asarray(photo.convert("L"), float)
    assert_alike(frame(pixels * factor), frame(pixels))
