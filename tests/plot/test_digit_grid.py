"""DigitGridDisplay: the right digits, captions and titles."""

from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import same_color
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.pipeline import make_pipeline

from sk_mnist import DigitGridDisplay, ImageNormalizer, MNISTMLPClassifier


def captions(display):
    return [text.get_text() for text in display.texts_]


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


@pytest.mark.parametrize(
    ("which", "title"),
    [
        ("first", "6 images"),
        ("random", "6 images in random order"),
        ("errors", "3 errors"),
        ("most_confident_errors", "3 errors, the most confident first"),
        ("least_confident", "6 predictions, the least confident first"),
    ],
)
def test_title_tells_what_is_shown(readings, which, title):
    display = DigitGridDisplay.from_predictions(*readings, which=which)
    assert display.ax_.get_title() == f"{title}: true → predicted"


@pytest.mark.parametrize(
    ("which", "title"),
    [
        ("first", "The first 2 of 6 images"),
        ("random", "2 random ones of 6 images"),
        ("errors", "2 of 3 errors"),
        ("most_confident_errors", "The 2 most confident of 3 errors"),
        ("least_confident", "The 2 least confident of 6 predictions"),
    ],
)
def test_title_tells_how_many_are_not_shown(readings, which, title):
    display = DigitGridDisplay.from_predictions(*readings, which=which, n_images=2)
    assert len(display.images_) == 2
    assert display.ax_.get_title() == f"{title}: true → predicted"


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


def test_estimator_predicts_once(digits):
    X, y = digits
    rows = X[:50].reshape(50, -1)
    calls = []

    class Counting(LogisticRegression):
        def decision_function(self, X):
            calls.append(len(X))
            return super().decision_function(X)

    clf = Counting().fit(rows, y[:50])
    expected = clf.predict(rows)
    calls.clear()
    display = DigitGridDisplay.from_estimator(clf, rows, y[:50], which="first")
    assert calls == [50]
    np.testing.assert_array_equal(display.y_pred, expected[:24])


def test_random_digits_leave_the_global_random_state_alone(readings):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    DigitGridDisplay.from_images(readings[0], which="random")
    after = np.random.get_state()[1]  # noqa: NPY002
    np.testing.assert_array_equal(after, before)


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


CLOTHES = np.array(["Ankle boot", "T-shirt/top"])


@pytest.mark.parametrize("n_columns", [3, 8])
def test_long_labels_have_room_and_stay_readable(readings, n_columns):
    images, y_true, y_pred, y_proba = readings
    display = DigitGridDisplay.from_predictions(
        np.tile(images, (3, 1, 1)),
        *(CLOTHES[np.tile(labels, 3)] for labels in (y_true, y_pred)),
        np.tile(y_proba, (3, 1)),
        which="first",
        n_columns=n_columns,
    )
    display.figure_.draw_without_rendering()
    assert min(text.get_fontsize() for text in display.texts_) >= 7.5
    texts = [text.get_window_extent() for text in display.texts_]
    pictures = [image.get_window_extent() for image in display.images_]
    assert not any(a.overlaps(b) for a, b in combinations(texts + pictures, 2))
    title = display.ax_.title.get_window_extent()
    assert not any(title.overlaps(box) for box in texts)
    assert title.x0 >= 0


def test_captions_break_between_words(readings):
    images, y_true, y_pred, y_proba = readings
    display = DigitGridDisplay.from_predictions(
        images, CLOTHES[y_true], CLOTHES[y_pred], y_proba, which="errors"
    )
    assert captions(display)[0].split() == ["Ankle", "boot", "→", "T-shirt/top", "60%"]


def test_a_label_may_hold_an_arrow_or_a_dollar_sign(readings):
    display = DigitGridDisplay.from_images(readings[0][:2], ["a → b", "$x"])
    display.figure_.draw_without_rendering()
    assert captions(display) == ["a → b", "$x"]
    first, second = (text.get_color() for text in display.texts_)
    assert same_color(first, second)


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
    with pytest.raises(ValueError, match=r"images must be .*shape \(height"):
        DigitGridDisplay.from_images(X)


def test_estimator_names_the_features_that_are_no_images():
    X, y = np.random.default_rng(0).normal(size=(6, 20)), [0, 1] * 3
    clf = LogisticRegression().fit(X, y)
    with pytest.raises(ValueError, match=r"X must be .*shape \(height"):
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
