"""Which digits are found in an image of several, where, and in which order."""

import time
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from images import hard_pictures, numbers
from images import photographs as camera
from sk_mnist import find_digits


def sheet_of(*rows, height=100, gap=40, inks=None):
    """Rows of digits, and the boxes in which they are drawn."""
    sheet = Image.new("L", (800, 60 + len(rows) * 160), 225)
    boxes = []
    for line, row in enumerate(rows):
        left, top = 50, 40 + 160 * line
        for digit, ink in zip(row, inks or [40] * len(row), strict=True):
            drawn = camera.drawn_digit(int(digit), height)
            sheet.paste(ink, (left, top), drawn)
            boxes.append((left, top, left + drawn.width, top + drawn.height))
            left += drawn.width + gap
    return sheet, boxes


def test_digits_are_found_line_by_line_where_they_stand():
    sheet, boxes = sheet_of("2026", "174")
    found = find_digits(sheet)
    assert [digit.line for digit in found] == [0] * 4 + [1] * 3
    np.testing.assert_allclose([digit.box for digit in found], boxes, atol=3)


def test_boxes_are_in_pixels_of_the_image_that_was_given():
    sheet, boxes = sheet_of("2026")
    large = sheet.resize((4 * sheet.width, 4 * sheet.height))
    file = BytesIO()
    large.save(file, "JPEG")
    file.seek(0)
    for source in (large, np.asarray(large), file):
        found = [digit.box for digit in find_digits(source)]
        np.testing.assert_allclose(found, 4 * np.array(boxes), atol=12)


@pytest.mark.parametrize("gap", [5, 9, 13])
def test_strokes_of_one_digit_stay_together(gap):
    for picture in (
        hard_pictures.open_four(200, gap, 10),
        hard_pictures.seven_with_bar_apart(200, gap, 10),
        hard_pictures.with_skipping_pen(8, 200, gap=4),
    ):
        assert len(find_digits(picture)) == 1


@pytest.mark.parametrize("gap", [8, 13, 20])
def test_the_bar_of_a_5_stays_out_of_the_digit_beside_it(gap):
    paper = Image.new("L", (330, 220), 225)
    pen = ImageDraw.Draw(paper)
    pen.line([(66, 66), (60, 110), (95, 125), (40, 160)], 40, 9, joint="curve")
    pen.line([(88, 62), (140, 58)], 40, 9)
    pen.ellipse((145 + gap, 60, 260 + gap, 165), outline=40, width=9)
    assert [digit.box[2] for digit in find_digits(paper)] == [
        pytest.approx(140, abs=4),
        pytest.approx(260 + gap, abs=4),
    ]


@pytest.mark.parametrize("ink", [60, 120, 165, 180])
def test_faint_digits_beside_strong_ones_are_found(ink):
    sheet, boxes = sheet_of("2026", inks=(40, ink, 40, ink))
    found = [digit.box for digit in find_digits(sheet)]
    np.testing.assert_allclose(found, boxes, atol=5)


@pytest.mark.parametrize("tallness", [1.04, 1.2, 1.4])
def test_a_tall_1_that_touches_the_edge_of_a_tight_crop_is_found(tallness):
    sheet, boxes = sheet_of("2026")
    one = camera.drawn_digit(1, round(100 * tallness))
    left, bottom = boxes[-1][2] + 40, boxes[-1][3]
    top = bottom - one.height
    sheet.paste(40, (left, top), one)
    tight = sheet.crop((10, top, left + one.width + 40, bottom + 40))
    assert len(find_digits(tight)) == 5


@pytest.mark.parametrize("corner", ["top", "bottom"])
def test_a_shadow_from_a_corner_along_the_side_is_no_digit(corner):
    sheet, boxes = sheet_of("6")
    sheet = sheet.crop((0, 0, 260, 220))
    edges = (240, 0, 260, 100) if corner == "top" else (240, 120, 260, 220)
    ImageDraw.Draw(sheet).rectangle(edges, fill=90)
    (found,) = find_digits(sheet)
    np.testing.assert_allclose(found.box, boxes[0], atol=3)


@pytest.mark.parametrize("gap", [4, 9, 14])
def test_halves_of_digits_across_which_the_pen_skipped_are_one(gap):
    sheet, boxes = sheet_of("2186")
    for left, _, right, _ in boxes[1:3]:
        ImageDraw.Draw(sheet).rectangle((left, 88, right, 88 + gap - 1), fill=225)
    assert len(find_digits(sheet)) == 4


def test_a_file_that_cannot_be_read_is_named():
    with pytest.raises(FileNotFoundError, match=r"zip-code\.png: no such file"):
        find_digits("zip-code.png")


@pytest.mark.parametrize("orientation", [0, 9])
def test_boxes_are_right_where_the_orientation_is_none_of_exifs(orientation):
    sheet, _ = sheet_of("7")
    boxes = [digit.box for digit in find_digits(sheet)]
    sheet.getexif()[0x0112] = orientation
    assert [digit.box for digit in find_digits(sheet)] == boxes


def test_an_empty_image_is_an_error():
    with pytest.raises(ValueError, match="no digit found"):
        find_digits(np.full((50, 80), 200, np.uint8))


def test_digits_of_photographs_are_counted(sample_digits):
    made = numbers.number_photographs(sample_digits.images, 40)
    counted = [len(find_digits(p.image)) == len(p.indices) for p in made]
    assert np.mean(counted) >= 0.9


def test_an_image_of_thousands_of_specks_takes_seconds():
    specks = np.random.default_rng(0).integers(0, 255, (1500, 2000), dtype=np.uint8)
    start = time.process_time()
    find_digits(specks)
    assert time.process_time() - start < 15  # comparing all pairs took 28
