"""What the pictures promise: the right digits, the right numbers, in your axes."""

import subprocess
import sys
from itertools import pairwise

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import same_color
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sk_mnist import (
    DigitGridDisplay,
    HiddenUnitsDisplay,
    ImageNormalizer,
    MNISTMLPClassifier,
    TrainingHistoryDisplay,
)

HISTORY = {
    "loss": [0.9, 0.4, 0.2, 0.1],
    "accuracy": [0.7, 0.8, 0.9, 0.95],
    "val_loss": [0.6, 0.3, 0.25, 0.35],
    "val_accuracy": [0.75, 0.85, 0.92, 0.91],
}
TRAINING_ONLY = {key: HISTORY[key] for key in ("loss", "accuracy")}


@pytest.fixture(autouse=True)
def _close_figures():
    before = matplotlib.get_backend()
    plt.switch_backend("agg")
    yield
    plt.close("all")
    plt.switch_backend(before)


@pytest.fixture(scope="module")
def digits(sample_digits):
    """Raw images of 28 x 28 and their labels."""
    return sample_digits.data.reshape(-1, 28, 28), sample_digits.target


@pytest.fixture(scope="module")
def pipe(digits):
    """A network that sees normalised rows of the raw images, trained too little."""
    network = MNISTMLPClassifier(
        hidden_units=40, epochs=3, validation_split=0.2, random_state=0
    )
    return make_pipeline(ImageNormalizer(), network).fit(*digits)


@pytest.fixture(scope="module")
def search(pipe, digits):
    """A search over that pipeline."""
    grid = {"mnistmlpclassifier__epochs": [1]}
    return GridSearchCV(pipe, grid, cv=2).fit(*digits)


@pytest.fixture
def readings():
    """Six random images, of which the second, fourth and sixth are misread."""
    images = np.random.default_rng(0).integers(0, 256, (6, 28, 28), dtype=np.uint8)
    confidence = np.array([0.9, 0.6, 1.0, 0.998, 0.55, 0.8])
    y_proba = np.column_stack([confidence, 1 - confidence])
    return images, np.array([0, 0, 0, 0, 0, 0]), np.array([0, 1, 0, 1, 0, 1]), y_proba


def captions(display):
    return [text.get_text() for text in display.texts_]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_importing_the_displays_does_not_import_matplotlib():
    code = "import sys, sk_mnist._plot._common; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_drawing_changes_no_global_settings(readings):
    before = matplotlib.rcParams.copy()
    TrainingHistoryDisplay.from_history(HISTORY)
    DigitGridDisplay.from_predictions(*readings)
    assert matplotlib.rcParams == before


# Training history


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
    assert legend(first.ax_[0]) == [
        "wide, training",
        "wide, validation, best epoch 3: 0.25",
        "slim, training",
    ]


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


@pytest.mark.parametrize("display", [TrainingHistoryDisplay, HiddenUnitsDisplay])
@pytest.mark.parametrize(
    "estimator",
    [
        MNISTMLPClassifier(),
        make_pipeline(ImageNormalizer(), MNISTMLPClassifier()),
        GridSearchCV(MNISTMLPClassifier(), {"epochs": [1]}),
    ],
)
def test_an_unfitted_network_is_refused(display, estimator):
    with pytest.raises(NotFittedError):
        display.from_estimator(estimator)


@pytest.mark.parametrize("display", [TrainingHistoryDisplay, HiddenUnitsDisplay])
def test_an_estimator_that_is_no_network_is_refused(display):
    estimator = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(ValueError, match=r"estimator .*LogisticRegression has none"):
        display.from_estimator(estimator)


def test_a_history_without_accuracy_is_refused():
    with pytest.raises(ValueError, match=r"history .*'accuracy'; got \['loss'\]"):
        TrainingHistoryDisplay.from_history({"loss": [0.1]})


def test_a_single_axes_for_two_panels_is_refused():
    with pytest.raises(ValueError, match=r"ax .* two axes.*got 1"):
        TrainingHistoryDisplay.from_history(HISTORY, ax=plt.subplots()[1])


# Grids of digits


@pytest.mark.parametrize(
    ("which", "indices"),
    [
        ("first", [0, 1, 2, 3, 4, 5]),
        ("errors", [1, 3, 5]),
        ("most_confident_errors", [3, 5, 1]),
        ("least_confident", [4, 1, 5, 0, 3, 2]),
    ],
)
def test_which_chooses_and_orders_the_digits(readings, which, indices):
    display = DigitGridDisplay.from_predictions(*readings, which=which)
    assert display.indices.tolist() == indices


