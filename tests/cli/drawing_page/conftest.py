"""The drawing page, served, and browsers to open it.

Its network is the one that the command trains when it is given no model and finds no
MNIST.
"""

import contextlib
import threading

import numpy as np
import pytest

from browser import Mouse, Page, open_chromium
from sk_mnist.cli._drawing_page._address import listen, url_of
from sk_mnist.cli._drawing_page._page import DrawingPage
from sk_mnist.cli._drawing_page._server import DrawingServer
from sk_mnist.cli._reading import Reader, make_reader


@pytest.fixture(scope="session")
def reader(trained_quickly):
    return make_reader(trained_quickly[0])


@contextlib.contextmanager
def serving(reader, name="model.joblib"):
    """Serve the page of a reader, and tell where."""
    with listen("127.0.0.1", 0) as listener:
        server = DrawingServer(listener, DrawingPage(reader, name), "127.0.0.1")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield url_of(listener)
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def serve():
    """A function that serves the page of a reader within a `with` block."""
    return serving


@pytest.fixture(scope="session")
def url(reader):
    """Where the page is being served."""
    with serving(reader) as url:
        yield url


class Renamed:
    """A classifier whose labels are replaced by others."""

    def __init__(self, classifier, labels):
        self.classes_ = np.array(labels)
        self.predict_proba = classifier.predict_proba


LABELS = [
    *("Ankle boot", "Bag", "Coat", "<img src=x onerror=alert(1)>", "Pullover"),
    *("Sandal", "Shirt", "Sneaker", "T-shirt/top", "Trousers & more"),
]


@pytest.fixture(scope="session")
def url_of_words(reader):
    """The page of a model whose labels are longer than a digit, one of them HTML."""
    renamed = Reader(reader.framer, Renamed(reader.classifier, LABELS))
    with serving(renamed, "<b>bold</b>.joblib") as url:
        yield url


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    with open_chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


def open_phone(profile, width, height):
    metrics = {"width": width, "height": height, "pixelRatio": 2, "touch": True}
    return open_chromium(profile, mobileEmulation={"deviceMetrics": metrics})


@pytest.fixture(scope="session")
def phone(tmp_path_factory):
    """A browser with a small touch screen."""
    with open_phone(tmp_path_factory.mktemp("phone"), 390, 844) as browser:
        yield browser


@pytest.fixture(scope="session")
def sideways_phone(tmp_path_factory):
    """The same, turned by 90 degrees."""
    with open_phone(tmp_path_factory.mktemp("sideways"), 844, 390) as browser:
        yield browser


@pytest.fixture
def page(chromium, url):
    return Page(chromium, url, Mouse(chromium))
