"""The page of ``sk-mnist draw``, in a real browser: it reads digits as they are drawn.

Mouse and finger are Chromium's own input events. The network is the one that the
command trains when it is given no model and finds no MNIST.
"""

import base64
import contextlib
import http.client
import io
import json
import shutil
import socket
import threading
import time
from itertools import pairwise
from math import cos, radians, sin

import numpy as np
import pytest
from PIL import Image, ImageDraw

from sk_mnist.cli._digits import split_sample_digits
from sk_mnist.cli._draw import train_quickly
from sk_mnist.cli._reading import make_reader

uvicorn = pytest.importorskip("uvicorn", reason="the extra draw is not installed")
pytest.importorskip("gradio", reason="the extra draw is not installed")
webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is missing")

PATIENCE = 60  # seconds that a busy machine may take to answer


def find_program(*names):
    """Find the first program of these names that is installed, or skip the test."""
    found = next(filter(None, map(shutil.which, names)), None)
    return found or pytest.skip(f"{names[0]} is not installed")


@contextlib.contextmanager
def open_chromium(profile, **experimental_options):
    """Open a headless Chromium with an empty profile, which speaks to no one."""
    options = webdriver.ChromeOptions()
    options.binary_location = find_program(
        "chromium", "chromium-browser", "google-chrome"
    )
    for argument in (
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
        *("--no-first-run", "--disable-background-networking", "--disable-sync"),
        *("--disable-component-update", "--window-size=1100,760"),
        f"--user-data-dir={profile}",
    ):
        options.add_argument(argument)
    for name, value in experimental_options.items():
        options.add_experimental_option(name, value)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = webdriver.ChromeService(find_program("chromedriver"))
    browser = webdriver.Chrome(options, driver)
    try:
        yield browser
    finally:
        browser.quit()


class Mouse:
    """A mouse with its left button."""

    def __init__(self, browser):
        self.browser = browser

    def _do(self, kind, place):
        event = {"type": kind, "x": place[0], "y": place[1], "button": "left"}
        self.browser.execute_cdp_cmd(
            "Input.dispatchMouseEvent", {**event, "clickCount": 1}
        )

    def press(self, place):
        self._do("mousePressed", place)

    def move(self, place):
        self._do("mouseMoved", place)

    def lift(self, place):
        self._do("mouseReleased", place)


class Finger:
    """A finger on a touch screen."""

    def __init__(self, browser):
        self.browser = browser

    def _do(self, kind, *places):
        points = [{"x": x, "y": y} for x, y in places]
        self.browser.execute_cdp_cmd(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points}
        )

    def press(self, place):
        self._do("touchStart", place)

    def move(self, place):
        self._do("touchMove", place)

    def lift(self, place):
        self._do("touchEnd")


