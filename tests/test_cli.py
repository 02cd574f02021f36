"""What the ``sk-mnist`` command promises to people with a terminal and no script."""

import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest
from PIL import Image
from sklearn.model_selection import GridSearchCV
from typer.testing import CliRunner

from processes import press_ctrl_c
from sk_mnist import DigitFramer, MNISTMLPClassifier, __version__, datasets, recipes
from sk_mnist.cli import app
from sk_mnist.cli._reading import make_reader
from sk_mnist.cli._train import train
from sk_mnist.recipes import Recipe

TRAIN_OPTIONS = [
    *("--data", "sample", "--epochs", "6", "--hidden-units", "64,32"),
    *("--hidden-units", "16", "--activation", "tanh", "--learning-rate", "0.003"),
    *("--validation-split", "0.1", "--early-stopping", "--random-state", "0"),
]


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run_process(*command, **options):
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=120,
        **options,
    )


def modules_imported_by(*arguments):
    """Which of the heavy packages a run of the command imports."""
    code = (
        "import sys\n"
        "from sk_mnist.cli import app\n"
        "try: app(sys.argv[1:])\n"
        "except SystemExit as end: assert not end.code\n"
        "heavy = {'tensorflow', 'keras', 'sklearn', 'matplotlib', 'pandas'}\n"
        "print('imported:', *sorted(heavy & set(sys.modules)))\n"
    )
    completed = run_process(sys.executable, "-c", code, *arguments)
    assert completed.returncode == 0, completed.stderr
    return completed.stdout.rpartition("imported:")[2].split()


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """One run of ``sk-mnist train``: what it printed, and the folder it wrote to."""
    folder = tmp_path_factory.mktemp("trained")
    result = run(
        "train",
        *TRAIN_OPTIONS,
        *("--out", folder / "model.joblib", "--report", folder / "report"),
    )
    assert result.exit_code == 0, result.output
    return result, folder


@pytest.fixture(scope="module")
def model(trained):
    return trained[1] / "model.joblib"


@pytest.fixture(scope="module")
def pages(tmp_path_factory, sample_digits):
    """A folder with each digit as dark ink on a light page, named ``<digit>.png``."""
    folder = tmp_path_factory.mktemp("photos") / "pages"
    folder.mkdir()
    for digit in range(10):
        (k, *_) = np.flatnonzero(sample_digits.target == digit)
        ink = Image.fromarray(255 - sample_digits.images[k]).resize((112, 112))
        page = Image.new("RGB", (200, 300), "white")
        page.paste(ink, (20, 150))
        page.save(folder / f"{digit}.png")
    (folder / "notes.txt").write_text("No image, and not named like one.")
    return folder


