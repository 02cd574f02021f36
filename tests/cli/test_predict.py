"""``sk-mnist predict``: what it reads, what it prints and how it fails."""

import json
import re
from pathlib import Path

import joblib
import numpy as np
import pytest
from PIL import Image

from sk_mnist.cli._predict import as_line
from terminal import assert_one_line_error, modules_imported_by, run


def test_predict_reads_digits_on_pages(model, pages):
    result = run("predict", model, pages, "--json")
    assert result.exit_code == 0
    records = json.loads(result.stdout)
    right = [record["digit"] == int(Path(record["file"]).stem) for record in records]
    assert sum(right) >= 9


def test_predict_reads_the_pictures_that_the_readme_names(trained_quickly, tmp_path):
    joblib.dump(trained_quickly[0], tmp_path / "model.joblib")
    pictures = Path(__file__).parents[2] / "examples" / "images"
    result = run("predict", tmp_path / "model.joblib", pictures, "--json")
    read = {Path(r["file"]).name: r["digit"] for r in json.loads(result.stdout)}
    assert read == {"2-photo.jpg": 2, "5-scan.png": 5, "7-drawing.png": 7}


def test_predict_prints_file_digit_confidence_and_runner_up(model, pages):
    page = pages / "0.png"
    line = run("predict", model, page).stdout.rstrip("\n")
    assert line.startswith(f"{page}  0  ")
    assert re.fullmatch(r" *>?\d+%  then [1-9] +\d+%", line[len(f"{page}  0") :])


def test_predict_json_holds_all_probabilities(model, pages):
    (record,) = json.loads(run("predict", model, pages / "0.png", "--json").stdout)
    probabilities = record["probabilities"]
    assert list(probabilities) == [str(digit) for digit in range(10)]
    assert sum(probabilities.values()) == pytest.approx(1, abs=1e-4)
    assert record["confidence"] == probabilities[str(record["digit"])]
    assert record["runner_up_confidence"] == sorted(probabilities.values())[-2]


@pytest.mark.parametrize("pattern", ["", "*.png", "[0-9].*", "../*/?.png"])
def test_predict_takes_folders_and_patterns(model, pages, pattern):
    result = run("predict", model, pages / pattern, "--json")
    names = [Path(record["file"]).name for record in json.loads(result.stdout)]
    assert names == [f"{digit}.png" for digit in range(10)]


def write_truncated(path):
    Image.effect_noise((99, 99), 50).save(path, format="PNG")
    path.write_bytes(path.read_bytes()[:2000])


UNREADABLE = {
    "no such file": lambda path: None,
    "empty": Path.touch,
    "not an image": lambda path: path.write_text("a letter"),
    "damaged": write_truncated,
    "too large": lambda path: Image.new("1", (20_000, 20_000)).save(path, format="PNG"),
    "no digit": lambda path: Image.new("L", (99, 99), 200).save(path, format="PNG"),
    "no images in this folder": Path.mkdir,
}


@pytest.mark.parametrize("why", UNREADABLE)
def test_predict_goes_on_after_what_it_cannot_read(model, pages, tmp_path, why):
    unreadable = tmp_path / "image.png"
    UNREADABLE[why](unreadable)
    result = run("predict", model, pages / "1.png", unreadable, pages / "2.png")
    assert result.exit_code == 1
    assert [Path(line.split()[0]).name for line in result.stdout.splitlines()] == [
        "1.png",
        "2.png",
    ]
    line, summary = result.stderr.splitlines()
    assert line.startswith(str(unreadable))
    assert why in line
    assert summary == "1 of 3 images could not be read."


def test_predict_json_holds_the_reasons(model, tmp_path):
    result = run("predict", model, tmp_path / "image.png", "--json")
    assert result.exit_code == 1
    (record,) = json.loads(result.stdout)
    assert record == {"file": str(tmp_path / "image.png"), "error": "no such file"}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_predict_reads_images_of_every_mode(model, pages, tmp_path, mode):
    page = Image.open(pages / "0.png")
    if mode == "I;16":
        page = Image.fromarray(np.asarray(page.convert("L"), np.uint16) * 200)
    path = tmp_path / "page.tif"
    (page if mode == "I;16" else page.convert(mode)).save(path)
    (record,) = json.loads(run("predict", model, path, "--json").stdout)
    assert record["digit"] == 0


def test_predict_turns_photos_upright(model, pages, tmp_path):
    """Cameras write sideways images and a note, in Exif, on how they are to be held."""
    page = Image.open(pages / "7.png")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees
    sideways = page.transpose(Image.Transpose.ROTATE_90)
    sideways.save(tmp_path / "photo.png", exif=exif)
    upright, photo = json.loads(
        run("predict", model, pages / "7.png", tmp_path / "photo.png", "--json").stdout
    )
    assert photo["probabilities"] == upright["probabilities"]


def test_predict_show_draws_a_row_for_each_image(model, pages, tmp_path):
    heights = []
    for names in (["3.png"], ["3.png", "4.png"]):
        out = tmp_path / "out.png"
        paths = [pages / name for name in names]
        assert run("predict", model, *paths, "--show", out).exit_code == 0
        with Image.open(out) as picture:
            heights.append(picture.height)
    assert heights[1] == 2 * heights[0]


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("seen.png", b"\x89PNG"),
        ("seen.jpg", b"\xff\xd8\xff"),
        ("SEEN.JPEG", b"\xff\xd8\xff"),
        ("seen.pdf", b"%PDF"),
    ],
)
def test_predict_show_writes_the_format_of_the_name(
    model, pages, tmp_path, name, beginning
):
    out = tmp_path / name
    assert run("predict", model, pages / "3.png", "--show", out).exit_code == 0
    assert out.read_bytes().startswith(beginning)


