"""What ``sk-mnist reproduce`` promises: honest figures, and no work done twice."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType

import joblib
import numpy as np
import pytest
from sklearn.metrics import accuracy_score
from typer.testing import CliRunner

from processes import press_ctrl_c
from sk_mnist import MNISTMLPClassifier, recipes
from sk_mnist.cli import app
from sk_mnist.cli._digits import Digits, split_sample_digits
from sk_mnist.cli._reproduction import Reproduction, Run, runs_of
from sk_mnist.recipes import Recipe

TINY = {"hidden_units": 8, "learning_rate": 0.01, "batch_size": 64}
TINY_RECIPES = (
    Recipe(
        "tiny",
        "A test.",
        {**TINY, "epochs": 3, "validation_split": 0.2},
        "Nothing.",
        {"test_accuracy": 0.5, "validation_accuracy": 0.4, "first_loss": 2.5},
    ),
    Recipe("tinier", "A test.", {**TINY, "epochs": 2}, "Nothing."),
    Recipe("club", "A test.", {**TINY, "epochs": 2}, "Nothing.", members_of="tinier"),
)


@pytest.fixture(scope="module", autouse=True)
def tiny_recipes():
    with pytest.MonkeyPatch.context() as patch:
        by_name = {recipe.name: recipe for recipe in TINY_RECIPES}
        patch.setattr(recipes, "RECIPES", MappingProxyType(by_name))
        yield


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def reproduce(folder, *arguments):
    return run(
        *("reproduce", "--data", "sample", "--seeds", 2, "--folder", folder / "kept"),
        *arguments,
    )


@pytest.fixture(scope="module")
def reproduced(tmp_path_factory):
    """One run over all recipes: what it printed, and the folder it wrote to."""
    folder = tmp_path_factory.mktemp("reproduced")
    files = ("--json", folder / "results.json", "--markdown", folder / "results.md")
    result = reproduce(folder, *files)
    assert result.exit_code == 0, result.output
    return result, folder


@pytest.fixture(scope="module")
def records(reproduced):
    records = json.loads((reproduced[1] / "results.json").read_text("utf-8"))
    return {record["name"]: record for record in records}


@pytest.fixture(scope="module")
def sample():
    return split_sample_digits()


@pytest.fixture
def no_training(monkeypatch):
    def fit(*arguments, **keywords):
        raise AssertionError("A network was trained.")

    monkeypatch.setattr(MNISTMLPClassifier, "fit", fit)


def kept_network(reproduced, name, seed):
    return joblib.load(
        reproduced[1] / "kept" / "sample-digits" / f"{name}-{seed}.joblib"
    )


# Figures


def test_all_recipes_are_reproduced_when_none_is_named(records):
    assert list(records) == ["tiny", "tinier", "club"]


def test_accuracies_are_those_of_the_kept_networks(reproduced, records, sample):
    accuracies = [
        kept_network(reproduced, "tiny", seed).score(sample.X_test, sample.y_test)
        for seed in (0, 1)
    ]
    assert records["tiny"]["test_accuracies"] == accuracies
    assert records["tiny"]["test_accuracy"] == pytest.approx(np.mean(accuracies))
    assert records["tiny"]["test_accuracy_std"] == pytest.approx(np.std(accuracies))


def test_networks_are_trained_from_the_seeds_that_are_named(reproduced, records):
    assert records["tiny"]["seeds"] == [0, 1]
    for seed in (0, 1):
        assert kept_network(reproduced, "tiny", seed)["mlp"].random_state == seed


def test_the_claim_stands_beside_the_measured_figure(records):
    tiny = records["tiny"]
    assert tiny["claimed"] == 0.5
    assert tiny["difference"] == pytest.approx(tiny["test_accuracy"] - 0.5)
    assert records["tinier"]["claimed"] is None
    assert records["tinier"]["difference"] is None


def test_all_other_claims_are_measured_too(reproduced, records):
    histories = [kept_network(reproduced, "tiny", k)["mlp"].history_ for k in (0, 1)]
    measured = records["tiny"]["measured"]
    assert measured.keys() == records["tiny"]["claims"].keys()
    assert measured["validation_accuracy"] == pytest.approx(
        np.mean([history["val_accuracy"][-1] for history in histories])
    )
    assert measured["first_loss"] == pytest.approx(
        np.mean([history["loss"][0] for history in histories])
    )


def test_data_parameters_and_time_are_recorded(records):
    assert records["tiny"]["data"] == "sample digits"
    assert records["tiny"]["parameters"] == recipes.get("tiny").parameters
    assert records["tiny"]["fit_seconds"] > 0


def test_a_committee_votes_once_with_the_kept_networks(reproduced, records, sample):
    probabilities = sum(
        kept_network(reproduced, "tinier", seed).predict_proba(sample.X_test)
        for seed in (0, 1)
    )
    accuracy = accuracy_score(sample.y_test, probabilities.argmax(axis=1))
    assert records["club"]["test_accuracies"] == [pytest.approx(accuracy)]
    assert records["club"]["fit_seconds"] == pytest.approx(
        2 * records["tinier"]["fit_seconds"]
    )


def test_a_recipe_runs_on_any_digits(tmp_path, digits, other_digits):
    by_shape = Digits("letters", *digits, *other_digits)
    reproduction = Reproduction(by_shape, tmp_path)
    figures = reproduction.train(Run("tinier", 7))
    assert reproduction.result("tinier", [7]).test_accuracies == [
        figures["test_accuracy"]
    ]


# What is printed


def test_it_prints_a_row_for_each_recipe(reproduced, records):
    rows = {
        cells[0]: cells[1:]
        for line in reproduced[0].stdout.splitlines()
        if line.startswith("| ")
        for cells in [[cell.strip() for cell in line.strip("|").split("|")]]
    }
    tiny = records["tiny"]
    claimed, measured, difference, time = rows["tiny"]
    assert claimed == "50.00%"
    assert measured == (
        f"{tiny['test_accuracy']:.2%} ± {100 * tiny['test_accuracy_std']:.2f}"
    )
    assert difference == f"{100 * tiny['difference']:+.2f}"
    assert time.endswith(" s")
    assert rows["club"][1] == f"{records['club']['test_accuracy']:.2%}"


def test_the_markdown_file_holds_what_was_printed(reproduced):
    result, folder = reproduced
    assert (folder / "results.md").read_text("utf-8") == result.stdout


def test_it_says_what_it_trains_on(reproduced):
    assert "sample digits, 1,347 images" in reproduced[0].stdout
    assert "The claims are about MNIST." in reproduced[0].stdout.replace("\n", " ")


def test_an_estimate_comes_first_and_progress_after_it(reproduced):
    lines = reproduced[0].stderr.splitlines()
    (estimate,) = (k for k, line in enumerate(lines) if line.startswith("  together: "))
    progress = [line for line in lines if line.startswith("[")]
    assert lines.index(progress[0]) == estimate + 1
    assert [line.split("]")[0] for line in progress] == ["[1/4", "[2/4", "[3/4", "[4/4"]


def test_quiet_leaves_the_table(reproduced, tmp_path):
    result = reproduce(tmp_path, "tinier", "--quiet")
    assert result.stderr == ""
    assert "tinier" in result.stdout


def test_an_unknown_recipe_is_refused_before_data_are_loaded(tmp_path):
    result = reproduce(tmp_path, "slow")
    assert result.exit_code == 2
    assert "RECIPE" in result.stderr
    assert "'slow'" in result.stderr
    assert "Data" not in result.stderr


# What is kept


@pytest.mark.usefixtures("no_training")
def test_a_second_run_trains_nothing(reproduced):
    first, folder = reproduced
    second = reproduce(folder)
    assert second.exit_code == 0, second.output
    assert second.stdout == first.stdout
    assert "4 of 4 networks were trained before" in second.stderr


def test_a_run_goes_on_with_what_is_missing(reproduced):
    result = reproduce(reproduced[1], "tinier", "--seeds", 3)
    progress = [line for line in result.stderr.splitlines() if line.startswith("[")]
    assert len(progress) == 1
    assert progress[0].startswith("[1/1] tinier, seed 2")


def test_a_network_of_other_settings_is_not_taken(reproduced, sample, monkeypatch):
    kept = Reproduction(sample, reproduced[1] / "kept" / "sample-digits")
    assert kept.kept(Run("tiny", 0))
    changed = Recipe("tiny", "", {**TINY, "epochs": 4}, "")
    monkeypatch.setattr(recipes, "RECIPES", {"tiny": changed})
    assert kept.kept(Run("tiny", 0)) is None


def test_a_network_of_other_data_is_not_taken(reproduced, sample):
    other = sample._replace(name="letters")
    kept = Reproduction(other, reproduced[1] / "kept" / "sample-digits")
    assert kept.kept(Run("tiny", 0)) is None


def test_a_network_without_its_figures_is_trained_again(tmp_path, sample):
    reproduction = Reproduction(sample, tmp_path)
    reproduction.train(Run("tinier", 0))
    assert reproduction.kept(Run("tinier", 0))
    (tmp_path / "tinier-0.json").unlink()
    assert reproduction.kept(Run("tinier", 0)) is None


def test_a_network_with_damaged_figures_is_trained_again(tmp_path, sample):
    reproduction = Reproduction(sample, tmp_path)
    reproduction.train(Run("tinier", 0))
    (tmp_path / "tinier-0.json").write_text('{"figures": {')
    assert reproduction.kept(Run("tinier", 0)) is None


def test_members_of_a_committee_are_trained_once():
    assert runs_of(["club", "tinier"], [0, 1]) == [Run("tinier", 0), Run("tinier", 1)]


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX systems")
def test_a_run_that_is_stopped_keeps_what_is_finished(tmp_path):
    command = [
        *(sys.executable, "-m", "sk_mnist", "reproduce", "relu-128-one-hot"),
        *("--data", "sample", "--seeds", "100", "--folder", tmp_path),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr:
            if line.startswith("[1/100]"):
                break
        printed, rest = press_ctrl_c(process)
    assert process.returncode == 130
    assert "Interrupted." in rest
    assert "Traceback" not in rest
    assert printed == ""
    kept = sorted(os.listdir(tmp_path / "sample-digits"))
    assert kept[:2] == ["relu-128-one-hot-0.joblib", "relu-128-one-hot-0.json"]
    # On a busy machine another one may have been finished, but none in part.
    finished = {Path(name).stem for name in kept}
    assert len(finished) < 100
    assert len(kept) == 2 * len(finished)


# Mistakes


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["slow"], ["'slow'", "tinier"]),
        (["--seeds", "0"], ["--seeds"]),
        (["--json", "missing/results.json"], ["missing", "cannot be written"]),
        (["--markdown", "."], ["cannot be written"]),
        (["--folder", "taken"], ["taken"]),
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("no_training")
def test_mistakes_are_answered_in_one_line(tmp_path, monkeypatch, arguments, parts):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("a file, where a folder is wanted")
    result = run("reproduce", "--data", "sample", *arguments)
    assert result.exit_code in (1, 2)
    assert result.stdout == ""
    error = result.stderr.splitlines()[-1]
    assert error.startswith("Error: ")
    for part in parts:
        assert part in error
