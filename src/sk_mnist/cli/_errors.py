"""Errors and warnings in one line each.

A user who mistyped a path is helped by a sentence, not by a traceback. The errors that
scikit-learn and the operating system raise for such mistakes end here; any other is a
bug of ours and keeps its traceback.
"""

import _thread
import os
import re
import sys
import threading
import warnings
from typing import Any, NoReturn, TextIO

import typer

from ._help import Group

INTERRUPTED = 130  # 128 + SIGINT, as shells report a command ended by Ctrl-C

# Typer exports one of its usage errors, but not what they have in common.
_UsageError: Any = typer.BadParameter.__base__


def one_line(message: object) -> str:
    """Put a message of several lines on one."""
    return " ".join(str(message).split())


def reason(error: BaseException) -> str:
    """Write what an error says on one line, without the system's error numbers.

    >>> reason(FileNotFoundError(2, "No such file or directory", "x.png"))
    'x.png: No such file or directory'
    >>> reason(ValueError("cannot be loaded: [Errno 13] Permission denied"))
    'cannot be loaded: Permission denied'
    """
    if isinstance(error, OSError) and error.strerror:
        name = "" if error.filename is None else f"{error.filename}: "
        return one_line(f"{name}{error.strerror}")
    message = re.sub(r"\[(Errno|WinError) -?\d+\] ", "", str(error))
    return one_line(message) or type(error).__name__


def say(kind: str, message: str, color: str) -> None:
    """Write a line to standard error, its first word in color on a terminal.

    There is no color if the environment variable NO_COLOR is set (no-color.org).
    """
    # None leaves it to whether this is a terminal.
    is_colored = False if os.environ.get("NO_COLOR") else None
    typer.secho(f"{kind}: ", fg=color, err=True, nl=False, color=is_colored)
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


def _interrupt_again(unraisable: Any) -> None:
    """Replace ``sys.unraisablehook``, which drops a Ctrl-C that hits a destructor."""
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        # From another thread, and a moment later: here it would be dropped again.
        threading.Timer(0.05, _thread.interrupt_main).start()
    else:
        sys.__unraisablehook__(unraisable)


class OneLineErrors(Group):
    """A command whose mistakes and warnings are each one line on standard error."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run the command and exit.

        The status is 0, or 2 for arguments that make no sense, 130 for Ctrl-C and 1 for
        all other failures.
        """
        hook = sys.unraisablehook
        sys.unraisablehook = _interrupt_again
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _show_warning
                sys.exit(self._status(*args, **{**extra, "standalone_mode": False}))
        finally:
            sys.unraisablehook = hook

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