def test_the_chosen_digits_are_drawn(readings):
    display = DigitGridDisplay.from_predictions(*readings, which="errors")
    for drawn, image in zip(display.images_, readings[0][[1, 3, 5]], strict=True):
        np.testing.assert_array_equal(drawn.get_array(), image)


def test_captions_tell_label_misreading_and_confidence(readings):
    display = DigitGridDisplay.from_predictions(*readings, which="first")
    assert captions(display) == [
        "0  90%",
        "0 → 1  60%",
        "0  >99%",
        "0 → 1  >99%",
        "0  55%",
        "0 → 1  80%",
    ]


def test_misread_digits_differ_in_color_too(readings):
    display = DigitGridDisplay.from_predictions(*readings, which="first")
    read, misread, *_ = (text.get_color() for text in display.texts_)
    assert not same_color(read, misread)


def test_random_digits_repeat_with_random_state(readings):
    first, second = (
        DigitGridDisplay.from_predictions(
            *readings, which="random", n_images=4, random_state=3
        ).indices.tolist()
        for _ in range(2)
    )
    assert first == second
    assert len(set(first)) == 4


def test_random_digits_change_with_random_state(readings):
    first, second = (
        DigitGridDisplay.from_predictions(
            *readings, which="random", random_state=seed
        ).indices.tolist()
        for seed in (0, 1)
    )
    assert first != second


def test_title_tells_how_many_are_not_shown(readings):
    display = DigitGridDisplay.from_predictions(*readings, n_images=2)
    assert len(display.images_) == 2
    assert display.ax_.get_title() == "Errors (true → predicted), 2 of 3"


@pytest.mark.parametrize("which", ["errors", "most_confident_errors"])
def test_without_errors_the_grid_is_empty_and_says_so(readings, which):
    images, y_true, _, y_proba = readings
    display = DigitGridDisplay.from_predictions(
        images, y_true, y_true, y_proba, which=which
    )
    assert display.images_ == []
    assert display.ax_.get_title() == "No errors among 6 images"


def test_estimator_reads_the_raw_images(pipe, digits):
    X, y = digits
    display = DigitGridDisplay.from_estimator(pipe, X, y, which="least_confident")
    lowest = np.sort(pipe.predict_proba(X).max(axis=1))[:24]
    np.testing.assert_array_equal(display.confidence, lowest)
    np.testing.assert_array_equal(display.images[0], X[display.indices[0]])


@pytest.mark.parametrize(
    "form",
    [np.asarray, lambda X: X.reshape(len(X), -1), list],
    ids=["images", "rows", "list"],
)
def test_images_come_in_every_form_that_estimators_take(readings, form):
    images = readings[0]
    display = DigitGridDisplay.from_images(form(images))
    np.testing.assert_array_equal(display.images, images)


def test_images_come_in_a_dataframe(readings):
    images, *labels = readings
    frame = pd.DataFrame(images.reshape(6, -1), index=list("abcdef"))
    y_true = pd.Series(labels[0], index=list("abcdef"))
    display = DigitGridDisplay.from_predictions(frame, y_true, *labels[1:])
    np.testing.assert_array_equal(display.images, images[[1, 3, 5]])


def test_images_of_several_sizes_share_a_grid():
    scans = [np.eye(30, 20), np.eye(60, 90), np.zeros((40, 40, 3))]
    display = DigitGridDisplay.from_images(scans, ["a", "b", "c"])
    assert captions(display) == ["a", "b", "c"]
    assert [image.get_size() for image in display.images_] == [
        (30, 20),
        (60, 90),
        (40, 40),
    ]


def test_images_need_no_labels(readings):
    assert captions(DigitGridDisplay.from_images(readings[0])) == []


def test_estimator_without_probabilities_shows_no_confidence(digits):
    X, y = digits
    rows = X[:50].reshape(50, -1)
    clf = Perceptron().fit(rows, y[:50])
    display = DigitGridDisplay.from_estimator(clf, rows, y[:50], which="first")
    assert captions(display) == [str(label) for label in y[:24]]


