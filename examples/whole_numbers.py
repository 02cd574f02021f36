"""
Whole numbers
=============

`read_number` finds the digits of an image and reads each. Here it reads a made-up photo
of two numbers, one below the other.
"""

# %%
# Sample digits, as dark ink on paper, at uneven heights and distances.

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from sk_mnist import (
    ElasticDeformation,
    load_sample_digits,
    make_digit_reader,
    read_number,
)

samples = load_sample_digits()
rng = np.random.default_rng(0)
photo = np.full((120, 200), 220)
for top, indices in ((10, [2, 0, 2, 6]), (65, [1, 7, 4])):
    left = 10
    for index in indices:
        x, y = left + rng.integers(8), top + rng.integers(8)
        photo[y : y + 28, x : x + 28] -= samples.images[index] // 2
        left += 40
photo = np.clip(photo + rng.normal(0, 4, photo.shape), 0, 255).astype(np.uint8)

# %%
# Each digit of the reading has a label, a confidence and a box. A reading is doubtful
# if one of its digits is.

reader = make_digit_reader(
    "fast", epochs=60, augmentation=ElasticDeformation(), random_state=0
)
reader.fit(samples.data, samples.target)
number = read_number(reader, photo)
print(number.text)
print(f"{number.confidence:.0%}", "doubtful" if number.is_doubtful else "sure")

ax = plt.subplots(figsize=(6, 3.6), layout="constrained")[1]
ax.imshow(photo, cmap="gray", vmin=0, vmax=255)
for digit in number.digits:
    left, top, right, bottom = digit.box
    ax.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False))
    ax.text(left, top - 2, f"{digit.label}, {digit.confidence:.0%}")
_ = ax.set_axis_off()
