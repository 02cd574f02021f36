"""The same digit comes out of every picture of it, and is read right."""

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline

from images import photographs as camera
from images.pictures import assert_alike, frame
from sk_mnist import DigitFramer, ImageNormalizer, MNISTMLPClassifier


def on_sheet(digit, at=(140, 160), size=(480, 640), pen=0.1, height=200, **colors):
    ink = camera.drawn_digit(digit, height, pen)
    return camera.on_paper(ink, size, at, **colors)


def phone_photo():
    paper = on_sheet(5, paper_color=(225, 215, 200))
    shadow = camera.cast_shadow(paper.size, 0.5, 0.6, 0.5)
    shaded = camera.shaded(paper, shadow * camera.gradient(paper.size, 0.6, 1))
    return camera.compressed(camera.noisy(shaded, 6, np.random.default_rng(0)), 80)


def scan():
    paper = on_sheet(5, (380, 500), (600, 800), height=90, ink_color=(60, 60, 70))
    return camera.specked(paper, 15, np.random.default_rng(0))


def paint_program():
    jagged = on_sheet(5, pen=0.04, ink_color=(0, 0, 0)).convert("L")
    return jagged.point(lambda value: 255 * (value > 127))


def on_a_table():
    photograph = np.array(on_sheet(5, (200, 140), (480, 480)))
    photograph[:, :90], photograph[430:] = (90, 60, 40), (90, 60, 40)
    return Image.fromarray(photograph)


def transparent(color):
    image = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    image.paste(color, (60, 40), camera.drawn_digit(5))
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
        5, ink_color=(200, 60, 50), paper_color=(70, 150, 80)
    ),
    "pencil": lambda: on_sheet(
        5, ink_color=(150, 150, 150), paper_color=(215, 215, 210)
    ),
    "white on black": lambda: on_sheet(
        5, ink_color=(245, 245, 245), paper_color=(15, 15, 20)
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


@pytest.fixture(scope="module")
def reader(mnist):
    """A small network; `benchmarks/reading.py` measures `strong`, for other hands."""
    X, y = mnist[0]
    network = MNISTMLPClassifier(epochs=3, random_state=0)
    reader = make_pipeline(DigitFramer(on_blank="blank"), ImageNormalizer(), network)
    return reader.fit(X[:20_000], y[:20_000])


@pytest.mark.mnist
def test_a_small_network_reads_scikit_learns_digits_without_having_seen_one(reader):
    digits = load_digits()
    assert reader.score(digits.images, digits.target) > 0.75


@pytest.mark.mnist
def test_a_small_network_reads_photographs(reader, mnist):
    X, y = mnist[1]
    photographs = camera.photographs(X, 100)
    images = [photograph.image for photograph in photographs]
    assert reader.score(images, y[[p.index for p in photographs]]) > 0.88
