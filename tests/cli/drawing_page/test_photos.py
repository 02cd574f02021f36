"""Photos on the page: chosen, dropped or pasted."""

import base64

import pytest
from PIL import Image

from browser import STROKES, photo_of


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
    noise = Image.effect_noise((1500, 1000), 100)
    noise.resize((6000, 4000), Image.Resampling.NEAREST).save(tmp_path / "large.png")
    page.upload(tmp_path / "large.png")
    page.wait_until(lambda: page.answer or page.remark)
    assert "too large" not in page.remark
    assert page.run("return document.querySelector('canvas.photo') !== null")


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
    page.wait_until(lambda: "No digit" in page.remark)


@pytest.mark.parametrize("content", [b"", b"No image."])
def test_says_that_a_file_is_no_image(page, tmp_path, content):
    (tmp_path / "notes.png").write_bytes(content)
    page.upload(tmp_path / "notes.png")
    page.wait_until(lambda: "cannot open the file" in page.hint)
    assert page.answer == ""


def test_says_that_a_file_is_too_large(page, tmp_path):
    with (tmp_path / "large.png").open("wb") as file:
        file.truncate(31_000_000)
    page.upload(tmp_path / "large.png")
    page.wait_until(lambda: "too large" in page.hint)


def test_says_that_a_photo_has_too_many_pixels(page, tmp_path):
    Image.new("1", (30_000, 30_000), "white").save(tmp_path / "huge.png")
    page.upload(tmp_path / "huge.png")
    page.wait_until(lambda: "JPEG, or smaller" in page.hint)


def test_reads_on_after_a_file_that_it_could_not_read(page, tmp_path):
    (tmp_path / "notes.png").write_bytes(b"No image.")
    page.upload(tmp_path / "notes.png")
    page.wait_until(lambda: "cannot open the file" in page.hint)
    page.draw(STROKES[3])
    page.wait_for(3)
    assert page.hint == ""


def give(page, event, path):
    """Give the page a file by a `drop` or a `paste`, as the browser does."""
    data = base64.b64encode(path.read_bytes()).decode()
    page.run(f"""
        const bytes = Uint8Array.from(atob("{data}"), letter => letter.charCodeAt(0));
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], "{path.name}"));
        const event = "{event}" === "drop"
            ? new DragEvent("drop", {{dataTransfer: transfer, cancelable: true}})
            : new ClipboardEvent("paste", {{clipboardData: transfer}});
        document.dispatchEvent(event);
    """)


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_reads_a_photo_that_is_dropped_or_pasted(page, tmp_path, event):
    photo_of(3).save(tmp_path / "three.png")
    give(page, event, tmp_path / "three.png")
    page.wait_for(3)


def test_undo_brings_back_the_drawing_before_a_photo(page, tmp_path):
    page.draw(STROKES[1])
    drawn = page.drawing
    photo_of(3).save(tmp_path / "three.png")
    page.upload(tmp_path / "three.png")
    page.wait_for(3)
    page.click(".undo")
    assert page.drawing == drawn
    page.wait_for(1)
