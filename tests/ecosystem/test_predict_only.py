"""Those who only predict install no TensorFlow.

The tests marked `nightly` install into an empty environment, from the package index.
"""

import json
import os
import socket
import subprocess
import sys
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVE = ROOT / "examples" / "serve"
PREDICT = ROOT / "packaging" / "predict"


def test_sk_mnist_predict_needs_a_part_of_what_sk_mnist_needs():
    ours, light = (
        tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
        for folder in (ROOT, PREDICT)
    )
    assert set(light["dependencies"]) < set(ours["dependencies"])
    for name in ("authors", "license", "requires-python"):
        assert light[name] == ours[name]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A folder with a Python that has what the container has, and nothing else."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    install = [sys.executable, "-m", "pip", "--python", python_of(folder), "install"]
    for requirements in ([PREDICT], ["--requirement", SERVE / "requirements.txt"]):
        subprocess.run(
            [*install, "--quiet", "--no-compile", *requirements],
            check=True,
            timeout=300,
        )
    return folder


def python_of(folder):
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def start(folder, *arguments, **variables):
    """Start Python, with the packages of the environment alone."""
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.Popen(
        [python_of(folder), *map(str, arguments)],
        cwd=SERVE,
        stdout=subprocess.PIPE,
        text=True,
        env={**inherited, **variables},
    )


def output_of(process):
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return output


READ_A_PHOTO = """
import sys, joblib
print(joblib.load(sys.argv[1]).predict([sys.argv[2]])[0])
"""


@pytest.mark.nightly
def test_less_than_300_mb_read_a_photo(environment, reader_file, photos, tmp_path):
    (file, *_), (label, *_) = photos
    photo = tmp_path / "photo.png"
    photo.write_bytes(file)
    output = output_of(start(environment, "-c", READ_A_PHOTO, reader_file, photo))
    assert output.split() == [str(label)]
    assert sum(path.lstat().st_size for path in environment.rglob("*")) < 300e6


READ_OVER_HTTP = """
import sys, time, urllib.error, urllib.request
url, photo = sys.argv[1:]
for _ in range(300):
    try:
        urllib.request.urlopen(url + "/health")
        break
    except urllib.error.URLError:
        time.sleep(0.1)
with open(photo, "rb") as file, urllib.request.urlopen(url + "/read", file) as answer:
    print(answer.read().decode())
"""


@pytest.mark.nightly
def test_the_containers_requirements_serve(environment, reader_file, photos, tmp_path):
    (file, *_), (label, *_) = photos
    photo = tmp_path / "photo.png"
    photo.write_bytes(file)
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = str(free.getsockname()[1])
    command = ("-m", "uvicorn", "--factory", "app:create_app", "--port", port)
    server = start(environment, *command, MODEL=str(reader_file))
    try:
        url = f"http://127.0.0.1:{port}"
        answer = output_of(start(environment, "-c", READ_OVER_HTTP, url, photo))
        host = ("--host", f"127.0.0.1:{port}", "--seconds", "1")
        figures = output_of(start(environment, "load.py", photo, *host))
    finally:
        server.terminate()
        server.communicate(timeout=20)
    assert json.loads(answer)["digit"] == label
    assert "requests/s" in figures
