"""
Compared with scikit-learn's MLPClassifier
==========================================

The same network, batch size, optimizer and epochs in both. They differ in time and in
features.
"""

# %%
# The data are MNIST if the environment variable `SK_MNIST_DATA` names a folder that
# holds it, else the sample digits.

import os

from sklearn.model_selection import train_test_split

from sk_mnist import fetch_mnist, load_sample_digits

if "SK_MNIST_DATA" in os.environ:
    X, y = fetch_mnist(return_X_y=True, download_if_missing=False)
    X_train, X_test, y_train, y_test = X[:60000], X[60000:], y[:60000], y[60000:]
else:
    X, y = load_sample_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, stratify=y, random_state=0
    )
print(f"{len(X_train)} images to train on, {len(X_test)} to test")

# %%
# Both train one hidden layer of 128 units by Adam at its usual rate of 0.001, for five
# epochs in batches of 32. scikit-learn's penalty on large weights is switched off,
# since a Keras network has none, and so is its warning that five epochs are few.

import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline

from sk_mnist import ImageNormalizer, MNISTMLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)
networks = {
    "sk-mnist": MNISTMLPClassifier(128, batch_size=32, epochs=5, random_state=0),
    "scikit-learn": MLPClassifier(
        128, batch_size=32, max_iter=5, alpha=0, random_state=0
    ),
}

# %%
# The first fit of a process imports TensorFlow and compiles the network, which takes
# seconds; fits after it compile nothing. So each network is fitted twice.

from time import perf_counter

import pandas as pd


def seconds(function, *arguments):
    """Time one call."""
    started = perf_counter()
    function(*arguments)
    return perf_counter() - started


rows = {}
for name, network in networks.items():
    pipe = make_pipeline(ImageNormalizer(), network)
    rows[name] = {
        "first fit, s": seconds(pipe.fit, X_train, y_train),
        "second fit, s": seconds(pipe.fit, X_train, y_train),
        "predict one, ms": 1000 * seconds(pipe.predict, X_test[:1]),
        "test accuracy": pipe.score(X_test, y_test),
    }
print(pd.DataFrame(rows).round(3).to_string())

# %%
# Their losses fall alike. Both record the mean loss over each epoch.

import matplotlib.pyplot as plt

fig, ax = plt.subplots(layout="constrained")
ax.plot(range(1, 6), networks["sk-mnist"].history_["loss"], label="sk-mnist")
ax.plot(range(1, 6), networks["scikit-learn"].loss_curve_, label="scikit-learn")
ax.set(xlabel="Epoch", ylabel="Training loss", xticks=range(1, 6))
_ = ax.legend()

# %%
# With a thousand images, importing TensorFlow takes longer than training; with MNIST's
# 60,000, training takes longer. :doc:`/benchmarks` has measured ratios.
#
# A Keras network adds dropout, any Keras optimizer, loss and callback, schedules,
# deformations, class weights and `.keras` files. :doc:`/coming_from` has the table.
