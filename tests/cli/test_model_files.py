"""``--out model.skops`` writes a file that runs no code, and other commands read it."""

import json
import sys

import joblib
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from terminal import assert_one_line_error, run

io = pytest.importorskip("skops.io", reason="the extra skops is not installed")


@pytest.fixture
def skops_model(tmp_path, model):
    path = tmp_path / "model.skops"
    io.dump(joblib.load(model), path)
    return path


def test_train_writes_a_skops_file(tmp_path):
    out = tmp_path / "model.skops"
    options = ("--data", "sample", "--epochs", "1", "--hidden-units", "8", "--quiet")
    assert run("train", *options, "--out", out).exit_code == 0
    assert all(
        name.startswith("sk_mnist.") for name in io.get_untrusted_types(file=out)
    )


def test_predict_reads_it_as_the_joblib_file(skops_model, model, pages):
    image = pages / "3.png"
    records = [
        json.loads(run("predict", path, image, "--json").stdout)
        for path in (skops_model, model)
    ]
    assert records[0] == records[1]


def test_a_file_with_other_types_is_refused(tmp_path, model, pages):
    path = tmp_path / "model.skops"
    io.dump(make_pipeline(FunctionTransformer(eval), *joblib.load(model)), path)
    result = run("predict", path, pages / "3.png")
    assert_one_line_error(result, "model.skops", "eval")


def test_a_missing_skops_is_told_before_training(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "skops", None)
    monkeypatch.setitem(sys.modules, "skops.io", None)
    out = tmp_path / "model.skops"
    result = run("train", "--data", "sample", "--out", out)
    assert_one_line_error(result, "pip install skops")
    assert not out.exists()
