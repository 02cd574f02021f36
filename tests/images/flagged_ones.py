"""The digit 1 as most of Europe and South America writes it: with a flag."""

import numpy as np
from PIL import Image, ImageDraw

HEIGHT = 160  # of the stem, in pixels
FLAG_LENGTHS = np.linspace(0, 110, 8)  # in pixels
ANGLES = (35, 55)  # between flag and stem, in degrees
PENS = (9, 18)  # their widths, in pixels


def flagged_one(flag_length: float, angle: float, pen: int) -> Image.Image:
    """A 1 on white paper; without a flag if its length is 0."""
    paper = Image.new("L", (320, 320), 255)
    top, foot = (190, 80), (186, 80 + HEIGHT)
    slope = np.deg2rad(angle)
    flag = (
        top[0] - flag_length * np.sin(slope),
        top[1] + flag_length * np.cos(slope),
    )
    points = [flag, top, foot] if flag_length else [top, foot]
    draw = ImageDraw.Draw(paper)
    draw.line(points, fill=20, width=pen, joint="curve")
    for x, y in points:  # round ends
        radius = pen / 2
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=20)
    return paper


def flagged_ones() -> list[Image.Image]:
    """One of each length, angle and pen: 32 pictures."""
    return [
        flagged_one(length, angle, pen)
        for length in FLAG_LENGTHS
        for angle in ANGLES
        for pen in PENS
    ]