class Page:
    """The page as a person sees and uses it."""

    def __init__(self, browser, url, pointer):
        self.browser = browser
        self.pointer = pointer
        browser.get(url)
        self.wait_until(lambda: self.find("#pad canvas") and self.find("#result ol"))
        self.wait_until(lambda: self.has_paper)

    def find(self, selector):
        return self.browser.find_elements("css selector", selector)

    def text(self, selector):
        (element,) = self.find(selector)
        return element.text

    def run(self, script):
        return self.browser.execute_script(script)

    @property
    def answer(self):
        return self.text("#result output")

    @property
    def remark(self):
        return self.text("#result .answer p")

    @property
    def hint(self):
        return self.text("#pad .hint")

    @property
    def percentages(self):
        rows = self.run(  # all at once: they may be changing
            "return [...document.querySelectorAll('#result li')].map("
            "row => [...row.querySelectorAll('b, span')].map(part => part.innerText))"
        )
        return {label: int(percent.strip(">%")) for label, percent in rows}

    @property
    def has_paper(self):
        return self.run(
            "const pen = document.querySelector('#pad canvas').getContext('2d');"
            "return pen.getImageData(0, 0, 1, 1).data[3] == 255"
        )

    @property
    def drawing(self):
        return self.run("return document.querySelector('#pad canvas').toDataURL()")

    @property
    def framed(self):
        (image,) = self.find("#result img")
        png = base64.b64decode(image.get_attribute("src").partition(",")[2])
        return np.asarray(Image.open(io.BytesIO(png)))

    def wait_until(self, condition):
        """Wait until something is so, and fail if it does not come to be."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, self.text("#desk")
            time.sleep(0.05)

    def wait_for(self, answer):
        self.wait_until(lambda: self.answer == str(answer))

    def place(self, point):
        (canvas,) = self.find("#pad canvas")
        box = canvas.rect
        return box["x"] + point[0] * box["width"], box["y"] + point[1] * box["height"]

    def draw(self, strokes):
        for stroke in strokes:
            places = [self.place(point) for point in stroke]
            self.pointer.press(places[0])
            for place in places[1:]:
                self.pointer.move(place)
            self.pointer.lift(places[-1])

    def clear(self):
        (button,) = self.find("#pad .clear")
        button.click()
        self.wait_for("")

    def upload(self, path):
        (chooser,) = self.find("#pad input[type=file]")
        chooser.send_keys(str(path))


def arc(x, y, radius_x, radius_y, start, end):
    """Points on an ellipse from one angle to another, in degrees, clockwise."""
    angles = [radians(start + (end - start) * k / 20) for k in range(21)]
    return [(x + radius_x * cos(a), y + radius_y * sin(a)) for a in angles]


# What a pen does on a pad whose sides are 1 long.
STROKES = {
    0: [arc(0.5, 0.5, 0.2, 0.3, -90, 270)],
    1: [[(0.5, 0.2), (0.5, 0.5), (0.5, 0.8)]],
    2: [arc(0.5, 0.36, 0.17, 0.16, -170, 30) + [(0.34, 0.76), (0.7, 0.76)]],
    3: [arc(0.47, 0.35, 0.17, 0.14, -150, 80) + arc(0.47, 0.64, 0.2, 0.16, -80, 150)],
    5: [
        [
            (0.68, 0.22),
            (0.42, 0.22),
            (0.4, 0.47),
            *arc(0.5, 0.62, 0.17, 0.17, -110, 140),
        ]
    ],
    7: [[(0.3, 0.22), (0.5, 0.22), (0.7, 0.22), (0.57, 0.52), (0.45, 0.82)]],
}


def photo_of(digit):
    """Make a photo of a digit in blue ink on grey paper."""
    photo = Image.new("RGB", (1600, 1200), (205, 200, 190))
    ink = ImageDraw.Draw(photo)
    for stroke in STROKES[digit]:
        points = [(400 + 800 * x, 200 + 800 * y) for x, y in stroke]
        for (x1, y1), (x2, y2) in pairwise(points):
            for t in np.linspace(0, 1, 30):
                x, y = x1 + t * (x2 - x1), y1 + t * (y2 - y1)
                ink.ellipse((x - 30, y - 30, x + 30, y + 30), fill=(40, 45, 110))
    return photo


@pytest.fixture(scope="module")
def trained():
    """The network that is trained for want of a model, and what was said about it."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        return train_quickly(split_sample_digits()), said.getvalue()


@pytest.fixture(scope="module")
def reader(trained):
    return make_reader(trained[0])


@pytest.fixture(scope="module")
def url(reader):
    """Where the page is being served."""
    from sk_mnist.cli._drawing_page import make_page

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(
            uvicorn.Config(
                make_page(reader), log_config=None, timeout_graceful_shutdown=1
            )
        )
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with open_chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module")
def phone(tmp_path_factory):
    """A browser with a small touch screen."""
    metrics = {"width": 390, "height": 844, "pixelRatio": 2, "touch": True}
    with open_chromium(
        tmp_path_factory.mktemp("phone"), mobileEmulation={"deviceMetrics": metrics}
    ) as browser:
        yield browser


@pytest.fixture
def page(chromium, url):
    return Page(chromium, url, Mouse(chromium))


# Drawing


@pytest.mark.parametrize("digit", [0, 1, 2, 3, 7])
def test_reads_a_digit_drawn_with_the_mouse(page, digit):
    page.draw(STROKES[digit])
    page.wait_for(digit)


@pytest.mark.parametrize("digit", [0, 3])
def test_reads_a_digit_drawn_with_a_finger(phone, url, digit):
    page = Page(phone, url, Finger(phone))
    page.draw(STROKES[digit])
    page.wait_for(digit)


def test_draws_at_the_first_touch(page):
    blank = page.drawing
    page.pointer.press(page.place((0.5, 0.5)))
    assert page.drawing != blank
    page.pointer.lift(page.place((0.5, 0.5)))


def test_offers_nothing_but_what_a_digit_needs(page):
    assert [b.text for b in page.find("button, a, select, textarea")] == [
        "Clear",
        "Read a photo",
    ]


def test_reads_along_while_the_pen_is_down(page):
    corner, middle, end = (page.place(p) for p in [(0.3, 0.2), (0.7, 0.2), (0.4, 0.8)])
    page.pointer.press(corner)
    page.pointer.move(middle)
    page.wait_until(lambda: page.answer)
    before = page.framed
    page.pointer.move(end)
    page.wait_for(7)
    assert not np.array_equal(page.framed, before)
    page.pointer.lift(end)


