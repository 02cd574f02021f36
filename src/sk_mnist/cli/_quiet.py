"""How a command with ``--quiet`` tells what it does, or does not."""

from collections.abc import Callable
from functools import partial

import typer


def _say_nothing(line: object) -> None:
    """Take the place of `typer.echo`."""


def teller(quiet: bool, *, err: bool = False) -> Callable[[object], None]:
    """Make the function that tells: on standard output or error, or not at all."""
    return _say_nothing if quiet else partial(typer.echo, err=err)
