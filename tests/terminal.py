"""Run ``sk-mnist`` as a user does in a terminal."""

import contextlib
import io
import os
import struct
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from sk_mnist.cli import app


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run_process(*command, **options):
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=120,
        **options,
    )


@contextlib.contextmanager
def open_terminal(columns):
    """A terminal of so many columns: a file to write to, and all that it got."""
    fcntl, pty, termios = map(pytest.importorskip, ("fcntl", "pty", "termios"))
    screen, keyboard = pty.openpty()
    size = struct.pack("HHHH", 24, columns, 0, 0)
    fcntl.ioctl(keyboard, termios.TIOCSWINSZ, size)
    written = io.BytesIO()
    with os.fdopen(keyboard, "w", encoding="utf-8") as file:
        yield file, written
    with os.fdopen(screen, "rb", 0) as file, contextlib.suppress(OSError):
        while part := file.read(2**16):  # ends with an OSError on Linux
            written.write(part)


def modules_imported_by(*arguments):
    """Which of the heavy packages a run of the command imports."""
    code = (
        "import sys\n"
        "from sk_mnist.cli import app\n"
        "try: app(sys.argv[1:])\n"
        "except SystemExit as end: assert not end.code\n"
        "heavy = {'tensorflow', 'keras', 'sklearn', 'matplotlib', 'pandas'}\n"
        "print('imported:', *sorted(heavy & set(sys.modules)))\n"
    )
    completed = run_process(sys.executable, "-c", code, *arguments)
    assert completed.returncode == 0, completed.stderr
    return completed.stdout.rpartition("imported:")[2].split()


def assert_one_line_error(result, *parts):
    assert result.exit_code not in (0, 130)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    for part in parts:
        assert part in line
