"""
A saved model, served
=====================

Training needs TensorFlow; reading digits does not. A model is trained and saved here,
and served by a small process that has the standard library, scikit-learn and NumPy.
"""

# %%
# Train and save. The pipeline normalises what it is sent, so that a client sends pixels
# as they are.

from pathlib import Path
from tempfile import TemporaryDirectory

import joblib
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sk_mnist import (
    DigitGridDisplay,
    ImageNormalizer,
    MNISTMLPClassifier,
    load_sample_digits,
)

X, y = load_sample_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
pipe = make_pipeline(ImageNormalizer(), MNISTMLPClassifier(random_state=0))
pipe.fit(X_train, y_train)

folder = TemporaryDirectory()
model = Path(folder.name, "digits.joblib")
joblib.dump(pipe, model)

# %%
# The server loads the file and answers images with digits. joblib files are pickles:
# load only those that you trust. It listens on this machine alone, at a port that the
# system chooses, takes no more than a few images at once and ends after three requests;
# one that stays would call `serve_forever` behind a proper web server.

SERVER = """
import json, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
import joblib
import numpy as np

MAXIMUM_BYTES = 100_000
pipe = joblib.load(sys.argv[1])


class Reader(BaseHTTPRequestHandler):
    def do_POST(self):
        n_bytes = int(self.headers.get("Content-Length", 0))
        if n_bytes > MAXIMUM_BYTES:
            return self.answer(413, {"error": f"more than {MAXIMUM_BYTES} bytes"})
        try:
            X = np.array(json.loads(self.rfile.read(n_bytes))["images"])
            y_proba = pipe.predict_proba(X)
        except (KeyError, ValueError) as error:
            return self.answer(400, {"error": str(error)})
        digits = pipe.classes_[y_proba.argmax(axis=1)]
        self.answer(200, {
            "digits": digits.tolist(),
            "confidence": y_proba.max(axis=1).round(3).tolist(),
            "tensorflow": "tensorflow" in sys.modules,
        })

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = HTTPServer(("127.0.0.1", 0), Reader)
server.timeout = 60
print(server.server_port, flush=True)
for _ in range(3):
    server.handle_request()
"""

# %%
# A fresh process, as on another machine. It says at which port it listens.

import subprocess
import sys
from time import perf_counter

started = perf_counter()
server = subprocess.Popen(
    [sys.executable, "-c", SERVER, str(model)], stdout=subprocess.PIPE, text=True
)
port = int(server.stdout.readline())
print(f"ready after {perf_counter() - started:.1f} s")

# %%
# A client sends pixels as JSON and gets digits back.

import json
from urllib.error import HTTPError
from urllib.request import urlopen


def read(images):
    """Ask the server what digits these are."""
    body = json.dumps({"images": images.tolist()}).encode()
    try:
        with urlopen(f"http://127.0.0.1:{port}", body, timeout=60) as response:
            return json.load(response)
    except HTTPError as error:
        return json.load(error)


answer = read(X_test[:8])
print(answer)
_ = DigitGridDisplay.from_images(X_test[:8], answer["digits"])

# %%
# An image of the wrong size gets the pipeline's own message.

print(read(X_test[:1, :100]))

# %%
# One image, there and back.

started = perf_counter()
read(X_test[:1])
print(f"{1000 * (perf_counter() - started):.1f} ms")

server.wait(timeout=60)
folder.cleanup()
