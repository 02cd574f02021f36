"""
Deformations
============

A digit that is turned a little, or stretched, is still the same digit. A multilayer
perceptron does not know that: it has to see such digits.
"""

# %%
# `ElasticDeformation` samples a rotation, a stretch, a shift and a smooth random field
# for each image. One image, deformed a dozen times, beside the original:

import numpy as np

from sk_mnist import (
    DigitGridDisplay,
    ElasticDeformation,
    MNISTMLPClassifier,
    load_sample_digits,
)

X, y = load_sample_digits(return_X_y=True)
deformation = ElasticDeformation()
copies = np.repeat(X[3:4], 15, axis=0)
deformed = deformation.deform(copies, random_state=0)
_ = DigitGridDisplay.from_images([X[3], *deformed], ["original"] + [""] * len(deformed))

# %%
# The same image with each kind of deformation alone, four of them at twice the default
# strength. The last two are off by default: `deskew` removes a random fraction of the
# slant and makes the width more usual; `thickness` makes strokes thicker or thinner.

off = {"rotation": 0, "scale": 0, "shift": 0, "alpha": 0}
alone = {"rotation": 30, "scale": 0.3, "shift": 2, "alpha": 74}
alone |= {"deskew": 1, "thickness": 1}
images, labels = [], []
for name, strength in alone.items():
    kind = ElasticDeformation(**{**off, name: strength})
    images.extend(kind.deform(X[[3] * 8], random_state=0))
    labels.extend([f"{name}={strength}"] + [""] * 7)
_ = DigitGridDisplay.from_images(images, labels, n_images=48, n_columns=8)

# %%
# Given to the classifier, each batch is deformed anew: the network never sees the same
# image twice. This helps most with few training images, and takes more epochs.

from sklearn.model_selection import train_test_split

X_train, X_test, y_train, y_test = train_test_split(
    X / 255, y, train_size=0.3, stratify=y, random_state=0
)
for augmentation in (None, deformation):
    clf = MNISTMLPClassifier(
        hidden_units=256, epochs=100, augmentation=augmentation, random_state=0
    ).fit(X_train, y_train)
    print(f"augmentation={augmentation}: test accuracy {clf.score(X_test, y_test):.3f}")
