"""Photographs, scans and screenshots of digits, made up for the tests.

Each is a digit's ink laid on a ground and then put through what a camera or a scanner
does to it: shadow, blur, noise, JPEG compression. The ink is that of an MNIST image or
that of :func:`drawn_digit`, whose strokes are written below.
"""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

# Strokes of each digit in a box one unit wide and high, y downwards.
STROKES = {
    0: [[(0.5, 0.02), (0.2, 0.2), (0.12, 0.55), (0.3, 0.93), (0.6, 0.97),
         (0.85, 0.7), (0.84, 0.3), (0.65, 0.05), (0.45, 0.02)]],
    1: [[(0.35, 0.2), (0.55, 0.03), (0.5, 0.97)]],
    2: [[(0.18, 0.25), (0.35, 0.05), (0.65, 0.05), (0.8, 0.25), (0.65, 0.5),
         (0.2, 0.93), (0.5, 0.9), (0.88, 0.93)]],
    3: [[(0.2, 0.1), (0.5, 0.02), (0.78, 0.17), (0.7, 0.38), (0.42, 0.47),
         (0.75, 0.56), (0.85, 0.76), (0.6, 0.96), (0.2, 0.9)]],
    4: [[(0.35, 0.05), (0.12, 0.6), (0.5, 0.62), (0.92, 0.58)],
        [(0.72, 0.2), (0.66, 0.98)]],
    5: [[(0.3, 0.08), (0.25, 0.45), (0.55, 0.4), (0.8, 0.55), (0.8, 0.8),
         (0.55, 0.96), (0.18, 0.9)], [(0.3, 0.08), (0.85, 0.05)]],
    6: [[(0.7, 0.03), (0.35, 0.3), (0.18, 0.65), (0.3, 0.92), (0.6, 0.96),
         (0.8, 0.75), (0.65, 0.55), (0.35, 0.57), (0.2, 0.72)]],
    7: [[(0.12, 0.1), (0.5, 0.08), (0.88, 0.05), (0.6, 0.45), (0.42, 0.98)]],
    8: [[(0.75, 0.12), (0.45, 0.03), (0.22, 0.2), (0.4, 0.42), (0.72, 0.62),
         (0.75, 0.85), (0.5, 0.97), (0.25, 0.85), (0.3, 0.62), (0.65, 0.38),
         (0.78, 0.2), (0.72, 0.1)]],
    9: [[(0.8, 0.2), (0.55, 0.03), (0.25, 0.15), (0.22, 0.4), (0.5, 0.5),
         (0.78, 0.3), (0.8, 0.15), (0.76, 0.6), (0.6, 0.97)]],
}  # fmt: skip

WHITE = (255, 255, 255)


def drawn_digit(digit: int, height: int = 200, pen: float = 0.1) -> Image.Image:
    """The ink of a digit drawn with a round pen: 255 is ink, 0 none.

    `pen` is the pen's width as a part of the height.
    """
    detail = 4
    radius = pen * height / 2
    side = round(height + 2 * radius) + 2
    large = Image.new("L", (side * detail, side * detail))
    draw = ImageDraw.Draw(large)
    for stroke in STROKES[digit]:
        points = np.array(stroke) * height + radius + 1
        lengths = np.hypot(*np.diff(points, axis=0).T)
        along = np.concatenate([[0], np.cumsum(lengths)])
        for position in np.arange(0, along[-1], max(radius / 4, 0.25)):
            x, y = (np.interp(position, along, axis) for axis in points.T)
            draw.ellipse(
                [(c + s * radius) * detail for s in (-1, 1) for c in (x, y)], fill=255
            )
    ink = large.reduce(detail)
    return ink.crop(ink.getbbox())


def enlarged(digit: np.ndarray, height: int) -> Image.Image:
    """The ink of an MNIST image, as sharp as a pen's at this height."""
    ink = Image.fromarray(np.asarray(digit, np.uint8).reshape(28, 28))
    ink = ink.crop(ink.getbbox())
    width = max(1, round(ink.width * height / ink.height))
    soft = ink.resize((width, height), Image.Resampling.BICUBIC)
    sharpness = max(1.0, height / 28)
    return soft.point(lambda value: int(127.5 + sharpness * (value - 127.5)))


def on_paper(
    ink: Image.Image,
    size: tuple[int, int],
    place: tuple[int, int],
    *,
    ink_color: tuple[int, int, int] = (30, 30, 60),
    paper_color: tuple[int, int, int] = WHITE,
) -> Image.Image:
    """Ink on plain paper of `size` (width, height), its top left corner at `place`."""
    paper = Image.new("RGB", size, paper_color)
    paper.paste(Image.new("RGB", ink.size, ink_color), place, ink)
    return paper


