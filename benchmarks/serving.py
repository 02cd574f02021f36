"""Throughput and latency of the example service, under a load from a second process.

    python -m benchmarks.serving > docs/serving.txt

Needs what ``examples/serve/requirements.txt`` lists.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import joblib
import numpy as np
from PIL import Image

from sk_mnist import load_sample_digits, make_digit_reader

SERVE = Path(__file__).parents[1] / "examples" / "serve"
CONNECTIONS = (1, 8, 64)
SECONDS = 5


def save_model_and_photo(folder: Path) -> tuple[Path, Path]:
    """Write a model, and a dark digit on white paper of 280 x 280 pixels."""
    X, y = load_sample_digits(return_X_y=True)
    model, photo = folder / "model.joblib", folder / "photo.png"
    joblib.dump(make_digit_reader("fast", random_state=0).fit(X, y), model)
    enlarged = np.kron(255 - X[0].reshape(28, 28), np.ones((10, 10), "u1"))
    Image.fromarray(enlarged).save(photo)
    return model, photo


@contextmanager
def service(model: Path) -> Iterator[str]:
    """Start the service, and give its address once it answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "uvicorn", "--factory", "app:create_app"]
    process = subprocess.Popen(
        [*command, "--port", port, "--log-level", "warning"],
        cwd=SERVE,
        env={**os.environ, "MODEL": str(model)},
    )
    try:
        wait_until_ready(f"http://127.0.0.1:{port}/health")
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_until_ready(url: str) -> None:
    """Wait for the service, at most a minute."""
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url).close()
            return
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def main() -> None:
    """Print a line for each number of connections."""
    print(f"{os.cpu_count()} cores, a PNG file of 280 x 280 pixels", flush=True)
    with tempfile.TemporaryDirectory() as name:
        model, photo = save_model_and_photo(Path(name))
        with service(model) as host:
            load = [sys.executable, SERVE / "load.py", photo, "--host", host]
            for connections in CONNECTIONS:
                options = ["--connections", connections, "--seconds", SECONDS]
                subprocess.run([str(part) for part in load + options], check=True)


if __name__ == "__main__":
    main()
