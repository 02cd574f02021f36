"""The digits that everything is measured on.

MNIST if the environment variable ``SK_MNIST_DATA`` names its folder. Otherwise the
sample digits that need no download, repeated until there are as many as MNIST has: how
long a fit takes does not depend on what its pixels show.
"""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PARTS = ("X_train", "X_test", "y_train", "y_test")


def save_digits(folder: Path) -> str:
    """Write the digits to a folder, split and normalized, and say which they are."""
    from sklearn.model_selection import train_test_split

    from sk_mnist import ImageNormalizer, fetch_mnist, load_sample_digits

    if "SK_MNIST_DATA" in os.environ:
        X_train, y_train = fetch_mnist(subset="train", return_X_y=True)
        X_test, y_test = fetch_mnist(subset="test", return_X_y=True)
        name = "MNIST"
    else:
        X, y = load_sample_digits(return_X_y=True)
        X_train, X_test, y_train, y_test = train_test_split(
            X, y, test_size=0.2, stratify=y, random_state=0
        )
        name = f"{len(X_train):,} sample digits, repeated"
    normalizer = ImageNormalizer()
    X_train = normalizer.fit_transform(X_train)
    X_test = normalizer.transform(X_test)
    for part, array in zip(PARTS, (X_train, X_test, y_train, y_test), strict=True):
        np.save(folder / f"{part}.npy", array)
    return name


def training_digits(
    folder: Path, n_rows: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """This many digits to train on, repeated if there are fewer."""
    X = np.load(folder / "X_train.npy")
    y = np.load(folder / "y_train.npy")
    if n_rows <= len(X):  # without a copy, which would hide what a fit takes
        return X[:n_rows], y[:n_rows]
    return np.resize(X, (n_rows, X.shape[1])), np.resize(y, n_rows)


def test_digits(folder: Path) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The digits that nothing is trained on."""
    return np.load(folder / "X_test.npy"), np.load(folder / "y_test.npy")
