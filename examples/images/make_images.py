"""Draw the three pictures beside this file: a photo, a scan and a drawing of a digit.

They stand in for pictures of one's own when the command is tried for the first time:
``python examples/images/make_images.py`` makes them again, to the bit.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy.interpolate import make_interp_spline

FOLDER = Path(__file__).parent

# Points that a pen passes, from left (0) to right (1) and from top (0) to bottom (1).
TWO = [(0.26, 0.3), (0.4, 0.14), (0.62, 0.2), (0.66, 0.38), (0.5, 0.6), (0.28, 0.82)]
TWO += [(0.36, 0.78), (0.52, 0.86), (0.74, 0.8)]
FIVE = [(0.7, 0.16), (0.52, 0.18), (0.4, 0.2), (0.36, 0.44), (0.52, 0.42), (0.68, 0.56)]
FIVE += [(0.62, 0.78), (0.44, 0.86), (0.28, 0.78)]
SEVEN = [
    (0.24, 0.22),
    (0.44, 0.2),
    (0.72, 0.18),
    (0.62, 0.38),
    (0.5, 0.6),
    (0.44, 0.86),
]


def draw_stroke(points, size, width, random):
    """Draw a stroke of uneven width as an image of 0 (paper) to 1 (ink)."""
    t = np.linspace(0, 1, len(points))
    along = np.linspace(0, 1, 600)
    x, y = make_interp_spline(t, points, k=3)(along).T * size
    pressure = 1 + 0.2 * np.interp(along, np.linspace(0, 1, 8), random.normal(size=8))
    image = Image.new("L", (size, size))
    pen = ImageDraw.Draw(image)
    for cx, cy, radius in zip(x, y, pressure * width / 2, strict=True):
        pen.ellipse((cx - radius, cy - radius, cx + radius, cy + radius), fill=255)
    smooth = image.filter(ImageFilter.GaussianBlur(size / 400))
    return np.asarray(smooth, float) / 255


def make_photo(random):
    """A pen on warm paper, lit from one side, as a phone held upright stores it."""
    size = 720
    ink = draw_stroke(TWO, size, 26, random)[..., np.newaxis]
    y, x = np.mgrid[0 : 1 : size * 1j, 0 : 1 : size * 1j]
    light = (0.62 + 0.36 * (1 - 0.6 * x - 0.3 * y))[..., np.newaxis]
    paper, blue = np.array([250, 240, 222.0]), np.array([38, 52, 120.0])
    photo = light * (paper + ink * (blue - paper))
    photo += random.normal(scale=5, size=(size, size, 1))
    upright = Image.fromarray(photo.clip(0, 255).astype(np.uint8))
    exif = upright.getexif()
    exif[0x0112] = 6  # orientation: to be turned clockwise by 90 degrees
    stored = upright.transpose(Image.Transpose.ROTATE_90)
    stored.save(FOLDER / "2-photo.jpg", quality=70, exif=exif)


def make_scan(random):
    """A pencil on squared paper, in gray."""
    size = 300
    pencil = draw_stroke(FIVE, size, 9, random) * random.uniform(0.7, 1, (size, size))
    scan = 244 - 175 * pencil
    scan[18::50] -= 22
    scan[:, 31::50] -= 22
    scan += random.normal(scale=1, size=(size, size))
    gray = Image.fromarray(scan.clip(0, 255).astype(np.uint8))
    gray.quantize(8).save(FOLDER / "5-scan.png", optimize=True)


def make_drawing(random):
    """A finger on a dark screen."""
    ink = draw_stroke(SEVEN, 320, 24, random)
    image = Image.fromarray((30 + 215 * ink).astype(np.uint8))
    image.save(FOLDER / "7-drawing.png", optimize=True)


if __name__ == "__main__":
    for make in (make_photo, make_scan, make_drawing):
        make(np.random.default_rng(0))
