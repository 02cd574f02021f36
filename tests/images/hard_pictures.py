"""Pictures of digits that are hard to frame: small, in bad light, among other things.

Each function draws one digit on gray paper of `side` x `side` pixels, by way of
:func:`photographs.drawn_digit`.
"""

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from images import photographs as camera


def page(digit, side, ink=50, paper=225, height=0.55, pen=0.1):
    """The digit alone, in the middle: what all others are compared with."""
    drawn = camera.drawn_digit(digit, round(height * side), pen)
    sheet = Image.new("L", (side, side), paper)
    sheet.paste(ink, ((side - drawn.width) // 2, (side - drawn.height) // 2), drawn)
    return sheet


def distances_from_center(side):
    """0 in the middle, 1 in the corners."""
    rows, columns = np.mgrid[:side, :side] / (side - 1) - 0.5
    return np.sqrt(2 * (rows**2 + columns**2))


def as_image(pixels):
    return Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))


def in_falling_light(digit, side, lightest=210, darkest=150):
    """Light that falls off from left to right on the paper, not on the ink."""
    covered = np.asarray(page(digit, side, ink=255, paper=0)) / 255
    light = np.linspace(lightest, darkest, side)
    return as_image(light * (1 - covered) + 50 * covered)


def with_noise(digit, side, deviation=8):
    noise = np.random.default_rng(digit).normal(0, deviation, (side, side))
    return as_image(np.asarray(page(digit, side, paper=200)) + noise)


def with_bright_pixel(digit, side):
    sheet = page(digit, side, paper=190)
    sheet.putpixel((side - 1, 0), 255)
    return sheet


def with_vignetting(digit, side, drop=30):
    """Corners that are darker than the middle by `drop` of 255 levels."""
    shade = drop * distances_from_center(side) ** 2
    return as_image(np.asarray(page(digit, side, ink=130)) - shade)


def with_round_corners(digit, side, ink=190):
    """A screenshot: pale ink, and black where its corners are round."""
    mask = Image.new("L", (side, side))
    corners = (0, 0, side - 1, side - 1)
    ImageDraw.Draw(mask).rounded_rectangle(corners, side // 12, fill=255)
    sheet = page(digit, side, ink=ink, paper=245)
    return Image.composite(sheet, Image.new("L", (side, side)), mask)


def beside_an_edge(digit, side, beyond=120, width=0.15):
    """The edge of the sheet, a little tilted, and the table beyond it."""
    pixels = np.array(page(digit, side, height=0.45))
    rows, columns = np.mgrid[:side, :side]
    pixels[columns + rows / 20 < width * side] = beyond
    return Image.fromarray(pixels)


def on_rough_ruled_paper(digit, side, texture=6):
    rough = np.random.default_rng(digit).normal(0, 1, (side, side))
    rough = gaussian_filter(rough, 1.5)
    light = camera.gradient((side, side), 0.6, 0.7)
    sheet = camera.ruled(
        page(digit, side, height=0.45).convert("RGB"),
        spacing=side // 6,
        thickness=max(1, side // 150),
        tilt=1,
    )
    pixels = np.asarray(camera.shaded(sheet, light).convert("L"))
    return as_image(pixels + rough * texture / rough.std())


def in_a_box(digit, side, thickness=7, line=60, ink=60):
    sheet = page(digit, side, ink=ink, height=0.4)
    margin = round(0.18 * side)
    box = (margin, margin, side - margin, side - margin)
    ImageDraw.Draw(sheet).rectangle(box, outline=line, width=thickness)
    return sheet


def on_ruled_lines(digit, side, thickness=14):
    """A page from close up: few lines, as thick as the pen's."""
    sheet = page(digit, side).convert("RGB")
    gray = (140, 140, 140)
    return camera.ruled(sheet, spacing=side * 2 // 5, color=gray, thickness=thickness)


def with_skipping_pen(digit, side, gap=6):
    """The pen left two gaps, each from side to side."""
    sheet = page(digit, side, pen=0.08)
    for top in (0.36, 0.6):
        strip = (0, round(top * side), side, round(top * side) + gap - 1)
        ImageDraw.Draw(sheet).rectangle(strip, fill=225)
    return sheet


def large_photo(digit, size=(4000, 3000)):
    sheet = Image.new("L", size, 225)
    sheet.paste(50, (1500, 900), camera.drawn_digit(digit, 900))
    return sheet


def squarish_zero(side, aspect, stroke=0.15):
    """A 0 that fills its tight crop, whose corners alone are free."""
    detail = 4
    height, width = side * detail, round(side * aspect) * detail
    down, across = np.mgrid[:height, :width]
    down, across = (
        np.abs(2 * (axis + 0.5) / length - 1)
        for axis, length in ((down, height), (across, width))
    )
    inner = stroke * 2, stroke * 2 / aspect
    outside = down**4 + across**4 > 1
    inside = (down / (1 - inner[0])) ** 4 + (across / (1 - inner[1])) ** 4 < 1
    return as_image(np.where(outside | inside, 225, 40)).reduce(detail)


def open_four(side, gap, width):
    """A 4 whose two strokes are apart by `gap` pixels."""
    middle = 0.62 * side
    strokes = [
        [(0.36 * side, 0.2 * side), (0.3 * side, 0.55 * side), (middle, 0.52 * side)],
        [(middle + gap + width, 0.3 * side), (middle + gap + width, 0.8 * side)],
    ]
    return _drawn(strokes, side, width)


def seven_with_bar_apart(side, gap, width):
    right, top = 0.66 * side, 0.24 * side
    below = top + gap + width
    strokes = [
        [(0.3 * side, top), (right, top)],
        [(right, below), (0.5 * side, 0.8 * side)],
    ]
    return _drawn(strokes, side, width)


def _drawn(strokes, side, width):
    sheet = Image.new("L", (side, side), 225)
    for stroke in strokes:
        ImageDraw.Draw(sheet).line(stroke, fill=50, width=width, joint="curve")
    return sheet
