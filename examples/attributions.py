"""
Which pixels decide
===================

Which pixels raise the score of a digit, and which lower it? For a network of dense
layers the answer, gradient times input, takes a few lines of NumPy.
"""

# %%
# A network, and some digits that it misreads.

import numpy as np
from sklearn.model_selection import train_test_split

from sk_mnist import ImageNormalizer, MNISTMLPClassifier, load_sample_digits

X, y = load_sample_digits(return_X_y=True)
X = ImageNormalizer().fit_transform(X)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
network = MNISTMLPClassifier((64, 32), random_state=0).fit(X_train, y_train)
y_pred = network.predict(X_test)
wrong = np.flatnonzero(y_pred != y_test)[:4]
print(f"{network.score(X_test, y_test):.1%} of the test digits are read")

# %%
# Around an image, a logit of a ReLU network is linear: each pixel adds its value times
# the gradient. The gradient goes back through the layers, by the units that are on.


def attribute(network, x, label):
    """Share of each pixel in the logit of a label, for a network of ReLU layers."""
    *hidden, last = zip(network.coefs_, network.intercepts_, strict=True)
    units, on = x, []
    for coef, intercept in hidden:
        units = np.maximum(units @ coef + intercept, 0)
        on.append(units > 0)
    gradient = last[0][:, np.searchsorted(network.classes_, label)]
    for (coef, _), is_on in zip(hidden[::-1], on[::-1], strict=True):
        gradient = coef @ (gradient * is_on)
    return gradient * x


# %%
# Check it against the network. The difference of two logits is the logarithm of the
# ratio of two probabilities, and the shares add up to how fast it grows with the image.

x = X_test[wrong[0]]
first, second = y_pred[wrong[0]], y_test[wrong[0]]
step = 1e-3
log_ratio = [
    np.subtract(*network.predict_log_proba([scale * x])[0][[first, second]])
    for scale in (1, 1 - step)
]
slope = (log_ratio[0] - log_ratio[1]) / step
shares = attribute(network, x, first) - attribute(network, x, second)
print(f"sum of shares {shares.sum():.2f}, measured slope {slope:.2f}")

# %%
# For each misread digit: pixels that speak for the label that was read (blue) and
# against it (red), beside the same for the true label.

import matplotlib.pyplot as plt

fig, axes = plt.subplots(len(wrong), 3, figsize=(6, 8), layout="constrained")
for row, index in zip(axes, wrong, strict=True):
    x = X_test[index]
    labels = (y_pred[index], y_test[index])
    maps = [attribute(network, x, label).reshape(28, 28) for label in labels]
    limit = np.abs(maps).max()
    row[0].imshow(x.reshape(28, 28), cmap="gray_r")
    row[0].set_title(f"a {labels[1]}, read as {labels[0]}")
    for ax, shares, label in zip(row[1:], maps, labels, strict=True):
        ax.imshow(shares, cmap="RdBu", vmin=-limit, vmax=limit)
        ax.set_title(f"for a {label}")
for ax in axes.flat:
    ax.set_axis_off()
