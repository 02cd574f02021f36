"""Pictures that show no digit: letters, scribbles and dots, drawn on paper."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

# Strokes in a box one unit wide and high, y downwards. Letters that are written as a
# digit is, such as O, I, S, Z, l and q, are left out.
LETTERS = {
    "A": [[(0.0, 1.0), (0.4, 0.0), (0.8, 1.0)], [(0.2, 0.6), (0.65, 0.6)]],
    "C": [[(0.7, 0.15), (0.4, 0.0), (0.05, 0.3), (0.05, 0.7), (0.4, 1.0), (0.7, 0.85)]],
    "E": [[(0.6, 0.0), (0.0, 0.0), (0.0, 1.0), (0.6, 1.0)], [(0.0, 0.5), (0.5, 0.5)]],
    "F": [[(0.6, 0.0), (0.0, 0.0), (0.0, 1.0)], [(0.0, 0.45), (0.5, 0.45)]],
    "H": [[(0.0, 0.0), (0.0, 1.0)], [(0.7, 0.0), (0.7, 1.0)], [(0.0, 0.5), (0.7, 0.5)]],
    "K": [[(0.0, 0.0), (0.0, 1.0)], [(0.6, 0.0), (0.0, 0.55), (0.6, 1.0)]],
    "M": [[(0.0, 1.0), (0.1, 0.0), (0.45, 0.7), (0.8, 0.0), (0.9, 1.0)]],
    "N": [[(0.0, 1.0), (0.0, 0.0), (0.7, 1.0), (0.7, 0.0)]],
    "P": [[(0.0, 1.0), (0.0, 0.0), (0.5, 0.05), (0.55, 0.4), (0.0, 0.5)]],
    "R": [
        [(0.0, 1.0), (0.0, 0.0), (0.5, 0.05), (0.55, 0.4), (0.0, 0.5), (0.6, 1.0)],
    ],
    "T": [[(0.0, 0.0), (0.8, 0.0)], [(0.4, 0.0), (0.4, 1.0)]],
    "U": [[(0.0, 0.0), (0.05, 0.8), (0.35, 1.0), (0.65, 0.8), (0.7, 0.0)]],
    "V": [[(0.0, 0.0), (0.35, 1.0), (0.7, 0.0)]],
    "W": [[(0.0, 0.0), (0.2, 1.0), (0.45, 0.3), (0.7, 1.0), (0.9, 0.0)]],
    "X": [[(0.0, 0.0), (0.7, 1.0)], [(0.7, 0.0), (0.0, 1.0)]],
    "Y": [[(0.0, 0.0), (0.35, 0.5), (0.7, 0.0)], [(0.35, 0.5), (0.35, 1.0)]],
    "a": [
        [(0.6, 0.1), (0.3, 0.0), (0.0, 0.5), (0.25, 1.0), (0.6, 0.7), (0.62, 0.05)],
        [(0.62, 0.05), (0.65, 0.9), (0.8, 1.0)],
    ],
    "h": [
        [(0.0, 0.0), (0.0, 1.0)],
        [(0.0, 0.65), (0.3, 0.45), (0.55, 0.6), (0.55, 1.0)],
    ],
    "k": [[(0.0, 0.0), (0.0, 1.0)], [(0.45, 0.4), (0.0, 0.7), (0.5, 1.0)]],
    "m": [
        [(0.0, 0.2), (0.0, 1.0)],
        [(0.0, 0.4), (0.25, 0.2), (0.4, 0.4), (0.4, 1.0)],
        [(0.4, 0.4), (0.65, 0.2), (0.8, 0.4), (0.8, 1.0)],
    ],
}  # fmt: skip

N_LETTERS, N_SCRIBBLES, N_DOTS = 100, 60, 40
SIZE = 240  # of the pictures, in pixels

Strokes = list[NDArray[np.float64]]


def no_digits(seed: int = 0) -> list[Image.Image]:
    """The 200 pictures, the same for the same seed."""
    rng = np.random.default_rng(seed)
    letters = [list(LETTERS)[n % len(LETTERS)] for n in range(N_LETTERS)]
    drawn = [_letter(letter, rng) for letter in letters]
    drawn += [_scribble(rng) for _ in range(N_SCRIBBLES)]
    drawn += [[np.zeros((1, 2))] for _ in range(N_DOTS)]
    return [_on_paper(strokes, rng) for strokes in drawn]


def _letter(letter: str, rng: np.random.Generator) -> Strokes:
    """A letter whose points a hand puts somewhat elsewhere."""
    return [np.array(s) + rng.normal(0, 0.03, (len(s), 2)) for s in LETTERS[letter]]


def _scribble(rng: np.random.Generator) -> Strokes:
    """A pen that goes back and forth."""
    n_turns = rng.integers(8, 25)
    return [rng.uniform(0, 1, (n_turns, 2))]


def _on_paper(strokes: Strokes, rng: np.random.Generator) -> Image.Image:
    """Draw strokes with a pen on unevenly lit paper, as a camera sees it."""
    paper = Image.new("L", (SIZE, SIZE), int(rng.integers(170, 250)))
    pen = ImageDraw.Draw(paper)
    height, width = rng.uniform(80, 160), int(rng.integers(5, 16))
    ink = int(rng.integers(10, 90))
    corner = rng.uniform(20, SIZE - 20 - height, 2)
    for stroke in strokes:
        points = [tuple(point) for point in corner + height * stroke]
        pen.line(points, fill=ink, width=width, joint="curve")
        for x, y in points:
            pen.ellipse(
                (x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=ink
            )
    light = np.linspace(1, rng.uniform(0.7, 1), SIZE)
    seen = np.asarray(paper.filter(ImageFilter.GaussianBlur(1))) * light
    seen = seen + rng.normal(0, rng.uniform(0, 6), seen.shape)
    return Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8))
