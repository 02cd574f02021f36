"""Which digits a command takes, and what it says if they are not those of choice."""

from enum import StrEnum
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from ._digits import Digits


class Data(StrEnum):
    """Digits to choose from."""

    AUTO = "auto"
    MNIST = "mnist"
    SAMPLE = "sample"


def load_mnist() -> "Digits":
    """Load MNIST, and say so if it has to be downloaded first."""
    from ._digits import split_mnist

    try:
        return split_mnist(download_if_missing=False)
    except OSError:
        typer.echo("MNIST is not on this machine: downloading its 11 MB.", err=True)
    import pooch

    pooch.get_logger().setLevel("WARNING")  # its notes are for programmers
    return split_mnist(download_if_missing=True)


def load(data: Data) -> "Digits":
    """Load what was asked for, and say if it is not MNIST for want of it.

    Raises
    ------
    OSError
        If MNIST was asked for by name and cannot be had.
    """
    from ._digits import split_sample_digits

    if data is Data.SAMPLE:
        return split_sample_digits()
    try:
        return load_mnist()
    except OSError as error:
        # The lines after the first list all places and errors.
        missing = str(error).partition("\n")[0].removesuffix(".")
    if data is Data.AUTO:
        typer.echo(f"{missing}: taking the sample digits instead.", err=True)
        return split_sample_digits()
    raise OSError(
        f"{missing}. Put mnist.npz into a folder and name that folder in the "
        "environment variable SK_MNIST_DATA, or use --data sample."
    )
