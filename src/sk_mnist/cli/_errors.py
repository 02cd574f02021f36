"""What goes wrong, told in one line.

A user who mistyped a path is helped by a sentence, not by a traceback. What
scikit-learn and the operating system raise for such mistakes ends here; anything else
is a fault of ours and keeps its traceback.
"""

import sys
import warnings
from typing import Any, NoReturn, TextIO

import typer
from typer.core import TyperGroup

INTERRUPTED = 130  # 128 + SIGINT, as shells report a command ended by Ctrl-C

# Typer exports one of its usage errors, but not what they have in common.
_UsageError: Any = typer.BadParameter.__base__


def one_line(message: object) -> str:
    """Put a message of several lines on one."""
    return " ".join(str(message).split())


def reason(error: BaseException) -> str:
    """Tell in one line what an error says, the operating system's without a number."""
    if isinstance(error, OSError) and error.strerror:
        name = "" if error.filename is None else f"{error.filename}: "
        return one_line(f"{name}{error.strerror}")
    return one_line(error) or type(error).__name__


def say(kind: str, message: str, color: str) -> None:
    """Write a line to standard error, its first word in color on a terminal."""
    typer.secho(f"{kind}: ", fg=color, err=True, nl=False)
    typer.echo(message, err=True)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Replace ``warnings.showwarning``, which also shows a line of our code."""
    say("Warning", one_line(message), "yellow")


class OneLineErrors(TyperGroup):
    """A command whose mistakes and warnings are each one line on standard error."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run the command and exit.

        The status is 0, or 2 for arguments that make no sense, 130 for Ctrl-C and 1 for
        all other failures.
        """
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            sys.exit(self._status(*args, **{**extra, "standalone_mode": False}))

    def _status(self, *args: Any, **extra: Any) -> int:
        try:
            status = super().main(*args, **extra) or 0
        except typer.Abort:  # what older versions of Typer make of Ctrl-C
            status = INTERRUPTED
        except _UsageError as error:
            command = error.ctx.command_path if error.ctx else "sk-mnist"
            hint = f"(See {command} --help.)"
            say("Error", f"{one_line(error.format_message())} {hint}", "red")
            return 2
        except (ImportError, MemoryError, OSError, ValueError) as error:
            say("Error", reason(error), "red")
            return 1
        if status == INTERRUPTED:
            typer.echo("Interrupted.", err=True)
        return status
