"""
Where framing works, and where it fails
=======================================

`DigitFramer` takes what stands out most for the digit. Here are hard pictures in which
it finds the digit, and others in which something else stands out more, or too little is
left of the digit. Each is drawn by Pillow, and shown above what the network would see
of it.
"""

import numpy as np
from PIL import Image, ImageDraw

from sk_mnist import DigitFramer, DigitGridDisplay

FOUR = [[(0.4, 0.05), (0.2, 0.55), (0.8, 0.52)], [(0.65, 0.3), (0.6, 0.97)]]
SEVEN = [[(0.2, 0.1), (0.8, 0.08), (0.45, 0.95)]]


def write(photo, strokes, left, top, height, width, ink=40):
    """Write a digit with a pen of some width, in pixels."""
    pen = ImageDraw.Draw(photo)
    for stroke in strokes:
        points = [(left + height * x, top + height * y) for x, y in stroke]
        pen.line(points, fill=ink, width=width, joint="curve")


def paper():
    return Image.new("L", (240, 240), 225)


def lit(photo, light):
    return Image.fromarray((np.asarray(photo) * light).astype(np.uint8))


def show(pictures):
    """Show what was given and, below, what came out of it."""
    framed = DigitFramer(on_blank="blank").transform(list(pictures.values()))
    seen = [np.asarray(picture) for picture in pictures.values()]
    images = [*seen, *framed.reshape(-1, 28, 28)]
    labels = [*pictures, *pictures]
    return DigitGridDisplay.from_images(images, labels, n_columns=len(pictures))


# %%
# These work: light that falls from one side, a lens that darkens the corners, the edge
# of the sheet, ruled lines, a form's box, a screenshot with round corners, a small and
# noisy picture, and the bar of a 7 that does not touch it.

four = paper()
write(four, FOUR, 70, 65, 110, 9)
down, across = np.mgrid[-1:1:240j, -1:1:240j]
one_side = lit(four, 1 - 0.25 * (across + 1))
corners = lit(four, 1 - 0.15 * (down**2 + across**2))

sheet = four.copy()
ImageDraw.Draw(sheet).polygon([(0, 0), (240, 0), (240, 25), (0, 45)], fill=90)

ruled = paper()
for y in range(20, 240, 30):
    ImageDraw.Draw(ruled).line([(0, y), (240, y + 4)], fill=150, width=4)
write(ruled, FOUR, 70, 65, 110, 9)

boxed = four.copy()
ImageDraw.Draw(boxed).rectangle((40, 30, 200, 210), outline=60, width=8)

mask = Image.new("L", four.size)
ImageDraw.Draw(mask).rounded_rectangle((0, 0, 239, 239), 30, fill=255)
pale = paper()
write(pale, FOUR, 70, 65, 110, 9, ink=180)
screenshot = Image.composite(pale, Image.new("L", four.size), mask)

noise = np.random.default_rng(0).normal(0, 8, (28, 28))
small = np.clip(np.asarray(four.resize((28, 28))) + noise, 0, 255).astype(np.uint8)

apart = paper()
write(apart, SEVEN, 70, 65, 110, 9)
write(apart, [[(0.05, 0.5), (0.35, 0.5)]], 70, 65, 110, 9)

_ = show(
    {
        "one-sided light": one_side,
        "dark corners": corners,
        "edge of the sheet": sheet,
        "ruled lines": ruled,
        "a form's box": boxed,
        "screenshot": screenshot,
        "28 x 28 pixels": Image.fromarray(small),
        "bar apart": apart,
    }
)

# %%
# These fail. A hard shadow in a corner is darker than a pencil, and no wider than a
# stroke may be.

shadow = paper()
write(shadow, FOUR, 90, 90, 110, 8, ink=180)
ImageDraw.Draw(shadow).polygon([(0, 0), (90, 0), (0, 70)], fill=60)

# %%
# A second digit: the framer looks for one, and takes parts near it to belong to it.

two = paper()
write(two, FOUR, 20, 60, 100, 10)
write(two, SEVEN, 115, 60, 100, 10)

# %%
# A digit that touches the box to write in, as on forms: they are one shape.

form = paper()
ImageDraw.Draw(form).rectangle((50, 40, 190, 200), outline=60, width=5)
write(form, FOUR, 34, 65, 110, 9)

# %%
# A marker so broad that nothing is left of the loop of a 4.

marker = paper()
write(marker, FOUR, 60, 60, 110, 46)

# %%
# A blot that holds more ink than the digit.

blot = paper()
write(blot, SEVEN, 20, 120, 90, 6)
ImageDraw.Draw(blot).ellipse((140, 30, 215, 100), fill=90)

# %%
# A page on which nothing is written, under a lamp: its dark side is taken for ink.

lamp = np.tile(np.linspace(250, 110, 240), (240, 1)).astype(np.uint8)

# %%
# The pictures, and the framed images:

_ = show(
    {
        "shadow": shadow,
        "two digits": two,
        "touching a box": form,
        "marker": marker,
        "blot": blot,
        "nothing": Image.fromarray(lamp),
    }
)
