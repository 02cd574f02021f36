"""The ``sk-mnist`` command: the package for those who have a terminal and no script.

This file names the commands; each has a module of its own that parses, prints and
leaves the work to small functions. TensorFlow, scikit-learn and the like are imported
when a command runs, so that ``sk-mnist --help`` answers at once.
"""

from typing import Annotated

import typer

from .._version import __version__
from ._draw import draw
from ._errors import OneLineErrors
from ._help import Command
from ._predict import predict
from ._reproduce import reproduce
from ._train import train

app = typer.Typer(
    cls=OneLineErrors,
    help="Handwritten digits: train a network on MNIST, and let it read your images.",
    invoke_without_command=True,  # to show the help
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (train, predict, reproduce, draw):
    app.command(cls=Command)(command)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sk-mnist {__version__}")
        raise typer.Exit()


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command with the arguments of this process."""
    app(prog_name="sk-mnist")