def test_a_stroke_may_leave_the_pad_and_return(page):
    page.draw([[(0.5, 0.2), (0.5, -0.1), (0.5, 0.2), (0.5, 0.8)]])
    page.wait_for(1)


def test_other_buttons_of_the_mouse_do_not_draw(page):
    blank = page.drawing
    x, y = page.place((0.5, 0.5))
    for kind in ("mousePressed", "mouseReleased"):
        page.browser.execute_cdp_cmd(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": x, "y": y, "button": "right", "clickCount": 1},
        )
    assert page.drawing == blank


def test_shows_ten_probabilities(page):
    page.draw(STROKES[3])
    page.wait_for(3)
    assert list(page.percentages) == list("0123456789")
    assert max(page.percentages, key=page.percentages.get) == "3"
    assert str(page.percentages["3"]) in page.remark
    assert 95 <= sum(page.percentages.values()) <= 105  # each is rounded


def test_shows_what_the_network_saw(page, reader):
    page.draw(STROKES[2])
    png = base64.b64decode(page.drawing.partition(",")[2])
    framed = reader.read(Image.open(io.BytesIO(png))).framed
    page.wait_until(lambda: np.array_equal(page.framed, framed))


def test_clear_leaves_a_blank_page(page):
    blank, hint = page.drawing, page.hint
    page.draw(STROKES[7])
    page.wait_for(7)
    page.clear()
    assert page.drawing == blank
    assert page.hint == hint
    assert set(page.percentages.values()) == {0}
    assert not page.framed.any()


def test_clear_overtakes_what_is_still_being_read(page):
    heard = []

    def has_read_the_blank_pad():
        heard.extend(messages(page.browser))
        sent = [m for m in heard if is_drawing(m)]
        ends = [m for m in heard if m["method"] == "Network.loadingFinished"]
        return (
            sent
            and '"data":[""]' in sent[-1]["params"]["request"]["postData"]
            and sent[-1]["params"]["requestId"]
            in {m["params"]["requestId"] for m in ends}
        )

    page.draw(STROKES[7])
    page.clear()
    page.wait_until(has_read_the_blank_pad)
    page.wait_for("")


# Photos


def test_reads_a_photo(page, tmp_path):
    photo_of(3).save(tmp_path / "three.jpg")
    page.upload(tmp_path / "three.jpg")
    page.wait_for(3)


def test_reads_a_photo_that_a_phone_held_upright_took(page, tmp_path):
    photo = photo_of(3).rotate(90, expand=True)
    exif = photo.getexif()
    exif[0x0112] = 6  # orientation: to be turned clockwise by 90 degrees
    photo.save(tmp_path / "three.jpg", exif=exif)
    page.upload(tmp_path / "three.jpg")
    page.wait_for(3)


def test_sends_a_large_photo_smaller(page, tmp_path):
    Image.effect_noise((6000, 4000), 100).save(tmp_path / "large.png")
    page.browser.get_log("performance")
    page.upload(tmp_path / "large.png")
    page.wait_until(lambda: page.answer or page.remark)
    sent = [
        len(message["params"]["request"]["postData"])
        for message in messages(page.browser)
        if is_drawing(message)
    ]
    assert 0 < max(sent) < 6e6


def test_the_next_stroke_after_a_photo_begins_a_new_drawing(page, tmp_path):
    page.draw(STROKES[1])
    drawn = page.drawing
    photo_of(3).save(tmp_path / "three.png")
    page.upload(tmp_path / "three.png")
    page.wait_for(3)
    page.draw(STROKES[1])
    page.wait_for(1)
    assert page.drawing == drawn


def test_says_that_a_photo_has_no_digit(page, tmp_path):
    Image.new("RGB", (300, 300), "white").save(tmp_path / "paper.png")
    page.upload(tmp_path / "paper.png")
    page.wait_until(lambda: "no ink" in page.remark)


@pytest.mark.parametrize("content", [b"", b"No image."])
def test_says_that_a_file_is_no_image(page, tmp_path, content):
    (tmp_path / "notes.png").write_bytes(content)
    page.upload(tmp_path / "notes.png")
    page.wait_until(lambda: "no image" in page.hint)
    assert page.answer == ""


def test_says_that_a_file_is_too_large(page, tmp_path):
    with (tmp_path / "large.png").open("wb") as file:
        file.truncate(31_000_000)
    page.upload(tmp_path / "large.png")
    page.wait_until(lambda: "too large" in page.hint)