@pytest.fixture
def no_mnist(monkeypatch, tmp_path):
    """A machine without MNIST and without a network."""
    monkeypatch.delenv("SK_MNIST_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(datasets, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(datasets, "MIRRORS", {"nowhere://": ["mnist.npz"]})
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # between attempts


def assert_one_line_error(result, *parts):
    assert result.exit_code not in (0, 130)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    for part in parts:
        assert part in line


# The command


def test_version():
    assert run("--version").output.strip() == f"sk-mnist {__version__}"


def test_without_arguments_it_shows_its_commands():
    result = run()
    assert result.exit_code == 0
    assert "train" in result.stdout
    assert "predict" in result.stdout


def test_python_m_is_the_same_command():
    as_module = run_process(sys.executable, "-m", "sk_mnist", "--version")
    assert as_module.stdout == run("--version").stdout


def test_help_imports_nothing_heavy():
    assert modules_imported_by("train", "--help") == []


# train


def test_train_prints_the_data_the_accuracy_and_the_report(trained):
    printed = trained[0].stdout
    assert "sample digits, 1,347 images to train on and 450 to test on" in printed
    assert re.search(r"Test accuracy: \d\d\.\d\d%", printed)
    assert "macro avg" in printed


def test_train_shows_progress_on_standard_error(trained):
    assert "Epoch 6/6" in trained[0].stderr


def test_train_saves_a_pipeline_for_raw_images(model, sample_digits):
    pipeline = joblib.load(model)
    assert pipeline.score(sample_digits.data, sample_digits.target) > 0.9


def test_train_prints_the_accuracy_of_the_saved_model(trained, model, sample_digits):
    from sklearn.model_selection import train_test_split

    X, y = sample_digits.data, sample_digits.target
    _, X_test, _, y_test = train_test_split(
        X, y, test_size=0.25, stratify=y, random_state=0
    )
    accuracy = joblib.load(model).score(X_test, y_test)
    assert f"Test accuracy: {accuracy:.2%}" in trained[0].stdout


def test_train_hands_its_options_to_the_classifier(model):
    network = joblib.load(model)[-1].get_params()
    given = {
        "epochs": 6,
        "hidden_units": (64, 32, 16),
        "activation": "tanh",
        "learning_rate": 0.003,
        "validation_split": 0.1,
        "early_stopping": True,
        "random_state": 0,
    }
    assert {name: network[name] for name in given} == given


def test_train_saves_a_digit_reader(model):
    reader = joblib.load(model)
    assert list(reader.named_steps) == ["frame", "normalize", "mlp"]


def test_train_leaves_the_classifier_its_defaults(model):
    network = joblib.load(model)[-1].get_params()
    defaults = MNISTMLPClassifier().get_params()
    names = ["dropout", "optimizer", "loss", "batch_size", "patience"]
    assert [network[name] for name in names] == [defaults[name] for name in names]


def test_train_help_shows_the_defaults_of_the_classifier():
    defaults = MNISTMLPClassifier().get_params()
    shown = {
        name: parameter.annotation.__metadata__[0].show_default
        for name, parameter in inspect.signature(train).parameters.items()
        if isinstance(defaults.get(name), int | float | str)
    }
    assert shown.pop("early_stopping") is False  # a switch, which shows none
    assert len(shown) == 9
    assert shown == {name: str(defaults[name]) for name in shown}


@pytest.mark.parametrize("name", ["confusion_matrix.png", "training_curves.png"])
def test_report_holds_pictures(trained, name):
    with Image.open(trained[1] / "report" / name) as picture:
        assert picture.format == "PNG"
        assert len(picture.convert("L").getcolors()) > 10


def test_train_leaves_nothing_else_behind(trained):
    assert sorted(os.listdir(trained[1])) == ["model.joblib", "report"]


def test_hidden_units_none_is_a_softmax_regression(tmp_path):
    out = tmp_path / "softmax.joblib"
    options = ["--data", "sample", "--epochs", 1, "--hidden-units", "none"]
    assert run("train", *options, "--out", out).exit_code == 0
    assert joblib.load(out)[-1].n_layers_ == 2


def test_options_override_those_of_a_recipe(tmp_path):
    out = tmp_path / "model.joblib"
    options = ["--recipe", "softmax-sgd", "--data", "sample", "--epochs", 2]
    assert run("train", *options, "--out", out).exit_code == 0
    network = joblib.load(out)[-1]
    assert (network.optimizer, network.batch_size, network.n_layers_) == ("sgd", 128, 2)
    assert network.n_iter_ == 2


def test_a_committee_is_reported_on_with_all_its_members(tmp_path, monkeypatch):
    committee = Recipe("trio", "", {"epochs": 1}, "", members_of="plain")
    monkeypatch.setattr(recipes, "RECIPES", {"trio": committee})
    result = run(
        *("train", "--recipe", "trio", "--data", "sample", "--hidden-units", "8"),
        *("--out", tmp_path / "model.joblib", "--report", tmp_path / "report"),
    )
    assert result.exit_code == 0, result.output
    assert len(joblib.load(tmp_path / "model.joblib")[-1].estimators_) == 3
    assert sorted(os.listdir(tmp_path / "report")) == [
        "confusion_matrix.png",
        "training_curves.png",
    ]


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--epochs", "many"], ["--epochs"]),
        (["--epochs", "0"], ["'epochs'", "Got 0"]),
        (["--hidden-units", "128;64"], ["--hidden-units", "128;64"]),
        (["--hidden-units", "128,0"], ["'hidden_units'", "(128, 0)"]),
        (["--activation", "linear"], ["'activation'", "'linear'"]),
        (["--optimizer", "swift"], ["'optimizer'", "'swift'"]),
        (["--early-stopping"], ["validation_split"]),
        (["--recipe", "slow"], ["'slow'", "fast"]),
        (["--data", "letters"], ["--data", "letters"]),
        (["--nonsense"], ["--nonsense"]),
        (["--out", "missing/model.joblib"], ["missing", "cannot be written"]),
        (["--out", "."], ["cannot be written"]),
        (["--report", "taken"], ["taken"]),
    ],
    ids=" ".join,
)
def test_train_answers_mistakes_in_one_line(tmp_path, monkeypatch, options, parts):
    monkeypatch.chdir(tmp_path)
    Path("taken").write_text("a file, where a folder is wanted")
    result = run("train", "--data", "sample", *options)
    assert_one_line_error(result, *parts)
    assert os.listdir() == ["taken"]


def test_mistakes_about_files_are_found_before_training(tmp_path):
    result = run("train", "--data", "sample", "--out", tmp_path / "no" / "m.joblib")
    assert result.stdout == ""


@pytest.mark.usefixtures("no_mnist")
def test_auto_says_in_one_line_that_it_takes_the_sample_digits(tmp_path):
    result = run(
        *("train", "--epochs", 1, "--hidden-units", "none"),
        *("--out", tmp_path / "model.joblib"),
    )
    assert result.exit_code == 0
    tries, instead, epoch = result.stderr.splitlines()
    assert "downloading" in tries
    assert "taking the sample digits instead" in instead
    assert epoch.startswith("Epoch 1/1")
    assert "Data: sample digits" in result.stdout


