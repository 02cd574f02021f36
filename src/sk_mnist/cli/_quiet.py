"""How a command with ``--quiet`` tells what it does, or does not."""

from collections.abc import Callable
from functools import partial

import typer


def teller(quiet: bool, *, err: bool = False) -> Callable[[object], None]:
    """Make the function that tells: on standard output or error, or not at all."""
    return (lambda line: None) if quiet else partial(typer.echo, err=err)
