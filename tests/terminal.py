"""Run ``sk-mnist`` as a user does in a terminal."""

import subprocess
import sys

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