@pytest.mark.usefixtures("no_mnist")
def test_mnist_that_cannot_be_had_is_an_error(tmp_path):
    result = run("train", "--data", "mnist", "--out", tmp_path / "model.joblib")
    assert result.exit_code == 1
    tries, error = result.stderr.splitlines()
    assert "downloading" in tries
    assert error.startswith("Error: MNIST was neither found nor downloaded.")
    assert "SK_MNIST_DATA" in error


@pytest.mark.mnist
@pytest.mark.usefixtures("mnist")
def test_auto_takes_mnist_where_it_is(tmp_path):
    out = tmp_path / "model.joblib"
    result = run("train", "--epochs", 1, "--hidden-units", "none", "--out", out)
    assert "MNIST, 60,000 images to train on and 10,000 to test on" in result.stdout


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX systems")
def test_ctrl_c_leaves_the_old_model(tmp_path):
    out = tmp_path / "model.joblib"
    out.write_text("an older model")
    command = [sys.executable, "-m", "sk_mnist", "train", "--data", "sample"]
    with subprocess.Popen(
        [*command, "--epochs", "1000000", "--out", out],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr.readline().startswith("Epoch 1")
        _, rest = press_ctrl_c(process)
    assert process.returncode == 130
    assert "Interrupted." in rest
    assert "Traceback" not in rest
    assert out.read_text() == "an older model"
    assert os.listdir(tmp_path) == ["model.joblib"]


# predict


def test_predict_reads_digits_on_pages(model, pages):
    result = run("predict", model, pages, "--json")
    assert result.exit_code == 0
    records = json.loads(result.stdout)
    right = [record["digit"] == int(Path(record["file"]).stem) for record in records]
    assert sum(right) >= 9


def test_predict_prints_file_digit_confidence_and_runner_up(model, pages):
    page = pages / "0.png"
    line = run("predict", model, page).stdout.rstrip("\n")
    assert line.startswith(f"{page}  0  ")
    assert re.fullmatch(
        r" *>?\d+\.\d%  then [1-9] +\d+\.\d%", line[len(f"{page}  0") :]
    )


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
    "no ink": lambda path: Image.new("L", (99, 99), 200).save(path, format="PNG"),
    "folder": Path.mkdir,
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


def test_predict_show_copes_with_any_file_name(model, pages, tmp_path):
    image = tmp_path / "$x_1$ & a name that is longer than what an image is wide.png"
    image.write_bytes((pages / "3.png").read_bytes())
    out = tmp_path / "out.png"
    assert run("predict", model, image, "--show", out).exit_code == 0
    assert out.is_file()


def test_predict_imports_nothing_that_trains_or_draws(model, pages):
    imported = modules_imported_by("predict", model, pages / "0.png")
    assert {"tensorflow", "keras", "matplotlib"}.isdisjoint(imported)


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ([], ["MODEL"]),
        (["missing.joblib", "x.png"], ["missing.joblib"]),
        (["letter.txt", "x.png"], ["letter.txt", "cannot be loaded"]),
        (["numbers.joblib", "x.png"], ["dict"]),
        (["letter.txt", "x.png", "--show", "no/out.png"], ["no/out.png"]),
    ],
    ids=["nothing", "missing", "no model file", "no classifier", "unwritable picture"],
)
def test_predict_answers_mistakes_in_one_line(tmp_path, monkeypatch, arguments, parts):
    monkeypatch.chdir(tmp_path)
    Path("letter.txt").write_text("a letter")
    joblib.dump({"pi": 3}, "numbers.joblib")
    assert_one_line_error(run("predict", *arguments), *parts)


# How a model is taken apart


def test_a_model_with_a_framer_is_not_framed_twice(model):
    pipeline = joblib.load(model)
    reader = make_reader(pipeline)
    assert reader.framer[-1] is pipeline[0]
    assert not any(isinstance(step, DigitFramer) for step in reader.classifier)


def test_a_model_without_a_framer_gets_one(model, pages):
    pipeline = joblib.load(model)
    image = Image.open(pages / "5.png")
    np.testing.assert_array_equal(
        make_reader(pipeline[1:]).read(image).probabilities,
        make_reader(pipeline).read(image).probabilities,
    )


def test_a_search_is_read_with_its_best_pipeline(model, pages):
    pipeline = joblib.load(model)
    search = GridSearchCV(pipeline, {})
    search.best_estimator_ = pipeline
    assert make_reader(search).framer[-1] is pipeline[0]


def test_a_network_without_a_normalizer_gets_pixels_between_0_and_1(model, pages):
    pipeline = joblib.load(model)
    image = Image.open(pages / "5.png")
    np.testing.assert_array_equal(
        make_reader(pipeline[-1]).read(image).probabilities,
        make_reader(pipeline).read(image).probabilities,
    )
