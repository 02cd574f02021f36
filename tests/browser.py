"""A real browser, a hand that draws in it, and the drawing page in it."""

import base64
import contextlib
import io
import json
import shutil
import time
from itertools import pairwise
from math import cos, radians, sin

import numpy as np
import pytest
from PIL import Image, ImageDraw
from selenium import webdriver
from selenium.webdriver import ActionChains

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
        return self.text(".hint")

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
            "const pen = document.querySelector('canvas').getContext('2d');"
            "return pen.getImageData(0, 0, 1, 1).data[3] == 255"
        )

    @property
    def drawing(self):
        return self.run("return document.querySelector('canvas').toDataURL()")

    @property
    def framed(self):
        (image,) = self.find("#result img")
        png = base64.b64decode(image.get_attribute("src").partition(",")[2])
        return np.asarray(Image.open(io.BytesIO(png)))

    def wait_until(self, condition):
        """Wait until something is so, and fail if it does not come to be."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, self.text("main")
            time.sleep(0.05)

    @property
    def is_busy(self):
        return self.find("#result")[0].get_attribute("aria-busy") == "true"

    def wait_for(self, answer):
        """Wait until the whole of what the pad shows is read as this."""
        self.wait_until(lambda: not self.is_busy and self.answer == str(answer))

    def place(self, point):
        (canvas,) = self.find("canvas")
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
        (button,) = self.find(".clear")
        button.click()
        self.wait_until(lambda: self.answer == "")

    def click(self, selector):
        (element,) = self.find(selector)
        element.click()

    def press(self, *keys):
        """Press keys one after the other."""
        ActionChains(self.browser).send_keys(*keys).perform()

    def press_with(self, modifier, key):
        chain = ActionChains(self.browser).key_down(modifier).send_keys(key)
        chain.key_up(modifier).perform()

    def upload(self, path):
        (chooser,) = self.find("input[type=file]")
        chooser.send_keys(str(path))


def messages(browser):
    """What Chromium says about the requests since it was asked last."""
    return [
        json.loads(entry["message"])["message"]
        for entry in browser.get_log("performance")
    ]


def has_been_answered(browser):
    """Tell whether a request has ended since Chromium was asked last."""
    return any(m["method"] == "Network.loadingFinished" for m in messages(browser))


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
    """Make a photo of a digit in blue ink on gray paper."""
    photo = Image.new("RGB", (1600, 1200), (205, 200, 190))
    ink = ImageDraw.Draw(photo)
    for stroke in STROKES[digit]:
        points = [(400 + 800 * x, 200 + 800 * y) for x, y in stroke]
        for (x1, y1), (x2, y2) in pairwise(points):
            for t in np.linspace(0, 1, 30):
                x, y = x1 + t * (x2 - x1), y1 + t * (y2 - y1)
                ink.ellipse((x - 30, y - 30, x + 30, y + 30), fill=(40, 45, 110))
    return photo
