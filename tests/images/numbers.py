"""Photographs of numbers, made up for the tests and the benchmarks.

Each is two to six MNIST digits side by side, at random distances, sizes and slants, on
paper as in :mod:`images.photographs`.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops

from images import photographs as camera


@dataclass(frozen=True)
class NumberPhotograph:
    """A made-up photograph of a number: which digits it shows, and their boxes."""

    image: Image.Image
    indices: list[int]
    boxes: list[tuple[int, int, int, int]]


def _slanted(digit: np.ndarray, height: int, slant: float) -> Image.Image:
    """The ink of an MNIST image, its top moved to the right by `slant` heights."""
    ink = camera.enlarged(digit, height)
    room = int(abs(slant) * height) + 1
    wide = Image.new("L", (ink.width + 2 * room, height))
    wide.paste(ink, (room, 0))
    shear = (1, slant, -slant * height / 2, 0, 1, 0)
    slanted = wide.transform(
        wide.size, Image.Transform.AFFINE, shear, Image.Resampling.BICUBIC
    )
    return slanted.crop(slanted.getbbox())


def first_contact(left: np.ndarray, right: np.ndarray) -> int:
    """Column of `left` at which `right`, moved to the left, first touches its ink."""
    ends = np.where(left.any(1), left.shape[1] - left[:, ::-1].argmax(1), -9999)
    starts = np.where(right.any(1), right.argmax(1), 9999)
    return int(np.max(ends - starts))


def number_ink(
    digits: list[np.ndarray], rng: np.random.Generator, height: int, *, touching: bool
) -> tuple[Image.Image, list[tuple[int, int, int, int]]]:
    """The ink of a number, and the boxes of its digits."""
    slant = rng.uniform(-0.2, 0.2)
    room = len(digits) * 2 * height
    ink = Image.new("L", (room, 2 * height))
    boxes = []
    right = height // 2
    for digit in digits:
        drawn = _slanted(
            digit, round(height * rng.uniform(0.8, 1.2)), slant + rng.uniform(-0.1, 0.1)
        )
        top = height - drawn.height // 2 + round(height * rng.uniform(-0.08, 0.08))
        left = right + round(height * rng.uniform(0.08, 0.6))
        if touching and boxes:
            before = np.asarray(ink)[top : top + drawn.height] > 127
            contact = first_contact(before, np.asarray(drawn) > 127)
            left = contact - round(height * rng.uniform(0, 0.06))
        layer = Image.new("L", ink.size)
        layer.paste(drawn, (left, top))
        ink = ImageChops.lighter(ink, layer)
        boxes.append((left, top, left + drawn.width, top + drawn.height))
        right = left + drawn.width
    corner = ink.getbbox()
    moved = [tuple(edge - corner[k % 2] for k, edge in enumerate(box)) for box in boxes]
    return ink.crop(corner), moved


def number_photograph(
    digits: np.ndarray, rng: np.random.Generator, *, touching: bool = False
) -> NumberPhotograph:
    """One photograph of a number of 2 to 6 digits, each chosen at random."""
    indices = rng.integers(len(digits), size=rng.integers(2, 7)).tolist()
    height = round(float(np.exp(rng.uniform(np.log(28), np.log(160)))))
    ink, boxes = number_ink(
        [digits[index] for index in indices], rng, height, touching=touching
    )
    margins = (height * rng.uniform(0.2, 1.5, 4)).astype(int).tolist()
    left, top, right, bottom = margins
    size = left + ink.width + right, top + ink.height + bottom
    image = camera.taken(ink, rng, size, (left, top), height)
    boxes = [(a + left, b + top, c + left, d + top) for a, b, c, d in boxes]
    return NumberPhotograph(image, indices, boxes)


def number_photographs(
    digits: np.ndarray, n_photographs: int = 1000, seed: int = 0, **how: bool
) -> list[NumberPhotograph]:
    """Photographs of numbers, the same for the same seed."""
    rng = np.random.default_rng(seed)
    return [number_photograph(digits, rng, **how) for _ in range(n_photographs)]
