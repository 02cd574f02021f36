"""Digits to train on and others to test on, for the commands.

The split of each set is always the same, so that test accuracies can be compared.
"""

from typing import Any, NamedTuple

from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from .._datasets import fetch_mnist, load_sample_digits


class Digits(NamedTuple):
    """Digits to train on and others to test on, as rows of pixels."""

    name: str
    X_train: NDArray[Any]
    y_train: NDArray[Any]
    X_test: NDArray[Any]
    y_test: NDArray[Any]

    def __str__(self) -> str:
        return (
            f"{self.name}, {len(self.y_train):,} images to train on and "
            f"{len(self.y_test):,} to test on"
        )


def split_mnist(*, download_if_missing: bool) -> Digits:
    """Fetch MNIST, split as published.

    Raises
    ------
    OSError
        If it is neither here nor can be downloaded.
    """
    train, test = (
        fetch_mnist(
            subset=subset, return_X_y=True, download_if_missing=download_if_missing
        )
        for subset in ("train", "test")
    )
    return Digits("MNIST", *train, *test)


def split_sample_digits() -> Digits:
    """Load the sample digits, a quarter of each digit's held out to test on."""
    X, y = load_sample_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.25, stratify=y, random_state=0
    )
    return Digits("sample digits", X_train, y_train, X_test, y_test)
