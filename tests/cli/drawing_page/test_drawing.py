"""Drawing on the page: it reads digits as they are drawn.

Mouse and finger are Chromium's own input events.
"""

import base64
import io
import threading

import numpy as np
import pytest
from PIL import Image
from selenium.webdriver.common.keys import Keys

from browser import PATIENCE, STROKES, Finger, Mouse, Page, has_been_answered


@pytest.mark.parametrize("digit", [0, 1, 2, 3, 7])
def test_reads_a_digit_drawn_with_the_mouse(page, digit):
    page.draw(STROKES[digit])
    page.wait_for(digit)


@pytest.mark.parametrize("digit", [0, 3])
def test_reads_a_digit_drawn_with_a_finger(phone, url, digit):
    page = Page(phone, url, Finger(phone))
    page.draw(STROKES[digit])
    page.wait_for(digit)


def test_reads_a_number(page):
    for left, digit in ((0, 1), (0.5, 2)):
        page.draw([[(left + x / 2, y) for x, y in stroke] for stroke in STROKES[digit]])
    page.wait_for("12")
    height, width = page.framed.shape
    assert (height, width) == (28, 56)
    assert not page.find("#result ol")[0].is_displayed()


def test_draws_at_the_first_touch(page):
    blank = page.drawing
    page.pointer.press(page.place((0.5, 0.5)))
    assert page.drawing != blank
    page.pointer.lift(page.place((0.5, 0.5)))


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


def test_clear_overtakes_what_is_still_being_read(chromium, reader, serve):
    has_begun, may_end = threading.Event(), threading.Event()

    class Slow:
        classifier = reader.classifier

        def read(self, image):
            has_begun.set()
            assert may_end.wait(PATIENCE)
            return reader.read(image)

    with serve(Slow()) as url:
        page = Page(chromium, url, Mouse(chromium))
        chromium.get_log("performance")
        page.draw(STROKES[7])
        assert has_begun.wait(PATIENCE)
        page.clear()
        may_end.set()
        page.wait_until(lambda: has_been_answered(chromium))
        page.run("return new Promise(requestAnimationFrame)")
        assert page.answer == ""


# Undo


def test_undo_takes_back_a_stroke(page):
    page.draw(STROKES[1])
    drawn = page.drawing
    page.draw([[(0.2, 0.8), (0.8, 0.8)]])
    page.click(".undo")
    assert page.drawing == drawn
    page.wait_for(1)


@pytest.mark.parametrize("key", [Keys.CONTROL, Keys.META])
def test_ctrl_z_undoes(page, key):
    blank = page.drawing
    page.draw(STROKES[7])
    page.press_with(key, "z")
    assert page.drawing == blank
    assert page.answer == ""


def test_undo_brings_back_what_was_cleared(page):
    page.draw(STROKES[3])
    drawn = page.drawing
    page.clear()
    page.click(".undo")
    assert page.drawing == drawn
    page.wait_for(3)


def test_there_is_nothing_to_undo_on_a_new_page(page):
    (undo,) = page.find(".undo")
    assert not undo.is_enabled()
    page.draw(STROKES[1])
    assert undo.is_enabled()
    undo.click()
    assert not undo.is_enabled()


# Keyboard and screen reader


def test_draws_by_keyboard_alone(page):
    page.press(Keys.TAB)
    assert page.run("return document.activeElement.tagName") == "CANVAS"
    page.press(*[Keys.ARROW_UP] * 9, " ", *[Keys.ARROW_DOWN] * 18, " ")
    page.wait_for(1)
    drawn = page.drawing
    page.press(Keys.ARROW_LEFT)  # the pen is up
    assert page.drawing == drawn
    page.press(Keys.ESCAPE)
    page.wait_for("")


def test_shows_where_the_pen_of_the_keyboard_is(page):
    (pen,) = page.find(".pen")
    assert not pen.is_displayed()
    page.press(Keys.TAB, Keys.ARROW_LEFT)
    before = pen.rect
    page.press(Keys.ARROW_RIGHT)
    assert pen.is_displayed()
    assert pen.rect["x"] > before["x"]


def test_tells_a_screen_reader_what_the_pad_is_and_what_was_read(page):
    (canvas,) = page.find("canvas")
    assert canvas.accessible_name == "Pad to draw digits on"
    described_by = canvas.get_attribute("aria-describedby")
    told = page.run(f"return document.getElementById('{described_by}').textContent")
    assert "Space puts it down" in told
    assert [e.get_attribute("role") for e in page.find(".answer, .hint")] == [
        "status",
        "status",
    ]


def test_is_busy_until_what_the_pad_shows_is_read(chromium, reader, serve):
    may_end = threading.Event()

    class Slow:
        classifier = reader.classifier

        def read(self, image):
            assert may_end.wait(PATIENCE)
            return reader.read(image)

    with serve(Slow()) as url:
        page = Page(chromium, url, Mouse(chromium))
        assert not page.is_busy
        page.draw(STROKES[7])
        assert page.is_busy
        may_end.set()
        page.wait_for(7)


# What it says


def test_names_its_model(page):
    assert page.text("header p") == "Read by model.joblib"


def test_shows_labels_that_hold_html_as_they_are(chromium, url_of_words):
    page = Page(chromium, url_of_words, Mouse(chromium))
    html = "<img src=x onerror=alert(1)>"
    assert list(page.percentages)[3] == html
    assert page.text("header p") == "Read by <b>bold</b>.joblib"
    page.draw(STROKES[3])
    page.wait_for(html)
    assert page.find("#result img[src=x]") == []


def test_says_that_nothing_answers(chromium, reader, serve):
    with serve(reader) as url:
        page = Page(chromium, url, Mouse(chromium))
    page.draw(STROKES[3])
    page.wait_until(lambda: "Is sk-mnist draw still running?" in page.remark)
