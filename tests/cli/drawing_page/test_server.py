"""The server of the page: it reads drawings, many at once, and refuses the rest."""

import base64
import concurrent.futures
import http.client
import io
import json
import socket
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

from browser import photo_of
from sk_mnist.cli._drawing_page import _server
from sk_mnist.cli._drawing_page._page import DrawingPage
from sk_mnist.cli._reading import Reader


def as_png(image):
    file = io.BytesIO()
    image.save(file, "png")
    return file.getvalue()


@pytest.fixture(scope="module")
def three():
    return as_png(photo_of(3).resize((400, 300)))


def ask(url, method, path, body=None, headers=None):
    """Send one request and return the status, the headers and the body."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def read(url, png, **headers):
    status, _, answer = ask(url, "POST", "/read", png, headers)
    assert status == 200
    return json.loads(answer)


def send_slowly(url, request):
    """Send the beginning of a request, and return all that comes back."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), 60) as connection:
        connection.sendall(request)
        return connection.makefile("rb").read()


def test_reads_a_drawing(url, reader, three):
    answer = read(url, three)
    reading = reader.read(Image.open(io.BytesIO(three)))
    assert answer["best"] == 3
    assert answer["shares"] == pytest.approx(
        reader.classifier.predict_proba(reading.framed.reshape(1, -1))[0].tolist()
    )
    png = base64.b64decode(answer["framed"].partition(",")[2])
    np.testing.assert_array_equal(
        np.asarray(Image.open(io.BytesIO(png))), reading.framed
    )


class Constant:
    """A classifier that always gives its first label the same probability."""

    classes_ = np.arange(10)

    def __init__(self, probability):
        self.probability = probability

    def predict_proba(self, X):
        others = [(1 - self.probability) / 9] * 9
        return np.array([[self.probability, *others]] * len(X))


@pytest.mark.parametrize(
    ("probability", "remark"),
    [(0.999, ">99% sure"), (0.74, "74% sure"), (0.46, "not sure: 0 46% or 1 6%")],
)
def test_says_how_sure_it_is(reader, three, probability, remark):
    page = DrawingPage(Reader(reader.framer, Constant(probability)), "constant")
    assert page.answer(three)["remark"] == remark


def side_by_side(*digits, blots=0):
    """A picture of digits, with small blots in its corners."""
    picture = Image.new("L", (300 * len(digits), 300))
    for place, digit in enumerate(digits):
        photo = photo_of(digit).convert("L").resize((300, 300))
        picture.paste(photo, (300 * place, 0))
    for top in (6, 280)[:blots]:
        picture.paste(0, (6, top, 20, top + 14))
    return as_png(picture)


@pytest.fixture(scope="module")
def thirty_seven():
    return side_by_side(3, 7)


@pytest.mark.parametrize(
    ("digits", "blots", "note"),
    [
        ([3], 1, "sure; 1 other shape left out"),
        ([3], 2, "sure; 2 other shapes left out"),
        ([3, 7], 1, "0 90%; 1 other shape left out"),
    ],
)
def test_says_how_many_shapes_it_left_out(reader, digits, blots, note):
    page = DrawingPage(Reader(reader.framer, Constant(0.9)), "constant")
    remark = page.answer(side_by_side(*digits, blots=blots))["remark"]
    assert remark.endswith(note)


def test_reads_a_number(url, thirty_seven):
    answer = read(url, thirty_seven)
    assert answer["text"] == "37"
    assert "shares" not in answer  # each digit has its own
    png = base64.b64decode(answer["framed"].partition(",")[2])
    assert Image.open(io.BytesIO(png)).size == (56, 28)


@pytest.mark.parametrize(
    ("probability", "remark"),
    [
        (0.9, "81% sure: 0 90%, 0 90%"),
        (0.46, "not sure: 0 46% or 1 6%, 0 46% or 1 6%"),
    ],
)
def test_says_how_sure_it_is_of_a_number(reader, thirty_seven, probability, remark):
    page = DrawingPage(Reader(reader.framer, Constant(probability)), "constant")
    assert page.answer(thirty_seven)["remark"] == remark


