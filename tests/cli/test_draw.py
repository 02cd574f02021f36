"""What ``sk-mnist draw`` promises in the terminal; the page has tests of its own."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
import webbrowser

import joblib
import pytest
import segno
from typer.testing import CliRunner

from sk_mnist import recipes
from sk_mnist.cli import _draw, app
from sk_mnist.cli._drawing_page._server import DrawingServer
from terminal import assert_one_line_error, open_terminal

# Python reports every connection and every name that is looked up.
WATCHED_COMMAND = """
import sys

def report(event, arguments):
    if event == "socket.connect":
        print("asked:", arguments[1], file=sys.stderr)
    elif event == "socket.getaddrinfo":
        print("asked:", arguments[:2], file=sys.stderr)

sys.addaudithook(report)

from sk_mnist.cli import main

main()
"""


def draw(*arguments):
    return CliRunner().invoke(app, ["draw", *map(str, arguments)])


@pytest.fixture(scope="module")
def model(tmp_path_factory, sample_digits):
    """A file with a small model."""
    path = tmp_path_factory.mktemp("draw") / "model.joblib"
    pipeline = recipes.build("softmax-sgd", epochs=1)
    joblib.dump(pipeline.fit(sample_digits.data, sample_digits.target), path)
    return path


@pytest.fixture
def no_server(monkeypatch):
    """A server that ends at once."""
    monkeypatch.setattr(DrawingServer, "serve_forever", lambda self: None)


@pytest.fixture
def opened(monkeypatch):
    """The pages that were opened in the user's browser."""
    urls = []
    monkeypatch.setattr(webbrowser, "open", urls.append)
    return urls


def test_serves_this_machine_asks_no_other_and_leaves_no_files(model, tmp_path):
    command = [sys.executable, "-c", WATCHED_COMMAND, "draw", model]
    with subprocess.Popen(
        [*command, "--port", "0", "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as process:
        try:
            (url,) = re.findall(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            with urllib.request.urlopen(url, timeout=60) as page:
                assert page.status == 200
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0
    assert errors.splitlines() == ["asked: ('127.0.0.1', 0)"]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.usefixtures("no_server")
def test_opens_the_page_in_the_browser(model, opened):
    result = draw(model, "--port", "0")
    assert result.exit_code == 0
    (url,) = opened
    assert url in result.stdout


@pytest.mark.usefixtures("no_server")
def test_opens_no_browser_if_told_so(model, opened):
    assert draw(model, "--port", "0", "--no-browser").exit_code == 0
    assert opened == []


@pytest.mark.usefixtures("no_server", "opened")
def test_tells_the_address_for_a_phone(model):
    printed = draw(model, "--host", "0.0.0.0", "--port", "0").stdout
    on_this_machine, for_others = re.findall(r"http://(\S+):(\d+)", printed)
    assert on_this_machine[0] == "127.0.0.1"
    assert for_others[0] not in ("0.0.0.0", "127.0.0.1")
    assert for_others[1] == on_this_machine[1]


def dark_modules(code):
    """The rows of a QR code that is drawn with half blocks, white on black."""
    halves = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}
    pairs = [[halves[block] for block in line] for line in code]
    rows = [[pair[half] for pair in line] for line in pairs for half in (0, 1)]
    within = slice(4, len(code[0]) - 4)  # the border is four modules wide
    return [row[within] for row in rows[within]]


@pytest.mark.usefixtures("no_server", "opened")
def test_shows_a_qr_code_of_its_address_in_a_terminal(model):
    arguments = ["draw", str(model), "--host", "0.0.0.0", "--port", "0"]
    with (
        open_terminal(80) as (file, written),
        contextlib.redirect_stdout(file),
        pytest.raises(SystemExit),
    ):
        app(arguments)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", written.getvalue().decode())
    _, told, *code = shown.splitlines()
    url = told.rpartition(" ")[2]
    expected = [list(row) for row in segno.make(url, micro=False).matrix]
    assert dark_modules(code) == expected


@pytest.mark.usefixtures("no_server", "opened")
def test_needs_no_package_for_qr_codes(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "segno", None)
    result = draw(model, "--host", "0.0.0.0", "--port", "0")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 2


@pytest.mark.usefixtures("no_server", "opened")
def test_tells_no_other_address_if_others_cannot_use_the_page(model):
    assert len(re.findall("http://", draw(model, "--port", "0").stdout)) == 1


@pytest.mark.usefixtures("no_server", "opened")
@pytest.mark.parametrize(
    ("host", "warnings"), [("127.0.0.1", 0), ("localhost", 0), ("0.0.0.0", 1)]
)
def test_warns_if_others_can_use_the_page(model, host, warnings):
    result = draw(model, "--host", host, "--port", "0")
    assert result.exit_code == 0
    assert (
        result.stderr.count("Warning: everybody who can reach this machine") == warnings
    )


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--host", "203.0.113.1"], ["203.0.113.1", "--host"]),  # is never here
        (["--host", "a..b"], ["a..b", "--host"]),
        (["--port", "65536"], ["--port", "65535"]),
        (["--port", "http"], ["--port", "integer"]),
    ],
)
def test_a_wrong_address_is_told_in_one_line(model, options, parts):
    assert_one_line_error(draw(model, *options), *parts)


def test_a_port_in_use_is_told_in_one_line(model):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = draw(model, "--port", port)
    assert_one_line_error(result, str(port), "in use", "Choose another")


def test_a_missing_model_is_told_in_one_line(tmp_path):
    assert_one_line_error(draw(tmp_path / "none.joblib"), "none.joblib", "not exist")


def test_a_file_that_is_no_model_is_told_in_one_line(tmp_path):
    (tmp_path / "notes.txt").write_text("No model.")
    assert_one_line_error(draw(tmp_path / "notes.txt", "--port", "0"), "notes.txt")


@pytest.mark.usefixtures("no_server", "opened", "no_mnist")
def test_quiet_prints_the_address_alone(monkeypatch):
    monkeypatch.setattr(_draw, "parameters_for", lambda digits: {"epochs": 1})
    result = draw("--quiet", "--port", "0")
    (line,) = result.stdout.splitlines()
    assert line.startswith("Draw at http://")
    (warning,) = result.stderr.splitlines()
    assert warning.startswith("MNIST could not be downloaded: ")


def test_says_what_it_trains_on_without_a_model(trained_quickly):
    assert "training a quick one on sample digits" in trained_quickly[1]
