"""
Where framing fails
===================

`DigitFramer` takes what stands out most for the digit. Here are pictures in which that
is something else, or in which too little is left of the digit. Each is drawn by Pillow,
and shown above what the network would see of it.
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


# %%
# A hard shadow in a corner is darker than a pencil, and no wider than a stroke may be.

shadow = paper()
write(shadow, FOUR, 90, 90, 110, 8, ink=180)
ImageDraw.Draw(shadow).polygon([(0, 0), (90, 0), (0, 70)], fill=60)

# %%
# A second digit: only one is looked for, and what is near is taken to belong to it.

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

pictures = [shadow, two, form, marker, blot, Image.fromarray(lamp)]
names = ["shadow", "two digits", "a form's box", "marker", "blot", "nothing"]
framed = DigitFramer(on_blank="blank").transform(pictures)

# %%
# What was given, and what came out of it:

seen = [np.asarray(picture) for picture in pictures]
_ = DigitGridDisplay.from_images(
    [*seen, *framed.reshape(-1, 28, 28)], names + names, n_columns=len(names)
)
