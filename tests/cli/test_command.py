"""``sk-mnist`` without a command, and what holds for all of them."""

import sys

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


def test_help_imports_nothing_heavy():
    assert modules_imported_by("train", "--help") == []
