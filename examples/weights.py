"""
Weights as images
=================

The first layer has one weight for each pixel and unit, so the weights of a unit are an
image. It shows where bright pixels excite the unit and where they inhibit it.
"""

# %%
# Without a hidden layer there are ten units, one for each digit, and their weights are
# templates. Red pixels raise the score of the digit, blue pixels lower it: a 0 must be
# dark in the middle.

from sk_mnist import HiddenUnitsDisplay, MNISTMLPClassifier, load_sample_digits

X, y = load_sample_digits(return_X_y=True)
X = X / 255

templates = MNISTMLPClassifier(hidden_units=(), epochs=20, random_state=0).fit(X, y)
_ = HiddenUnitsDisplay.from_estimator(templates, n_columns=5)

# %%
# Hidden units do not look like digits: the next layer combines strokes and gaps.

mlp = MNISTMLPClassifier(hidden_units=64, epochs=20, random_state=0).fit(X, y)
_ = HiddenUnitsDisplay.from_estimator(mlp, n_units=24)

# %%
# Much of what these images show is the noise that the weights started from: pixels
# without ink, such as those at the border, never change their weights. Weight decay
# shrinks the weights that training does not change.

decayed = MNISTMLPClassifier(
    hidden_units=64, epochs=20, weight_decay=0.5, random_state=0
).fit(X, y)
_ = HiddenUnitsDisplay.from_estimator(decayed, n_units=24)

# %%
# In numbers: the mean size of the weights of the border's pixels and of all others.

import numpy as np

border = np.ones((28, 28), dtype=bool)
border[2:-2, 2:-2] = False
border = border.ravel()

for name, network in {"plain": mlp, "with weight decay": decayed}.items():
    size = np.abs(network.coefs_[0])
    print(
        f"{name}: border {size[border].mean():.4f}, others {size[~border].mean():.4f}"
    )