def test_grid_is_drawn_in_one_axes_of_yours(readings):
    ax = plt.subplots()[1]
    display = DigitGridDisplay.from_predictions(*readings, ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    assert all(image.axes is ax for image in display.images_)


def test_n_columns_sets_the_rows(readings):
    display = DigitGridDisplay.from_images(readings[0], n_columns=2)
    tops = {image.get_extent()[3] for image in display.images_}
    assert len(tops) == 3


def test_captions_stay_narrower_than_their_images(readings):
    names = np.array(["ninety-nine", "twenty-seven"])
    images, y_true, y_pred, y_proba = readings
    display = DigitGridDisplay.from_predictions(
        images, names[y_true], names[y_pred], y_proba, which="first"
    )
    display.figure_.draw_without_rendering()
    boxes = [text.get_window_extent() for text in display.texts_]
    gaps = [right.x0 - left.x1 for left, right in pairwise(boxes)]
    assert min(gaps) > 0


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"which": "best"}, "'which' parameter"),
        ({"n_images": 0}, "'n_images' parameter"),
        ({"n_columns": 0}, "'n_columns' parameter"),
        ({"random_state": "x"}, "'random_state' parameter"),
    ],
)
def test_a_wrong_parameter_is_named(readings, parameters, message):
    with pytest.raises(ValueError, match=message):
        DigitGridDisplay.from_predictions(*readings, **parameters)


@pytest.mark.parametrize("which", ["most_confident_errors", "least_confident"])
def test_confidence_needs_probabilities(readings, which):
    with pytest.raises(ValueError, match=f"which='{which}' needs y_proba"):
        DigitGridDisplay.from_predictions(*readings[:3], which=which)


def test_images_without_truth_have_no_errors_to_choose(readings):
    with pytest.raises(ValueError, match="'which' parameter"):
        DigitGridDisplay.from_images(readings[0], which="errors")


@pytest.mark.parametrize("X", [np.zeros((6, 20)), np.zeros((28, 28)), np.zeros(784)])
def test_features_that_are_no_images_are_refused(X):
    with pytest.raises(ValueError, match="images must hold images of shape"):
        DigitGridDisplay.from_images(X)


def test_estimator_names_the_features_that_are_no_images():
    X, y = np.random.default_rng(0).normal(size=(6, 20)), [0, 1] * 3
    clf = LogisticRegression().fit(X, y)
    with pytest.raises(ValueError, match="X must hold images of shape"):
        DigitGridDisplay.from_estimator(clf, X, y)


def test_as_many_labels_as_images(readings):
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        DigitGridDisplay.from_images(readings[0], [1, 2, 3])


def test_labels_as_text_beside_numbers_are_refused(readings):
    images, y_true, y_pred, _ = readings
    with pytest.raises(ValueError, match="Mix of label input types"):
        DigitGridDisplay.from_predictions(images, y_true.astype(str), y_pred)


def test_an_unfitted_classifier_reads_nothing(digits):
    pipe = make_pipeline(ImageNormalizer(), MNISTMLPClassifier())
    with pytest.raises(NotFittedError):
        DigitGridDisplay.from_estimator(pipe, *digits)


def test_only_classifiers_read(readings):
    with pytest.raises(ValueError, match=r"estimator .* classifier; got ImageNorm"):
        DigitGridDisplay.from_estimator(ImageNormalizer(), *readings[:2])


# Hidden units


def test_units_are_the_columns_of_the_first_layer(pipe):
    display = HiddenUnitsDisplay.from_estimator(pipe)
    expected = pipe[-1].coefs_[0][:, 31].reshape(28, 28)
    np.testing.assert_array_equal(display.images_[31].get_array(), expected)


def test_more_units_than_asked_for_are_counted_in_the_title(search):
    display = HiddenUnitsDisplay.from_estimator(search, n_units=10)
    assert len(display.images_) == 10
    assert display.ax_.get_title() == "10 of 40 units: weight of each pixel"


def test_units_share_one_scale_with_zero_in_its_middle(pipe):
    display = HiddenUnitsDisplay.from_estimator(pipe)
    limit = np.abs(display.weights).max()
    assert {image.get_clim() for image in display.images_} == {(-limit, limit)}
    assert (display.colorbar_.vmin, display.colorbar_.vmax) == (-limit, limit)


def test_units_of_images_that_are_not_square(pipe):
    display = HiddenUnitsDisplay.from_estimator(pipe, image_shape=(14, 56))
    assert display.weights.shape == (32, 14, 56)


def test_features_that_are_no_image_name_image_shape(pipe):
    with pytest.raises(ValueError, match=r"784 features.* 20 x 20.*image_shape"):
        HiddenUnitsDisplay.from_estimator(pipe, image_shape=(20, 20))


def test_units_are_drawn_in_axes_of_yours(pipe):
    ax = plt.subplots()[1]
    assert HiddenUnitsDisplay.from_estimator(pipe, ax=ax).ax_ is ax


def test_n_units_is_checked(pipe):
    with pytest.raises(ValueError, match="'n_units' parameter"):
        HiddenUnitsDisplay.from_estimator(pipe, n_units=0)