def test_says_that_a_photo_has_too_many_pixels(page, tmp_path):
    Image.new("1", (30_000, 30_000), "white").save(tmp_path / "huge.png")
    page.upload(tmp_path / "huge.png")
    page.wait_until(lambda: "no image that this browser can open" in page.hint)


def test_reads_on_after_a_file_that_it_could_not_read(page, tmp_path):
    (tmp_path / "notes.png").write_bytes(b"No image.")
    page.upload(tmp_path / "notes.png")
    page.wait_until(lambda: "no image" in page.hint)
    page.draw(STROKES[3])
    page.wait_for(3)
    assert page.hint == ""


def in_data_url(image):
    file = io.BytesIO()
    image.save(file, "png")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


@pytest.mark.parametrize(
    ("drawing", "reason"),
    [
        (in_data_url(Image.new("1", (9000, 9000))), "too large"),
        (in_data_url(Image.effect_noise((99, 99), 100))[:-4000], "not an image"),
        ("?,?", "not an image"),
    ],
    ids=["huge", "damaged", "nonsense"],
)
def test_refuses_what_the_pad_would_not_send(reader, drawing, reason):
    from sk_mnist.cli._drawing_page import read_drawing

    assert reason in read_drawing(reader, drawing)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/gradio_api/upload", {"Content-Length": "10"}),
        ("/gradio_api/run/predict", {"Content-Length": "7000000"}),
        ("/gradio_api/run/predict", {"Transfer-Encoding": "chunked"}),
    ],
    ids=["file", "large", "endless"],
)
def test_takes_no_other_uploads(url, path, headers):
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    with contextlib.closing(connection):
        connection.putrequest("POST", path)
        for header in headers.items():
            connection.putheader(*header)
        connection.endheaders()
        assert connection.getresponse().status == 413


# Screens


def test_a_phone_shows_pad_and_answer_without_scrolling(phone, url):
    page = Page(phone, url, Finger(phone))
    page.draw(STROKES[3])
    page.wait_for(3)
    assert page.run("return document.documentElement.scrollWidth") == 390
    assert page.run("return scrollY") == 0  # the finger drew and did not scroll
    (figure,) = page.find("#result figure")
    assert figure.rect["y"] + figure.rect["height"] < 844


def test_the_pad_is_dark_where_the_system_is(page):
    def paper():
        png = page.browser.get_screenshot_as_png()
        x, y = page.place((0.1, 0.1))
        return Image.open(io.BytesIO(png)).convert("L").getpixel((int(x), int(y)))

    def prefer(scheme):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        page.browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [feature]}
        )
        page.browser.refresh()
        page.wait_until(lambda: page.find("#pad canvas"))

    prefer("light")
    page.wait_until(lambda: paper() > 240)
    prefer("dark")
    page.wait_until(lambda: paper() < 60)
    prefer("")


# Privacy


def messages(browser):
    """What Chromium says about the requests since it was asked last."""
    return [
        json.loads(entry["message"])["message"]
        for entry in browser.get_log("performance")
    ]


def is_drawing(message):
    """Tell whether Chromium says that it sends a drawing."""
    return (
        message["method"] == "Network.requestWillBeSent"
        and "/run/" in message["params"]["request"]["url"]
    )


def test_asks_nothing_of_any_other_machine(chromium, url):
    chromium.get("about:blank")
    chromium.get_log("performance")
    page = Page(chromium, url, Mouse(chromium))
    page.draw(STROKES[3])
    page.wait_for(3)
    asked = {
        message["params"]["request"]["url"]
        for message in messages(chromium)
        if message["method"] == "Network.requestWillBeSent"
    }
    assert {a for a in asked if not a.startswith((f"{url}/", "data:"))} == set()
    assert len(asked) > 10


def test_names_no_other_machine_to_the_browser(page, url):
    named = page.run(  # to preconnect to a machine is no request, but tells it as much
        "return [...document.querySelectorAll('link, script, img, iframe')]"
        ".map(element => element.href ?? element.src).filter(Boolean)"
    )
    assert {n for n in named if not n.startswith((f"{url}/", "data:"))} == set()
    assert len(named) > 3


def test_keeps_nothing_in_the_browser(page):
    page.draw(STROKES[3])
    page.wait_for(3)
    kept = page.run(
        "return indexedDB.databases().then(databases => [databases.length,"
        "localStorage.length, sessionStorage.length, document.cookie])"
    )
    assert kept == [0, 0, 0, ""]


# Training for want of a model


def test_says_what_it_trains_on(trained):
    assert "training a quick one on sample digits" in trained[1]
