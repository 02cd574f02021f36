"""``sk-mnist train``: what it prints, what it saves and how it fails."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import joblib
import pytest
import requests
from PIL import Image

from old_versions import OLD_TENSORFLOW_IS_LOUD
from processes import press_ctrl_c
from sk_mnist import recipes
from sk_mnist._datasets._download import MIRRORS
from sk_mnist.cli._train import train
from sk_mnist.recipes import Recipe
from terminal import assert_one_line_error, run


def test_train_prints_the_data_the_accuracy_and_the_report(trained):
    printed = trained[0].stdout
    assert "sample digits, 1,347 images to train on and 450 to test on" in printed
    assert re.search(r"Test accuracy: \d\d\.\d\d%", printed)
    assert "macro avg" in printed


def test_train_shows_progress_on_standard_error(trained):
    assert "Epoch 20/20" in trained[0].stderr


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
        "epochs": 20,
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


def test_train_takes_all_else_from_the_recipe_fast(model):
    network = joblib.load(model)[-1].get_params()
    fast = recipes.build("fast")["mlp"].get_params()
    names = ["dropout", "optimizer", "loss", "batch_size", "label_smoothing"]
    assert [network[name] for name in names] == [fast[name] for name in names]


def test_train_help_shows_the_defaults_of_the_recipe_fast():
    defaults = recipes.build("fast")["mlp"].get_params()
    shown = {
        name: parameter.annotation.__metadata__[0].show_default
        for name, parameter in inspect.signature(train).parameters.items()
        if isinstance(defaults.get(name), int | float | str | tuple)
    }
    assert shown.pop("early_stopping") is False  # a switch, which shows none
    units = ",".join(map(str, defaults["hidden_units"]))
    assert shown.pop("hidden_units") == units
    assert len(shown) == 9
    assert shown == {name: str(defaults[name]) for name in shown}


def test_train_deforms_the_sample_digits_more_because_they_are_few(trained, model):
    own = recipes.build("fast")["mlp"].augmentation
    assert joblib.load(model)[-1].augmentation.rotation > own.rotation
    assert "deformed" in trained[0].stdout


def test_a_recipe_that_is_named_is_trained_as_it_is(tmp_path):
    out = tmp_path / "model.joblib"
    options = ["--recipe", "fast", "--data", "sample", "--epochs", 1]
    assert run("train", *options, "--out", out).exit_code == 0
    own = recipes.build("fast")["mlp"].augmentation
    assert joblib.load(out)[-1].augmentation.get_params() == own.get_params()


def test_train_ends_with_what_can_be_done_next(trained, model):
    *_, predict, draw = trained[0].stdout.splitlines()
    assert predict.endswith(f"predict {model} photo.jpg --show seen.png")
    assert draw.endswith(f"draw {model}")


def test_train_says_that_it_replaces_a_model(tmp_path):
    out = tmp_path / "model.joblib"
    options = ["train", "--data", "sample", "--epochs", 1, "--out", out]
    options += ["--hidden-units", "none"]
    assert "replaced" not in run(*options).stdout
    assert f"{out} exists, and will be replaced." in run(*options).stdout


def test_quiet_says_nothing_but_saves_the_model(tmp_path):
    out = tmp_path / "model.joblib"
    options = ["--data", "sample", "--epochs", 1, "--hidden-units", "none"]
    result = run("train", *options, "--out", out, "--quiet")
    assert (result.exit_code, result.output) == (0, "")
    assert joblib.load(out)[-1].n_iter_ == 1


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
        (["--epochs", "0"], ["--epochs must be", "Got 0"]),
        (["--batch-size", "-1"], ["--batch-size must be", "Got -1"]),
        (["--dropout", "1"], ["--dropout must be", "Got 1"]),
        (["--learning-rate", "0"], ["--learning-rate must be greater than 0", "Got 0"]),
        (["--hidden-units", "128;64"], ["--hidden-units", "128;64"]),
        (["--hidden-units", "128,0"], ["--hidden-units", "128,0", "above 0"]),
        (["--seed", "-1"], ["must be a whole number from 0 to 4294967295. Got"]),
        (["--activation", "linear"], ["--activation must be", "'linear'"]),
        (["--optimizer", "swift"], ["--optimizer must be", "'swift'"]),
        (["--loss", "poisson"], ["--loss 'poisson'", "label_smoothing"]),
        (["--early-stopping"], ["--early-stopping", "add --validation-split 0.1"]),
        (["--recipe", "slow"], ["--recipe must be", "'slow'", "fast"]),
        (["--data", "letters"], ["--data", "letters"]),
        (["--nonsense"], ["--nonsense"]),
        (["--out", "missing/model.joblib"], ["missing", "cannot be written"]),
        (["--out", "."], ["cannot be written"]),
        (["--report", "taken"], ["taken is a file", "needs a folder"]),
    ],
    ids=" ".join,
)
def test_train_answers_mistakes_in_one_line(tmp_path, monkeypatch, options, parts):
    monkeypatch.chdir(tmp_path)
    Path("taken").write_text("a file, where a folder is wanted")
    result = run("train", "--data", "sample", *options)
    assert_one_line_error(result, *parts)
    assert "in the range" not in result.stderr  # scikit-learn's words, with brackets
    assert os.listdir() == ["taken"]
    assert "Data:" not in result.stdout  # found before any digits are loaded


def test_mistakes_about_files_are_found_before_training(tmp_path):
    result = run("train", "--data", "sample", "--out", tmp_path / "no" / "m.joblib")
    assert result.stdout == ""


@pytest.mark.usefixtures("no_mnist")
def test_auto_says_why_it_takes_the_sample_digits_and_again_at_the_end(tmp_path):
    result = run(
        *("train", "--epochs", 1, "--hidden-units", "none"),
        *("--out", tmp_path / "model.joblib"),
    )
    assert result.exit_code == 0
    tries, instead, epoch = result.stderr.splitlines()
    assert "Downloading" in tries
    assert instead.startswith("MNIST could not be downloaded: ")
    assert instead.endswith("Using the 1,797 sample digits instead.")
    assert epoch.startswith("Epoch 1/1")
    assert "Data: sample digits" in result.stdout
    last = result.stdout.splitlines()[-1]
    assert last.startswith("MNIST could not be downloaded: ")
    assert "SK_MNIST_DATA" in last


@pytest.mark.usefixtures("no_mnist")
def test_quiet_says_only_why_it_takes_the_sample_digits(tmp_path):
    result = run(
        *("train", "--epochs", 1, "--hidden-units", "none", "--quiet"),
        *("--out", tmp_path / "model.joblib"),
    )
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("MNIST could not be downloaded: ")


@pytest.mark.usefixtures("no_mnist")
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (requests.exceptions.ConnectionError(), "cannot be reached"),
        (
            requests.exceptions.ConnectTimeout(),
            "no connection to mirror.example within",
        ),
        (requests.exceptions.ReadTimeout(), "mirror.example sent nothing for"),
        (requests.exceptions.ProxyError(), "the proxy refuses"),
    ],
)
def test_mnist_that_cannot_be_had_is_an_error(tmp_path, monkeypatch, error, reason):
    def get(url, **options):
        raise error

    monkeypatch.setattr(requests, "get", get)
    for host in ("mirror.example", "other.example"):
        monkeypatch.setitem(MIRRORS, f"https://{host}/", ["mnist.npz"])
    monkeypatch.delitem(MIRRORS, "nowhere://")
    result = run("train", "--data", "mnist", "--out", tmp_path / "model.joblib")
    assert result.exit_code == 1
    tries, told = result.stderr.splitlines()
    assert "Downloading" in tries
    assert told.startswith("Error: MNIST could not be downloaded: ")
    assert reason in told
    assert "other.example" in told
    assert "SK_MNIST_DATA" in told


@pytest.mark.usefixtures("no_mnist")
@pytest.mark.filterwarnings("default:Skipping files")
def test_a_damaged_file_of_mnist_is_named(tmp_path, monkeypatch):
    (tmp_path / "mnist.npz").write_bytes(b"damaged")
    monkeypatch.setenv("SK_MNIST_DATA", str(tmp_path))
    result = run("train", "--data", "mnist", "--out", tmp_path / "model.joblib")
    assert f"{tmp_path / 'mnist.npz'}: " in result.stderr.splitlines()[0]


@pytest.mark.mnist
@pytest.mark.usefixtures("mnist")
def test_auto_takes_mnist_where_it_is(tmp_path):
    out = tmp_path / "model.joblib"
    result = run("train", "--epochs", 1, "--hidden-units", "none", "--out", out)
    assert "MNIST, 60,000 images to train on and 10,000 to test on" in result.stdout


@OLD_TENSORFLOW_IS_LOUD
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
