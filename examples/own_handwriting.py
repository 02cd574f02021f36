"""
Own handwriting
===============

A network that reads 98 % of MNIST misreads the digit on one's own desk, for a simple
reason: it has only ever seen bright ink on black, scaled and centred in one certain
way. Bring a photo into that frame, and it is a digit like any other.
"""

# %%
# Ten digits as one might photograph them: dark ink on paper of some colour, each in a
# place and of a size of its own, under a lamp that lights one side. Here they are drawn
# by Pillow, so that the example needs no files; paths of photos do as well.

import numpy as np
from PIL import Image, ImageDraw

from sk_mnist import DigitGridDisplay


def arc(x, y, width, height, start, stop):
    """Points on an ellipse about (x, y), from one angle to another, in degrees."""
    angles = np.deg2rad(np.linspace(start, stop, 24))
    return [(x + width * np.cos(a), y + height * np.sin(a)) for a in angles]


# Strokes in a square of side 1, y downwards.
STROKES = {
    0: [arc(0.5, 0.5, 0.3, 0.45, -80, 280)],
    1: [[(0.4, 0.2), (0.55, 0.05), (0.5, 0.95)]],
    2: [[*arc(0.5, 0.3, 0.28, 0.25, -170, 45), (0.22, 0.93), (0.8, 0.9)]],
    3: [
        [*arc(0.45, 0.28, 0.28, 0.22, -150, 85), *arc(0.45, 0.72, 0.3, 0.24, -80, 150)]
    ],
    4: [[(0.4, 0.05), (0.2, 0.55), (0.8, 0.52)], [(0.65, 0.3), (0.6, 0.97)]],
    5: [
        [(0.75, 0.06), (0.35, 0.08), (0.3, 0.45)],
        arc(0.42, 0.67, 0.3, 0.27, -110, 140),
    ],
    6: [[(0.65, 0.05), (0.35, 0.4), *arc(0.47, 0.7, 0.23, 0.25, -160, 190)]],
    7: [[(0.2, 0.1), (0.8, 0.08), (0.45, 0.95)]],
    8: [arc(0.5, 0.27, 0.22, 0.22, 90, 450), arc(0.5, 0.73, 0.27, 0.24, -90, 270)],
    9: [[*arc(0.5, 0.3, 0.24, 0.25, 0, 360), (0.74, 0.35), (0.6, 0.95)]],
}


def photograph(digit, rng):
    """Draw a digit on paper, somewhere, and let a lamp shine on one side of it."""
    width, height = rng.integers(180, 320, size=2)
    side = rng.uniform(0.3, 0.7) * min(width, height)
    left, top = rng.uniform(0.1, 0.9, 2) * (width - side, height - side)
    paper = tuple(rng.integers(190, 255, 3).tolist())
    photo = Image.new("RGB", (int(width), int(height)), paper)
    pen = ImageDraw.Draw(photo)
    for stroke in STROKES[digit]:
        points = [(left + side * x, top + side * y) for x, y in stroke]
        pen.line(points, fill=(40, 40, 90), width=int(side / 12), joint="curve")
    light = np.linspace(1, rng.uniform(0.5, 0.8), int(width))[:, np.newaxis]
    noise = rng.normal(0, 4, (int(height), int(width), 3))
    return np.clip(np.asarray(photo) * light + noise, 0, 255).astype(np.uint8)


rng = np.random.default_rng(0)
photos = [photograph(digit, rng) for digit in STROKES]
_ = DigitGridDisplay.from_images(photos, n_columns=5)

# %%
# One pipeline for everything: `make_digit_reader` frames, normalises and reads. It is
# fitted on the sample digits here, deformed at random so that it learns other hands
# too, and reads the photos as they are. A network trained on MNIST is surer of them:
# this one has seen no more than 1,797 small digits, of thirteen writers.

from sk_mnist import ElasticDeformation, load_sample_digits, make_digit_reader

X, y = load_sample_digits(return_X_y=True)
reader = make_digit_reader(
    "fast", epochs=60, augmentation=ElasticDeformation(), random_state=0
)
reader.fit(X, y)
y_true = np.array(list(STROKES))
_ = DigitGridDisplay.from_predictions(
    photos,
    y_true,
    reader.predict(photos),
    reader.predict_proba(photos),
    which="first",
    n_columns=5,
)

# %%
# What the network saw: the first step of the pipeline shows it. When a digit is
# misread, this is the picture to look at first.

framed = reader["frame"].transform(photos)
_ = DigitGridDisplay.from_images(framed, y_true, n_columns=5)

# %%
# And what it would have seen had the photos merely been made grey, inverted and resized
# to 28 x 28, as most programs do it.

resized = np.stack(
    [
        255 - np.asarray(Image.fromarray(photo).convert("L").resize((28, 28)))
        for photo in photos
    ]
)
pixels = resized.reshape(len(photos), -1)
without_framing = reader[1:]
_ = DigitGridDisplay.from_predictions(
    pixels,
    y_true,
    without_framing.predict(pixels),
    without_framing.predict_proba(pixels),
    which="first",
    n_columns=5,
)
print(
    f"right with framing: {np.sum(reader.predict(photos) == y_true)} of 10, "
    f"resized only: {np.sum(without_framing.predict(pixels) == y_true)} of 10"
)
