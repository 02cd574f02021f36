"""HEIC is read where pillow-heif is installed; other kinds get advice."""

import io
import sys

import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from images.pictures import assert_alike, frame
from sk_mnist import DigitFramer


@pytest.fixture(scope="module")
def heic(tmp_path_factory):
    """A photo of a digit as an iPhone stores it, and the same as PNG."""
    pillow_heif = pytest.importorskip("pillow_heif")
    folder = tmp_path_factory.mktemp("heic")
    photo = Image.new("RGB", (320, 240), (235, 225, 200))
    for x in range(60, 110):
        photo.paste((30, 30, 90), (x, 150, x + 9, 159))
        photo.paste((30, 30, 90), (x, 260 - x, x + 9, 269 - x))
    pillow_heif.from_pillow(photo).save(folder / "photo.heic", quality=95)
    photo.save(folder / "photo.png")
    return folder / "photo.heic", folder / "photo.png"


def test_heic_is_read(heic):
    assert_alike(*map(frame, heic))


def test_an_open_heic_file_is_read(heic):
    path, _ = heic
    assert_array_equal(frame(io.BytesIO(path.read_bytes())), frame(path))


def test_a_heic_file_without_pillow_heif_is_told_what_to_install(heic, monkeypatch):
    monkeypatch.setattr(Image, "ID", [name for name in Image.ID if name != "HEIF"])
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(OSError, match=r"HEIC .* pip install pillow-heif"):
        frame(heic[0])


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"%PDF-1.7 ...", "a PDF: save its page as PNG or JPEG"),
        (b'<?xml version="1.0"?><svg xmlns="...">', "an SVG drawing: save it as PNG"),
        (b"a letter", "not an image"),
    ],
)
def test_other_kinds_get_advice(tmp_path, content, advice):
    path = tmp_path / "picture"
    path.write_bytes(content)
    for source in (path, io.BytesIO(content)):
        with pytest.raises(OSError, match=advice):
            DigitFramer().transform([source])
