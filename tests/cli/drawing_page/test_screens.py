"""The page on screens of all kinds: sizes, light and dark, contrast."""

import io
import re

import pytest
from PIL import Image

from browser import STROKES, Finger, Page


def bottom(page, selector):
    (element,) = page.find(selector)
    return element.rect["y"] + element.rect["height"]


def right(page, selector):
    (element,) = page.find(selector)
    return element.rect["x"] + element.rect["width"]


def test_a_phone_shows_all_without_scrolling(phone, url):
    page = Page(phone, url, Finger(phone))
    page.draw(STROKES[3])
    page.wait_for(3)
    assert page.run("return document.documentElement.scrollWidth") == 390
    assert page.run("return scrollY") == 0  # the finger drew and did not scroll
    assert bottom(page, "ol") < 844


def test_a_phone_held_sideways_shows_the_whole_pad_and_the_answer(sideways_phone, url):
    page = Page(sideways_phone, url, Finger(sideways_phone))
    page.draw(STROKES[3])
    page.wait_for(3)
    assert page.run("return scrollY") == 0
    assert bottom(page, ".buttons") < 390
    assert bottom(page, "ol") < 390
    assert right(page, "#result") < 844


def test_a_phone_held_sideways_names_the_model(sideways_phone, reader, serve):
    with serve(reader, "a-model-with-quite-a-long-name" * 3 + ".joblib") as url:
        page = Page(sideways_phone, url, Finger(sideways_phone))
        assert page.find("header p")[0].text.startswith("Read by a-model")
        assert right(page, "header") < 844
        assert bottom(page, "header") <= page.find("#result")[0].rect["y"]
        assert bottom(page, "ol") < 390


def test_long_labels_fit_on_a_phone(phone, url_of_words):
    page = Page(phone, url_of_words, Finger(phone))
    page.draw(STROKES[1])
    page.wait_until(lambda: page.answer)
    assert page.run("return document.documentElement.scrollWidth") == 390
    assert right(page, "output") <= page.find("figure")[0].rect["x"]
    widths = page.run(
        "return [...document.querySelectorAll('li i')].map(bar => bar.clientWidth)"
    )
    assert min(widths) > 100


def test_the_pen_is_as_broad_on_every_pad(page, phone, url):
    def share_of_ink(page):
        page.draw(STROKES[1])
        return page.run(
            "const canvas = document.querySelector('canvas');"
            "const {data} = canvas.getContext('2d').getImageData("
            "0, 0, canvas.width, canvas.height);"
            "return data.filter((value, k) => k % 4 == 0 && value < 128).length"
            "/ (data.length / 4)"
        )

    on_a_phone = share_of_ink(Page(phone, url, Finger(phone)))
    assert share_of_ink(page) == pytest.approx(on_a_phone, rel=0.02)


def prefer(page, scheme):
    feature = {"name": "prefers-color-scheme", "value": scheme}
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


@pytest.fixture(params=["light", "dark"])
def scheme(request, page):
    prefer(page, request.param)
    yield request.param
    prefer(page, "")


def test_the_pad_is_as_light_or_dark_as_the_system(page, scheme):
    png = page.browser.get_screenshot_as_png()
    x, y = page.place((0.1, 0.1))
    paper = Image.open(io.BytesIO(png)).convert("L").getpixel((int(x), int(y)))
    assert paper > 240 if scheme == "light" else paper < 60


def luminance(color):
    """Relative luminance as WCAG 2 defines it, of a color such as "rgb(1, 2, 3)"."""
    shares = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    linear = [
        s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    darker, lighter = sorted([luminance(first), luminance(second)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.usefixtures("scheme")
@pytest.mark.parametrize(
    ("selector", "name", "least"),
    [
        (".hint", "color", 4.5),
        ("header p", "color", 4.5),
        ("figcaption", "color", 4.5),
        (".paper", "border-top-color", 3),
        (".clear", "border-top-color", 3),
    ],
)
def test_contrast_is_that_of_wcag_aa(page, selector, name, least):
    background = page.find("body")[0].value_of_css_property("background-color")
    color = page.find(selector)[0].value_of_css_property(name)
    assert contrast(color, background) >= least
