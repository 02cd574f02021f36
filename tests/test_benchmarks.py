"""What the benchmark's table promises its readers, and that training is measured."""

import importlib
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # where `benchmarks` is started

chart, confidence, digits, no_digits, peers, reading, report, row, training = (
    importlib.import_module(f"benchmarks.{name}")
    for name in ("chart", "confidence", "digits", "no_digits", "peers", "reading")
    + ("report", "row", "training")
)


def fit_row(**changes):
    figures = {
        "what": "fit",
        "against": "another",
        "kind": "time",
        "ours": [1.0, 2.0, 1.0],
        "theirs": [4.0, 6.0, 2.0],
        "accuracies": ([0.97] * 3, [0.972] * 3),
    }
    return row.Row(**{**figures, **changes})


def test_ratio_is_the_median_of_the_rounds():
    assert fit_row().times_as_small == 3


@pytest.mark.parametrize(
    ("target", "met"),
    [
        ({}, None),
        ({"at_least": 3}, True),
        ({"at_least": 3.1}, False),
        ({"at_most": 0.34}, True),
        ({"at_most": 0.33}, False),
    ],
)
def test_says_whether_the_target_is_met(target, met):
    assert fit_row(**target).met is met


def test_meets_no_target_with_another_accuracy():
    differs = fit_row(at_least=3, accuracies=([0.97] * 3, [0.976] * 3))
    assert differs.met is False
    assert "NOT COMPARABLE" in report.text_table([differs])


def test_table_has_units_target_and_accuracy():
    line = report.markdown_table([fit_row(at_least=3)]).splitlines()[-1]
    assert line.replace("\u00a0", " ") == (
        "| fit | 1 s | another | 4 s | 3.00 times as fast | at least 3 | yes "
        "| 97.00% and 97.20% |"
    )


def test_figures_keep_their_units_on_the_line():
    _, ours, _, theirs, ratio, *_ = fit_row().cells()
    assert (ours, theirs) == ("1\u00a0s", "4\u00a0s")
    assert ratio.startswith("3.00\u00a0times")


def test_figures_end_at_the_same_place():
    rows = [fit_row(), fit_row(theirs=[400.0] * 3)]
    _, _, *lines = report.text_table(rows).splitlines()
    assert len({line.index("\u00a0s", line.index("another")) for line in lines}) == 1


def test_table_for_users_has_no_targets():
    table = report.markdown_table([fit_row(at_least=3)], report.WITHOUT_TARGETS)
    assert table.splitlines()[-1].replace("\u00a0", " ") == (
        "| fit | 1 s | another | 4 s | 3.00 times as fast | 97.00% and 97.20% |"
    )


def test_users_see_what_they_wait_for_against_what_they_may_use():
    shown = fit_row(against=peers.SCIKERAS)
    measured = {
        "setup": [fit_row(against=peers.SCIKERAS)],
        "fit": [shown, fit_row(against=peers.PYTORCH)],
    }
    assert report.rows_for_users(measured) == [shown]


def test_chart_has_a_bar_for_each_row(tmp_path):
    path = tmp_path / "images" / "chart.png"
    chart.draw([fit_row(), fit_row(what="search", at_most=0.1)], path)
    height = plt.imread(path).shape[0]
    chart.draw([fit_row()], path)
    assert plt.imread(path).shape[0] < height


def test_training_is_timed_and_judged(tmp_path, monkeypatch):
    monkeypatch.delenv("SK_MNIST_DATA", raising=False)
    digits.save_digits(tmp_path)
    trained = training.fit_once(
        tmp_path, 1_400, peers.SK_MNIST, batch_size=32, epochs=5, seed=0
    )
    assert trained.seconds > 0
    assert trained.accuracy > 0.85


@pytest.mark.mnist
@pytest.mark.usefixtures("mnist")
def test_reading_of_other_hands_is_measured_and_judged():
    short = {"hidden_units": 8, "epochs": 1, "warmup_epochs": 0, "augmentation": None}
    short |= {"test_time_augmentation": 0}
    reader = reading.trained_reader(seed=0, n_images=1_000, **short)
    rows = reading.reading_rows([reader], n_photographs=2)
    assert [str(row).endswith("| NO |") for row in rows] == [True] * 4
    assert "2 photographs" in str(rows[1])
    assert "| 97.50% | NO |" in str(rows[3])
    apart, touching = reading.number_rows([reader], n_numbers=2)
    assert "| 95.00% | NO |" in str(apart)
    assert "2 numbers of MNIST's test digits, that touch" in str(touching)
    assert str(touching).endswith("|  |")  # no target was set


def readings(confidences, are_right):
    return confidence.Readings(np.array(confidences), np.array(are_right))


def test_doubt_begins_where_few_are_read_wrong_and_half_of_no_digits_are_not_read():
    digits = readings([0.3] + [0.9] * 100, [False] + [True] * 100)
    assert confidence.threshold_of(digits, np.array([0.2, 0.8])) == 0.21
    digits = readings([0.3, 0.6] + [0.9] * 99, [False, False] + [True] * 99)
    assert confidence.threshold_of(digits, np.array([0.2, 0.8])) == 0.31
    assert confidence.threshold_of(digits, np.array([0.7, 0.8])) == 0.71


def test_pictures_of_no_digit_are_the_same_each_time():
    first, second = no_digits.no_digits(), no_digits.no_digits()
    assert len(first) == 200
    assert all(a.tobytes() == b.tobytes() for a, b in zip(first, second, strict=True))


DASK_COSTS = {"one": [17.0, 12.0], "two": [12.0, 6.0], "task": 0.01, "n_bytes": 10**6}


def test_costs_of_two_workers_say_what_a_hundred_would_cost():
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    text = importlib.import_module("benchmarks.dask_search").forecast(**DASK_COSTS)
    # A start takes 5 s, a fit 1 s: 5 + 1,200 s on one worker, 5 + 12 s on a hundred.
    assert "1,200 fits take 17.0 s instead of 1205 s: 71 times as fast" in text
    assert "each 100% as fast" in text
    assert "up to 100 workers" in text


def test_deformed_digits_on_disk_are_trained_on_block_by_block(sample_digits, tmp_path):
    pytest.importorskip("dask.array", reason="the extra dask is not installed")
    big = importlib.import_module("benchmarks.larger_than_memory")
    if not importlib.import_module("benchmarks.memory").can_be_measured():
        pytest.skip("this system does not tell the peak of memory")
    X, y = sample_digits.data[:500], sample_digits.target[:500]
    big.write_blocks(tmp_path, big.repeated(X, 1_100, images_per_block=250))
    images = big.read_blocks(tmp_path)
    assert images.shape == (1_100, 784)
    assert images.numblocks[0] == 5
    assert (images[:500].compute() != images[500:1000].compute()).any()
    labels = big.labels_of(y, 1_100)
    *_, (_, last) = big.train_by_block(images, labels, (X, y))
    assert last.n_images == 1_100
    assert last.accuracy > 0.5