def ruled(
    photograph: Image.Image,
    *,
    spacing: int,
    color: tuple[int, int, int] = (120, 150, 210),
    thickness: int = 1,
    tilt: float = 0.0,
    squared: bool = False,
) -> Image.Image:
    """Rules across the whole paper under the ink; `tilt` is in degrees."""
    rules = Image.new("RGB", photograph.size, WHITE)
    draw = ImageDraw.Draw(rules)
    width, height = photograph.size
    rise = np.tan(np.deg2rad(tilt))
    for y in range(spacing // 2, height + spacing, spacing):
        draw.line([(0, y), (width, y - rise * width)], color, thickness)
    for x in range(spacing // 2, width + spacing, spacing) if squared else ():
        draw.line([(x, 0), (x + rise * height, height)], color, thickness)
    return ImageChops.multiply(photograph, rules)


def shaded(photograph: Image.Image, shade: np.ndarray) -> Image.Image:
    """The photograph under uneven light: each pixel times its shade, in [0, 1]."""
    pixels = np.asarray(photograph, np.float32) * shade[..., np.newaxis]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def gradient(size: tuple[int, int], darkest: float, angle: float) -> np.ndarray:
    """Light falling off evenly from 1 to `darkest` in the direction of `angle`."""
    width, height = size
    y, x = np.mgrid[:height, :width]
    along = np.cos(angle) * x + np.sin(angle) * y
    along = (along - along.min()) / max(np.ptp(along), 1)
    return 1 - (1 - darkest) * along


def cast_shadow(
    size: tuple[int, int], darkness: float, angle: float, position: float
) -> np.ndarray:
    """The soft-edged shadow of a hand or a phone, from `position` of the way on."""
    along = 1 - gradient(size, 0.0, angle)
    return 1 - darkness / (1 + np.exp(-(along - position) * 40))


def noisy(
    photograph: Image.Image, amount: float, rng: np.random.Generator
) -> Image.Image:
    """A camera's noise: normal, of standard deviation `amount` (of 255)."""
    pixels = np.asarray(photograph, np.float32)
    pixels = pixels + rng.normal(0, amount, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def specked(
    photograph: Image.Image, n_specks: int, rng: np.random.Generator
) -> Image.Image:
    """Dust: gray dots of a hundredth of the picture's width at most."""
    specked = photograph.copy()
    draw = ImageDraw.Draw(specked)
    for _ in range(n_specks):
        x, y = rng.uniform((0, 0), photograph.size)
        radius = rng.uniform(0.2, 0.005 * photograph.width + 0.3)
        gray = int(rng.integers(60, 200))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), (gray,) * 3)
    return specked


def compressed(photograph: Image.Image, quality: int) -> Image.Image:
    """The photograph as JPEG leaves it."""
    file = BytesIO()
    photograph.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def _luminance(color: np.ndarray) -> float:
    return float(color @ (0.299, 0.587, 0.114))


def _colors(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Ink and paper that a person tells apart at a glance: 90 of 255 in luminance."""
    while True:
        paper = rng.integers(120, 256) + rng.integers(-40, 41, 3)
        ink = rng.integers(0, 120) + rng.integers(-50, 51, 3)
        ink, paper = np.clip(ink, 0, 255), np.clip(paper, 0, 255)
        if _luminance(paper) - _luminance(ink) >= 90:
            # A quarter is chalk on a board.
            return (ink, paper) if rng.random() < 0.75 else (paper, ink)


def taken(
    ink: Image.Image,
    rng: np.random.Generator,
    size: tuple[int, int],
    place: tuple[int, int],
    tall: int,
) -> Image.Image:
    """A photograph of ink on paper; `tall` is the height of a digit in pixels."""
    ink_color, paper_color = _colors(rng)
    photo = on_paper(
        ink,
        size,
        place,
        ink_color=tuple(ink_color.tolist()),
        paper_color=tuple(paper_color.tolist()),
    )
    if rng.random() < 0.35:
        photo = ruled(
            photo,
            spacing=int(rng.integers(max(12, tall // 4), tall + 13)),
            color=tuple(int(c) for c in rng.integers(110, 230, 3)),
            thickness=int(rng.integers(1, 3)),
            tilt=rng.uniform(-3, 3),
            squared=rng.random() < 0.3,
        )
    photo = specked(photo, int(rng.integers(0, 12)), rng)
    angle = rng.uniform(0, 2 * np.pi)
    photo = shaded(photo, gradient(size, rng.uniform(0.4, 1), angle))
    if rng.random() < 0.3:
        angle, position = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.8)
        shadow = cast_shadow(size, rng.uniform(0.1, 0.5), angle, position)
        photo = shaded(photo, shadow)
    photo = photo.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.2)))
    photo = noisy(photo, rng.uniform(0, 12), rng)
    return compressed(photo, int(rng.integers(40, 96)))


@dataclass(frozen=True)
class Photograph:
    """A made-up photograph, and which of the digits it shows."""

    image: Image.Image
    index: int


def photograph(
    digit: np.ndarray, rng: np.random.Generator, index: int = 0
) -> Photograph:
    """One photograph of an MNIST digit, everything about it drawn at random."""
    size = width, height = tuple(rng.integers(120, 480, 2).tolist())
    tall = int(rng.uniform(0.2, 0.9) * min(size))
    ink = enlarged(digit, tall)
    ink = ink.rotate(rng.uniform(-8, 8), Image.Resampling.BICUBIC, expand=True)
    ink.thumbnail((width - 2, height - 2))
    place = tuple(
        int(rng.integers(0, room + 1))
        for room in (width - ink.width, height - ink.height)
    )
    return Photograph(taken(ink, rng, size, place, tall), index)


def photographs(
    digits: np.ndarray, n_photographs: int = 1000, seed: int = 0
) -> list[Photograph]:
    """Photographs of randomly chosen digits, the same for the same seed."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(digits), n_photographs, replace=False)
    return [photograph(digits[index], rng, int(index)) for index in chosen]
