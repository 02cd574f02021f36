"""TrainingHistoryDisplay: the right curves, marks and legends."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import same_color

from sk_mnist import TrainingHistoryDisplay

HISTORY = {
    "loss": [0.9, 0.4, 0.2, 0.1],
    "accuracy": [0.7, 0.8, 0.9, 0.95],
    "val_loss": [0.6, 0.3, 0.25, 0.35],
    "val_accuracy": [0.75, 0.85, 0.92, 0.91],
}
TRAINING_ONLY = {key: HISTORY[key] for key in ("loss", "accuracy")}


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_each_panel_shows_training_and_validation(metric):
    display = TrainingHistoryDisplay.from_history(HISTORY)
    panel = display.ax_[["loss", "accuracy"].index(metric)]
    drawn = {line.get_linestyle(): line.get_xydata().tolist() for line in panel.lines}
    epochs = [1, 2, 3, 4]
    assert drawn == {
        "--": np.column_stack([epochs, HISTORY[metric]]).tolist(),
        "-": np.column_stack([epochs, HISTORY[f"val_{metric}"]]).tolist(),
    }


def test_best_epoch_is_that_of_the_lowest_validation_loss():
    assert TrainingHistoryDisplay.from_history(HISTORY).best_epoch == 3


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_best_epoch_is_ringed_on_the_validation_curve(metric):
    line = TrainingHistoryDisplay.from_history(HISTORY).lines_[f"val_{metric}"]
    assert (line.get_marker(), line.get_markevery()) == ("o", [2])


def test_legend_tells_the_best_epoch_and_its_values():
    display = TrainingHistoryDisplay.from_history(HISTORY)
    assert [legend(panel) for panel in display.ax_] == [
        ["training", "validation, best epoch 3: 0.25"],
        ["training", "validation, best epoch 3: 0.92"],
    ]


def test_without_validation_no_epoch_is_marked():
    display = TrainingHistoryDisplay.from_history(TRAINING_ONLY)
    assert display.best_epoch is None
    assert [legend(panel) for panel in display.ax_] == [["training"]] * 2


def test_epochs_that_were_not_validated_are_bridged():
    gaps = {"val_loss": [np.nan, 0.3, np.nan, 0.2], "val_accuracy": [np.nan, 0.8] * 2}
    display = TrainingHistoryDisplay.from_history({**HISTORY, **gaps})
    line = display.lines_["val_loss"]
    assert line.get_xydata().tolist() == [[2, 0.3], [4, 0.2]]
    assert (display.best_epoch, line.get_markevery()) == (4, [1])


def test_validation_that_was_never_a_number_marks_no_epoch():
    nan = {"val_loss": [np.nan] * 4, "val_accuracy": [np.nan] * 4}
    assert TrainingHistoryDisplay.from_history({**HISTORY, **nan}).best_epoch is None


def test_a_single_epoch_is_visible():
    display = TrainingHistoryDisplay.from_history({"loss": [0.4], "accuracy": [0.9]})
    assert display.lines_["loss"].get_marker() == "."


def test_networks_are_compared_in_the_axes_of_the_first():
    first = TrainingHistoryDisplay.from_history(HISTORY, name="wide")
    second = TrainingHistoryDisplay.from_history(
        TRAINING_ONLY, name="slim", ax=first.ax_
    )
    assert second.figure_ is first.figure_
    assert legend(first.ax_[0]) == ["wide, best epoch 3: 0.25", "slim"]
    assert first.ax_[0].get_legend().get_title().get_text() == "dashed: training"


def seven_networks():
    display = None
    for number in range(7):
        name = f"hidden_units=(1024, 512), dropout=0.{number}, a name of some length"
        display = TrainingHistoryDisplay.from_history(
            HISTORY, name=name, ax=display and display.ax_
        )
    display.figure_.draw_without_rendering()
    return display


def test_seven_networks_have_seven_colors():
    lines = seven_networks().ax_[0].lines
    assert len({line.get_color() for line in lines}) == 7


def test_a_long_legend_is_below_the_curves_and_within_the_figure():
    display = seven_networks()
    for panel in display.ax_:
        box = panel.get_legend().get_window_extent()
        assert box.y1 < panel.xaxis.label.get_window_extent().y0
        assert box.y0 >= 0
        assert box.x0 >= 0
        assert box.x1 <= display.figure_.bbox.width
    left, right = (p.get_legend().get_window_extent() for p in display.ax_)
    assert left.x1 <= right.x0


def test_a_short_legend_is_beside_the_curves():
    display = TrainingHistoryDisplay.from_history(HISTORY)
    display.figure_.draw_without_rendering()
    for panel in display.ax_:
        box = panel.get_legend().get_window_extent()
        assert panel.get_window_extent().contains(box.x0, box.y0)
        assert panel.get_window_extent().contains(box.x1, box.y1)


def test_a_network_has_one_color_of_its_own():
    first = TrainingHistoryDisplay.from_history(HISTORY)
    second = TrainingHistoryDisplay.from_history(HISTORY, ax=first.ax_)
    colors = [
        {line.get_color() for line in display.lines_.values()}
        for display in (first, second)
    ]
    assert [len(color) for color in colors] == [1, 1]
    assert colors[0] != colors[1]


def test_empty_axes_of_yours_get_the_same_colors():
    yours = plt.subplots(2, 1)[1]
    yours[0].set_prop_cycle(color=["red", "green"])
    drawn = TrainingHistoryDisplay.from_history(HISTORY, ax=yours).lines_["loss"]
    alone = TrainingHistoryDisplay.from_history(HISTORY).lines_["loss"]
    assert drawn.axes is yours[0]
    assert same_color(drawn.get_color(), alone.get_color())


def test_history_comes_from_the_network_in_a_pipeline(pipe):
    display = TrainingHistoryDisplay.from_estimator(pipe)
    assert display.history == pipe[-1].history_


def test_history_comes_from_the_best_pipeline_of_a_search(search):
    display = TrainingHistoryDisplay.from_estimator(search)
    assert display.history == search.best_estimator_[-1].history_


def test_a_history_without_accuracy_is_refused():
    with pytest.raises(ValueError, match=r"history .*'accuracy'; got \['loss'\]"):
        TrainingHistoryDisplay.from_history({"loss": [0.1]})


def test_a_single_axes_for_two_panels_is_refused():
    with pytest.raises(ValueError, match=r"ax .* two axes.*got 1"):
        TrainingHistoryDisplay.from_history(HISTORY, ax=plt.subplots()[1])