def test_says_why_there_is_nothing_to_read(url):
    assert "No digit" in read(url, as_png(Image.new("L", (99, 99), "white")))["error"]


@pytest.mark.parametrize(
    ("png", "reason"),
    [
        (as_png(Image.new("1", (9000, 9000))), "too large"),
        (as_png(Image.effect_noise((99, 99), 100))[:-4000], "not an image"),
        (b"GIF89a", "not an image"),
        (b"", "not an image"),
    ],
    ids=["huge", "damaged", "another format", "empty"],
)
def test_refuses_images_that_the_page_would_not_send(url, png, reason):
    assert reason in read(url, png)["error"]


def test_reads_many_drawings_at_once(url, three):
    seven = as_png(photo_of(7).resize((400, 300)))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda png: read(url, png)["best"], [three, seven] * 20)
        assert list(answers) == [3, 7] * 20


def test_a_silent_client_does_not_keep_others_waiting(url, three):
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port)):
        assert read(url, three)["best"] == 3


def test_answers_a_limited_number_of_clients_at_once(reader, serve, monkeypatch):
    monkeypatch.setattr(_server, "MAXIMUM_CONNECTIONS", 2)
    with serve(reader) as url, concurrent.futures.ThreadPoolExecutor(1) as pool:
        address = (urlsplit(url).hostname, urlsplit(url).port)
        with socket.create_connection(address):
            with socket.create_connection(address):
                third = pool.submit(ask, url, "GET", "/")
                with pytest.raises(TimeoutError):
                    third.result(timeout=0.5)
            assert third.result(timeout=60)[0] == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Length": str(10**9)}, 413),
        ({"Content-Length": "-1"}, 411),
        ({"Content-Length": "many"}, 411),
        ({"Transfer-Encoding": "chunked"}, 411),
        ({"Transfer-Encoding": "chunked", "Content-Length": "9"}, 411),
        ({}, 411),
    ],
    ids=["large", "negative", "no number", "endless", "both", "unstated"],
)
def test_takes_no_body_without_a_modest_length(url, headers, status):
    lines = ["POST /read HTTP/1.1", f"Host: {urlsplit(url).netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    response = send_slowly(url, "\r\n".join([*lines, "", ""]).encode())
    assert response.split()[1] == str(status).encode()


@pytest.mark.parametrize(
    "request_begun",
    [
        b"",
        b"POST /re",
        b"POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\nab",
    ],
    ids=["nothing", "half a line", "half a body"],
)
def test_ends_slow_requests(url, monkeypatch, request_begun, capsys):
    monkeypatch.setattr(_server, "SECONDS_FOR_A_REQUEST", 0.2)
    assert send_slowly(url, request_begun) == b""
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "host", ["localhost:7860", "127.0.0.1", "[::1]:7860", "192.168.0.7"]
)
def test_answers_to_its_own_names(url, host):
    assert ask(url, "GET", "/", headers={"Host": host})[0] == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:7860", ""])
def test_answers_to_no_foreign_name(url, host, three):
    assert ask(url, "GET", "/", headers={"Host": host})[0] == 403
    assert ask(url, "POST", "/read", three, {"Host": host})[0] == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1"]
)
def test_reads_nothing_for_other_sites(url, origin, three):
    assert ask(url, "POST", "/read", three, {"Origin": origin})[0] == 403


def test_reads_for_its_own_page(url, three):
    assert read(url, three, Origin=url)["best"] == 3


@pytest.mark.parametrize("path", ["/page.html", "/../_server.py", "/pad.js/", "/read"])
def test_serves_no_other_files(url, path):
    assert ask(url, "GET", path)[0] == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS"])
def test_knows_no_other_methods(url, method):
    assert ask(url, method, "/")[0] == 501


@pytest.mark.parametrize("path", ["/", "/pad.js", "/page.css"])
def test_lets_the_page_load_nothing_from_elsewhere(url, path):
    status, headers, _ = ask(url, "GET", path)
    assert status == 200
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