def test_predict_aligns_labels_of_any_length():
    probabilities = {"bag": 0.9, "ankle boot": 0.1}
    lines = [
        as_line(
            {
                "file": "x.png",
                "digit": first,
                "confidence": 0.9,
                "runner_up": second,
                "runner_up_confidence": 0.1,
                "left_out": 0,
                "probabilities": probabilities,
            },
            8,
        )
        for first, second in (probabilities, reversed(probabilities))
    ]
    assert lines == [
        "x.png     bag          90%  then ankle boot   10%",
        "x.png     ankle boot   90%  then bag          10%",
    ]


@pytest.mark.parametrize(("confidence", "end"), [(0.75, "25%"), (0.65, "not sure")])
def test_predict_says_when_it_is_not_sure(confidence, end):
    record = {
        "file": "x.png",
        "digit": 3,
        "confidence": confidence,
        "runner_up": 5,
        "runner_up_confidence": 1 - confidence,
        "left_out": 0,
        "probabilities": {3: confidence, 5: 1 - confidence},
    }
    assert as_line(record, 5).endswith(end)


def test_predict_show_copes_with_any_file_name(model, pages, tmp_path):
    image = tmp_path / "$x_1$ & a name that is longer than what an image is wide.png"
    image.write_bytes((pages / "3.png").read_bytes())
    out = tmp_path / "out.png"
    assert run("predict", model, image, "--show", out).exit_code == 0
    assert out.is_file()


@pytest.fixture
def two_digits(pages, tmp_path):
    """A page that shows 1 and 0, side by side."""
    page = Image.new("RGB", (400, 300), "white")
    for left, digit in ((0, 1), (200, 0)):
        page.paste(Image.open(pages / f"{digit}.png"), (left, 0))
    page.save(tmp_path / "number.png")
    return tmp_path / "number.png"


def test_predict_imports_nothing_that_trains_or_draws(model, pages, two_digits):
    imported = modules_imported_by("predict", model, pages / "0.png", two_digits)
    assert {"tensorflow", "keras", "matplotlib"}.isdisjoint(imported)


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ([], ["MODEL"]),
        (["missing.joblib", "x.png"], ["missing.joblib"]),
        (["letter.txt", "x.png"], ["letter.txt", "is not a model"]),
        (["numbers.joblib", "x.png"], ["dict"]),
        (["letter.txt", "x.png", "--show", "no/out.png"], ["no/out.png"]),
        (["letter.txt", "x.png", "--show", "x.gif"], ["--show", ".png", "'x.gif'"]),
    ],
    ids=["nothing", "missing", "no model", "no classifier", "no folder", "no picture"],
)
def test_predict_answers_mistakes_in_one_line(tmp_path, monkeypatch, arguments, parts):
    monkeypatch.chdir(tmp_path)
    Path("letter.txt").write_text("a letter")
    joblib.dump({"pi": 3}, "numbers.joblib")
    assert_one_line_error(run("predict", *arguments), *parts)


def test_predict_prints_a_number_with_each_confidence(model, two_digits):
    line = run("predict", model, two_digits).stdout.rstrip("\n")
    assert re.fullmatch(
        r"(not sure: )?10  +>?\d+%  digits: 1 >?\d+%, 0 >?\d+%",
        line.removeprefix(f"{two_digits}  "),
    )


def test_predict_json_lists_the_digits_of_a_number(model, two_digits):
    (record,) = json.loads(run("predict", model, two_digits, "--json").stdout)
    assert record["number"] == "10"
    assert [digit["digit"] for digit in record["digits"]] == [1, 0]
    one, zero = (digit["box"] for digit in record["digits"])
    assert one[2] <= 200 <= zero[0]


def test_predict_show_draws_the_boxes_of_a_number(model, pages, two_digits, tmp_path):
    blue = []
    for image in (pages / "1.png", two_digits):
        out = tmp_path / "out.png"
        assert run("predict", model, image, "--show", out).exit_code == 0
        with Image.open(out) as picture:
            given = np.asarray(picture.convert("RGB"), int)[:, : picture.width // 4]
        blue.append(int((given[..., 2] - given[..., 0] > 100).sum()))
    assert blue[0] == 0
    assert blue[1] > 100


def test_predict_gives_two_labels_of_a_doubtful_digit_of_a_number():
    sure = {
        "digit": 1,
        "confidence": 0.9,
        "runner_up": 7,
        "runner_up_confidence": 0.05,
        "doubtful": False,
    }
    record = {
        "file": "x.png",
        "number": "11",
        "confidence": 0.36,
        "doubtful": True,
        "left_out": 0,
        "digits": [sure, {**sure, "confidence": 0.4, "doubtful": True}],
    }
    line = "x.png  not sure: 11  36%  digits: 1 90%, 1 40% or 7 5%"
    assert as_line(record, 5) == line


def test_predict_says_how_many_shapes_it_left_out(model, pages, tmp_path):
    page = Image.open(pages / "0.png")
    page.paste(0, (150, 20, 170, 40))
    page.save(tmp_path / "blot.png")
    line = run("predict", model, tmp_path / "blot.png").stdout.rstrip("\n")
    assert line.endswith("  1 other shape left out")
