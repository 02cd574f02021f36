"""
Own handwriting
===============

A network that reads 98 % of MNIST often misreads the digits of a photo. It was trained
on bright digits on black, scaled and centered in one way. This example gives photos the
same frame.
"""

# %%
# Ten digits that look like photos: dark ink on colored paper, in different places and
# sizes, under a lamp that lights one side. Pillow draws them, so that the example
# needs no files. The names of your own files work too.

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
    """Draw a digit at a random place on paper that is lit from one side."""
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
# `make_digit_reader` makes a pipeline that frames, normalizes and predicts. Here it is
# trained on the sample digits, deformed at random so that it learns other handwriting
# too. It reads the photos as they are. A network trained on MNIST is more certain: this
# one has seen only 1,797 small digits, by thirteen writers.

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
# The first step of the pipeline shows what the network sees. If a digit is misread, see
# this picture first: above the photos, then the framed digits, then the probability
# of each label. `sk-mnist predict --show` makes such a picture of your own files.

import matplotlib.pyplot as plt

shown = slice(2, 7)
framed = reader["frame"].transform(photos).reshape(-1, 28, 28)
y_proba = reader.predict_proba(photos)
fig, axes = plt.subplots(
    3,
    5,
    figsize=(8, 5),
    sharey="row",
    layout="constrained",
    gridspec_kw={"hspace": 0.1},
)
for above, middle, below, photo, digit, probabilities in zip(
    *axes, photos[shown], framed[shown], y_proba[shown], strict=True
):
    above.imshow(photo)
    middle.imshow(digit, cmap="gray")
    below.bar(reader.classes_, probabilities)
    below.set(xticks=reader.classes_, ylim=(0, 1))
    for ax in (above, middle):
        ax.axis("off")
for ax, name in zip(axes[:, 0], ("photo", "framed", "probability"), strict=True):
    ax.set_title(name, loc="left")

# %%
# Most programs only make a photo gray, invert it and resize it to 28 x 28 pixels. The
# same network misreads most of these.

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
