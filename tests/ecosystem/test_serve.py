"""The example service reads pictures, and keeps to its limits."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("prometheus_client", reason="it and starlette serve the model")
pytest.importorskip("multipart", reason="a batch is a form with several files")

from starlette.testclient import TestClient

SERVE = Path(__file__).parents[2] / "examples" / "serve"


@pytest.fixture
def app(monkeypatch):
    """The module of the service."""
    spec = importlib.util.spec_from_file_location("serve_app", SERVE / "app.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
    return module


@pytest.fixture
def client(app, reader_file):
    return TestClient(app.create_app(reader_file))


def test_a_picture_in_a_digit_out(client, photos):
    files, labels = photos
    readings = [client.post("/read", content=file).json() for file in files]
    assert [reading["digit"] for reading in readings] == labels
    assert all(0.1 < reading["confidence"] <= 1 for reading in readings)


def test_a_batch(client, photos):
    files, labels = photos
    answer = client.post("/read-batch", files=[("image", file) for file in files])
    assert [reading["digit"] for reading in answer.json()["readings"]] == labels


def test_what_is_no_image_is_refused(client, photos):
    for content in (b"", b"a letter", photos[0][0][:100]):
        answer = client.post("/read", content=content)
        assert answer.status_code == 422
        assert "image" in answer.json()["error"]


def test_a_blank_image_gets_the_message_of_the_framer(client, as_png):
    answer = client.post("/read", content=as_png(np.zeros((20, 20), "u1")))
    assert answer.status_code == 422
    assert "X[0]" in answer.json()["error"]


def test_a_small_file_of_a_huge_image_is_refused(client, as_png, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 5_000)
    answer = client.post("/read", content=as_png(np.zeros((101, 100), "u1")))
    assert answer.status_code == 422
    assert "pixels" in answer.json()["error"]


@pytest.mark.parametrize("path", ["/read", "/read-batch"])
def test_too_many_bytes_are_refused(app, client, monkeypatch, path):
    monkeypatch.setattr(app, "MAXIMUM_BYTES", 1000)
    answer = client.post(path, files=[("image", bytes(1001))])
    assert answer.status_code == 413
    assert answer.json() == {"error": "more than 1,000 bytes"}


def test_too_many_images_are_refused(app, client, photos, monkeypatch):
    monkeypatch.setattr(app, "MAXIMUM_IMAGES", 2)
    answer = client.post("/read-batch", files=[("image", f) for f in photos[0]])
    assert answer.status_code == 400
    assert "2" in answer.json()["error"]


def test_a_request_that_takes_too_long_is_given_up(app, client, photos, monkeypatch):
    monkeypatch.setattr(app, "MAXIMUM_SECONDS", 0)
    answer = client.post("/read", content=photos[0][0])
    assert answer.status_code == 503
    assert "longer" in answer.json()["error"]


def test_health_and_metrics(client, photos):
    assert client.get("/health").json() == {"status": "ready"}
    client.post("/read-batch", files=[("image", file) for file in photos[0]])
    client.post("/read", content=b"a letter")
    client.post("/a path that nobody serves")
    metrics = client.get("/metrics").text
    assert "images_read_total 3.0" in metrics
    assert 'requests_total{path="/read",status="422"} 1.0' in metrics
    assert 'requests_total{path="other",status="404"} 1.0' in metrics
    assert 'request_seconds_count{path="/read-batch"} 1.0' in metrics
