"""The digits that a command trains and tests on: MNIST, or the embedded sample digits.

Each set is always split in the same way, so that test accuracies can be compared.
scikit-learn is imported when digits are loaded, so that ``--help`` answers at once.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from ._quiet import teller

if TYPE_CHECKING:
    from numpy.typing import NDArray


HOW_TO_GIVE_MNIST = (
    "To use MNIST, put mnist.npz into a folder and name that folder in the environment "
    "variable SK_MNIST_DATA."
)


class Data(StrEnum):
    """Values of the option ``--data``."""

    AUTO = "auto"
    MNIST = "mnist"
    SAMPLE = "sample"


class Digits(NamedTuple):
    """Digits to train on and others to test on, as rows of pixels."""

    name: str
    X_train: "NDArray[Any]"
    y_train: "NDArray[Any]"
    X_test: "NDArray[Any]"
    y_test: "NDArray[Any]"
    why_not_mnist: str = ""  # a sentence, if these digits replace MNIST

    def __str__(self) -> str:
        return (
            f"{self.name}, {len(self.y_train):,} images to train on and "
            f"{len(self.y_test):,} to test on"
        )


def split_mnist() -> Digits:
    """Find MNIST on this machine, split as published; an OSError if it is not there."""
    from .._datasets._loaders import fetch_mnist

    train, test = (
        fetch_mnist(subset=subset, return_X_y=True, download_if_missing=False)
        for subset in ("train", "test")
    )
    return Digits("MNIST", *train, *test)


def split_sample_digits() -> Digits:
    """Load the sample digits; a quarter of each class is held out to test on."""
    from sklearn.model_selection import train_test_split

    from .._datasets._loaders import load_sample_digits

    X, y = load_sample_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.25, stratify=y, random_state=0
    )
    return Digits("sample digits", X_train, y_train, X_test, y_test)


def load_mnist(quiet: bool) -> Digits:
    """Load MNIST; if it has to be downloaded first, say so and show the progress.

    Raises
    ------
    OSError
        If MNIST is not on this machine and cannot be downloaded.
    """
    from .._datasets._loaders import (
        cache_folder,
        download_from_any_mirror,
        search_folders,
    )

    try:
        return split_mnist()
    except OSError:
        tell = teller(quiet, err=True)
        tell("MNIST is not on this machine. Downloading it (11 MB).")
    folders = search_folders(data_home=None)
    download_from_any_mirror(cache_folder(), folders, show_progress=not quiet)
    return split_mnist()


def load(data: Data, quiet: bool = False) -> Digits:
    """Load the digits that ``--data`` names; say so if auto has to do without MNIST.

    Raises
    ------
    OSError
        If MNIST was asked for by name and cannot be loaded or downloaded.
    """
    if data is Data.SAMPLE:
        return split_sample_digits()
    from .._datasets._loaders import MNISTNotFoundError

    try:
        return load_mnist(quiet)
    except MNISTNotFoundError as error:
        end = "" if error.reason.endswith(".") else "."
        why = f"MNIST could not be downloaded: {error.reason}{end}"
        if data is Data.MNIST:
            hint = f"{HOW_TO_GIVE_MNIST} Or use --data sample."
            raise OSError(f"{why} {hint}") from error
    typer.echo(f"{why} Using the 1,797 sample digits instead.", err=True)
    return split_sample_digits()._replace(why_not_mnist=why)
