"""A digit that is hard to see is framed like the same digit drawn alone."""

import numpy as np
import pytest

from images import hard_pictures as hard
from images.pictures import frame

DIGITS = range(10)
SIDES = (28, 40, 63, 64, 100, 240)


def difference(first, second):
    """Part of the foreground, 0 to 1, in which two framed digits differ.

    The center of mass may round to the next pixel.
    """
    shifted = [
        np.roll(first.astype(float), (down, across), axis=(0, 1))
        for down in (-1, 0, 1)
        for across in (-1, 0, 1)
    ]
    total = max(first.sum(dtype=float) + second.sum(dtype=float), 1)
    return min(np.abs(image - second).sum() for image in shifted) / total


def assert_framed_like_pages(draw, side, height=0.55, pen=0.1):
    """At least nine of ten digits are like their own page, more than like others."""
    framed = frame(*(draw(digit) for digit in DIGITS), on_blank="blank")
    pages = frame(*(hard.page(d, side, height=height, pen=pen) for d in DIGITS))
    n_right = 0
    for digit, image in enumerate(framed):
        differences = [difference(image, page) for page in pages]
        n_right += np.argmin(differences) == digit and differences[digit] <= 0.35
    assert n_right >= 9


@pytest.mark.parametrize("side", [20, *SIDES])
def test_light_that_falls_off(side):
    assert_framed_like_pages(lambda d: hard.in_falling_light(d, side), side)


@pytest.mark.parametrize("deviation", [4, 8, 12])
@pytest.mark.parametrize("side", SIDES)
def test_noise(side, deviation):
    assert_framed_like_pages(lambda d: hard.with_noise(d, side, deviation), side)


@pytest.mark.parametrize("side", [20, *SIDES])
def test_one_bright_pixel(side):
    assert_framed_like_pages(lambda d: hard.with_bright_pixel(d, side), side)


@pytest.mark.parametrize("drop", [30, 60])
@pytest.mark.parametrize("side", SIDES)
def test_vignetting(side, drop):
    assert_framed_like_pages(lambda d: hard.with_vignetting(d, side, drop), side)


@pytest.mark.parametrize("ink", [120, 190, 215])
@pytest.mark.parametrize("side", SIDES)
def test_round_black_corners_beside_pale_ink(side, ink):
    assert_framed_like_pages(lambda d: hard.with_round_corners(d, side, ink), side)


@pytest.mark.parametrize("beyond", [120, 180])
@pytest.mark.parametrize("width", [0.05, 0.15, 0.25])
@pytest.mark.parametrize("side", [64, 150, 300])
def test_the_edge_of_the_sheet(side, width, beyond):
    assert_framed_like_pages(
        lambda d: hard.beside_an_edge(d, side, beyond, width), side, height=0.45
    )


@pytest.mark.parametrize("texture", [3, 6, 10])
@pytest.mark.parametrize("side", [120, 240])
def test_rough_ruled_paper_in_uneven_light(side, texture):
    assert_framed_like_pages(
        lambda d: hard.on_rough_ruled_paper(d, side, texture), side, height=0.45
    )


@pytest.mark.parametrize(("line", "ink"), [(60, 60), (120, 60), (40, 110), (90, 140)])
@pytest.mark.parametrize("thickness", [2, 5, 7, 14])
def test_a_box_to_write_in(thickness, line, ink):
    assert_framed_like_pages(
        lambda d: hard.in_a_box(d, 240, thickness, line, ink), 240, height=0.4
    )


@pytest.mark.parametrize(("side", "thickness"), [(80, 2), (600, 12)])
def test_boxes_in_small_and_large_pictures(side, thickness):
    assert_framed_like_pages(
        lambda d: hard.in_a_box(d, side, thickness), side, height=0.4
    )


@pytest.mark.parametrize("thickness", [2, 4, 6, 8, 10, 14])
def test_ruled_lines_of_every_thickness(thickness):
    assert_framed_like_pages(lambda d: hard.on_ruled_lines(d, 240, thickness), 240)


@pytest.mark.parametrize("gap", [3, 6, 9])
def test_a_pen_that_skips(gap):
    assert_framed_like_pages(
        lambda d: hard.with_skipping_pen(d, 240, gap), 240, pen=0.08
    )


@pytest.mark.parametrize("gap", [5, 10, 14, 17, 20])
@pytest.mark.parametrize("width", [5, 9])
def test_strokes_that_are_apart_stay_together(gap, width):
    pictures = [
        hard.open_four(240, gap, width),
        hard.seven_with_bar_apart(240, gap, width),
    ]
    for framed in frame(*pictures):
        # Both strokes: the 4 is broad where its right stroke alone is a line.
        assert np.ptp(np.flatnonzero(framed.any(axis=0))) >= 8


@pytest.mark.parametrize("side", [20, 28, 40, 63, 64, 100, 200])
@pytest.mark.parametrize("aspect", [0.6, 0.8, 1])
def test_a_zero_that_fills_its_crop(side, aspect):
    (framed,) = frame(hard.squarish_zero(side, aspect))
    assert framed[12:16, 13:15].max() < 128 < framed[13:15].max()


def test_large_photos():
    pages = frame(*(hard.page(digit, 240) for digit in (2, 5)))
    photos = frame(*(hard.large_photo(digit) for digit in (2, 5)))
    assert all(map(lambda *pair: difference(*pair) < 0.1, photos, pages))
