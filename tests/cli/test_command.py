"""``sk-mnist`` without a command, and what holds for all of them."""

import os
import re
import subprocess
import sys

import pytest

from sk_mnist import __version__
from terminal import modules_imported_by, run, run_process


def test_version():
    assert run("--version").output.strip() == f"sk-mnist {__version__}"


def test_without_arguments_it_shows_its_commands():
    result = run()
    assert result.exit_code == 0
    assert "train" in result.stdout
    assert "predict" in result.stdout


def test_python_m_is_the_same_command():
    as_module = run_process(sys.executable, "-m", "sk_mnist", "--version")
    assert as_module.stdout == run("--version").stdout


@pytest.mark.parametrize("command", [[], ["train"], ["predict"], ["draw"]])
def test_help_shows_no_types_of_python(command):
    printed = run(*command, "--help").stdout
    assert "--help" in printed
    assert not re.search(r"bool|list\[|<file>", printed.lower())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_has_completion_for_shells(shell):
    environment = {**os.environ, "_SK_MNIST_COMPLETE": f"source_{shell}"}
    command = [sys.executable, "-m", "sk_mnist"]
    script = run_process(*command, env=environment).stdout
    assert "_SK_MNIST_COMPLETE" in script


def in_a_terminal(**environment):
    """What a mistake looks like in a terminal that shows colors."""
    ours, theirs = os.openpty()
    try:
        command = [sys.executable, "-m", "sk_mnist", "predict", "none.joblib", "x.png"]
        subprocess.run(
            command, stderr=theirs, env={**os.environ, **environment}, check=False
        )
        return os.read(ours, 10_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.skipif(os.name != "posix", reason="terminals as on POSIX systems")
def test_errors_have_color_unless_no_color_is_set():
    assert "\x1b[31mError: " in in_a_terminal(NO_COLOR="")
    assert "\x1b" not in in_a_terminal(NO_COLOR="1")


def test_help_imports_nothing_heavy():
    assert modules_imported_by("train", "--help") == []


INTERRUPTED_IN_A_DESTRUCTOR = """
import sys, time
import sk_mnist.cli._predict

class Destroyed:
    def __del__(self):
        raise KeyboardInterrupt

def load_model(path):
    Destroyed()
    for _ in range(2000):
        time.sleep(0.01)

sk_mnist.cli._predict.load_model = load_model
sys.argv = ["sk-mnist", "predict", __file__, "x.png"]
sk_mnist.cli.main()
"""


def test_ctrl_c_that_hits_a_destructor_ends_the_command(tmp_path):
    script = tmp_path / "interrupted.py"
    script.write_text(INTERRUPTED_IN_A_DESTRUCTOR)
    done = run_process(sys.executable, str(script))
    assert done.returncode == 130
    assert done.stderr.endswith("Interrupted.\n")
    assert "Traceback" not in done.stderr
