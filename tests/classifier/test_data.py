"""Labels and images that the classifier takes, and those that it refuses."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from networks import assert_same_network, small

# Labels


LABELS = {
    "digits from 3 on": lambda y: y + 3,
    "negative and with gaps": lambda y: 7 * y - 20,
    "floats": lambda y: y - 0.0,
    "strings": lambda y: np.array(list("abcdefghij"))[y],
    "strings of digits": lambda y: y.astype(str),
    "strings as objects": lambda y: y.astype(str).astype(object),
    "unsigned bytes": lambda y: y.astype(np.uint8),
    "a list": lambda y: y.tolist(),
    "pandas categories": lambda y: pd.Series(y).astype("category"),
    "pandas strings": lambda y: pd.Series(y.astype(str), dtype="string"),
}


@pytest.mark.parametrize("relabel", LABELS.values(), ids=LABELS)
def test_every_kind_of_label_trains_the_same_network(digits, baseline, relabel):
    X, y = digits
    labels = relabel(y)
    classifier = small().fit(X, labels)
    assert_same_network(classifier, baseline)
    assert_array_equal(classifier.classes_, np.unique(labels))
    assert_array_equal(
        classifier.predict(X), classifier.classes_[baseline.predict_proba(X).argmax(1)]
    )
    assert classifier.score(X, labels) == baseline.score(X, y)


@pytest.mark.parametrize("labels", [[False, True], ["no", "yes"], [-1, 1], [0.0, 2.0]])
def test_two_classes_are_a_softmax_over_two(digits, labels):
    X, y = digits
    y = np.array(labels)[(y > 4).astype(int)]
    classifier = small(learning_rate=0.01, epochs=5).fit(X, y)
    assert_array_equal(classifier.classes_, labels)
    assert classifier.predict_proba(X).shape == (len(X), 2)
    assert classifier.predict(X).dtype == classifier.classes_.dtype
    assert classifier.score(X, y) > 0.8


def test_one_class_alone_is_an_error(digits):
    X, y = digits
    with pytest.raises(ValueError, match=r"only one class.*8"):
        small().fit(X, np.full(len(y), 8))
    with pytest.raises(ValueError, match=r"only one class.*8"):
        small().partial_fit(X, np.full(len(y), 8), classes=[8])


@pytest.mark.parametrize("kind", [np.asarray, pd.DataFrame, np.ndarray.tolist])
def test_one_hot_labels_are_told_to_use_argmax(digits, kind):
    X, y = digits
    one_hot = kind(np.eye(10)[y])
    for train in (
        lambda: small().fit(X, one_hot),
        lambda: small().partial_fit(X, one_hot, classes=range(10)),
        lambda: small().fit(X, y, X_val=X, y_val=one_hot),
    ):
        with pytest.raises(ValueError, match=r"(y|y_val)\.argmax\(axis=1\)"):
            train()


def test_continuous_labels_are_an_error(digits):
    X, y = digits
    with pytest.raises(ValueError, match="Unknown label type"):
        small().fit(X, y + 0.25)


# Images


DTYPES = [np.float16, np.float64, np.longdouble]


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_float_type_trains_the_same_network(digits, baseline, dtype):
    X, y = digits
    assert_same_network(small().fit(X.astype(dtype), y), baseline)


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint16, bool])
def test_every_integer_type_trains_the_same_network(digits, dtype):
    X, y = digits
    X = (X > 0.5).astype(dtype)
    assert_same_network(small().fit(X, y), small().fit(X.astype(np.float32), y))


LAYOUTS = {
    "Fortran order": np.asfortranarray,
    "every other column": lambda X: np.repeat(X, 2, axis=1)[:, ::2],
    "reversed twice": lambda X: X[::-1].copy()[::-1],
    "big-endian": lambda X: X.astype(">f4"),
    "list": np.ndarray.tolist,
    "DataFrame": pd.DataFrame,
    "matrix of objects": lambda X: X.astype(object),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_trains_the_same_network(digits, baseline, layout):
    X, y = digits
    classifier = small().fit(layout(X), y)
    assert_same_network(classifier, baseline)
    assert_array_equal(
        classifier.predict_proba(layout(X)), baseline.predict_proba(X), strict=True
    )


def test_what_is_passed_in_stays_as_it_was(digits):
    X, y = (array.copy() for array in digits)
    sample_weight = np.linspace(0, 2, len(X), dtype=np.float32)
    passed = (X, y, sample_weight)
    before = [array.copy() for array in passed]
    classifier = small(class_weight="balanced", validation_split=0.2)
    classifier.fit(X, y, sample_weight).predict_proba(X)
    for array, as_it_was in zip(passed, before, strict=True):
        assert_array_equal(array, as_it_was)


@pytest.mark.parametrize("shape", [(-1, 8, 8), (-1, 8, 8, 1)])
def test_images_in_three_dimensions_are_sent_to_the_normalizer(digits, baseline, shape):
    X, y = digits
    images = X.reshape(shape)
    for use in (
        lambda: small().fit(images, y),
        lambda: small().partial_fit(images, y, classes=range(10)),
        lambda: small().fit(X, y, X_val=images, y_val=y),
        lambda: baseline.predict(images),
        lambda: baseline.predict_proba(images),
        lambda: baseline.score(images, y),
    ):
        with pytest.raises(ValueError, match="ImageNormalizer"):
            use()


def as_bytes(X):
    return (X * 255).astype(np.uint8)


@pytest.mark.parametrize("kind", [np.asarray, pd.DataFrame])
def test_unsigned_bytes_get_a_warning_that_names_the_normalizer(digits, baseline, kind):
    X, y = digits
    pixels = kind(as_bytes(X))
    with pytest.warns(UserWarning, match="ImageNormalizer"):
        small().fit(pixels, y)
    with pytest.warns(UserWarning, match="ImageNormalizer"):
        small().partial_fit(pixels, y, classes=range(10))
    with pytest.warns(UserWarning, match="ImageNormalizer"):
        baseline.predict(pixels)


@pytest.mark.parametrize("maximum", [0, 1])
def test_black_and_white_bytes_are_no_reason_to_warn(digits, baseline, maximum):
    X, _ = digits
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        baseline.predict((X > 0.5).astype(np.uint8) * np.uint8(maximum))


def test_training_and_predicting_warn_of_nothing(digits):
    X, y = digits
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classifier = small(validation_split=0.2).fit(X, y)
        classifier.predict(X)
        classifier.predict_log_proba(X)


WRONG_IMAGES = {
    "one row": (lambda X: X[0], ValueError, "Expected 2D array, got 1D"),
    "a column of bytes": (
        lambda X: pd.Series(as_bytes(X)[:, 20]),
        ValueError,
        "Expected (a )?2D|Expected a 2-dimensional",
    ),
    "NaN": (lambda X: np.where(X > 0.9, np.nan, X), ValueError, "NaN"),
    "too large for float32": (
        lambda X: X.astype(float) * 1e300,
        ValueError,
        "infinity",
    ),
    "complex": (lambda X: X + 1j, ValueError, "[Cc]omplex"),
    "text": (lambda X: np.full(X.shape, "x"), ValueError, "could not convert"),
    "no rows": (lambda X: X[:0], ValueError, "0 sample"),
}


@pytest.mark.parametrize(
    ("make", "error", "message"), WRONG_IMAGES.values(), ids=WRONG_IMAGES
)
def test_wrong_images_get_scikit_learns_errors(digits, baseline, make, error, message):
    X, y = digits
    wrong = make(X)
    with pytest.raises(error, match=message):
        small().fit(wrong, y[: wrong.shape[0]])
    with pytest.raises(error, match=message):
        baseline.predict(wrong)


def test_another_number_of_features_is_an_error(digits, baseline):
    X, _ = digits
    with pytest.raises(ValueError, match=r"X has 63 features.*expecting 64"):
        baseline.predict(X[:, :63])


def test_feature_names_are_kept_and_compared(digits):
    X, y = digits
    frame = pd.DataFrame(X, columns=[f"pixel{i}" for i in range(1, 65)])
    classifier = small().fit(frame, y)
    assert_array_equal(classifier.feature_names_in_, frame.columns)
    assert_array_equal(classifier.predict(frame), small().fit(X, y).predict(X))
    backwards = frame[frame.columns[::-1]]
    with pytest.raises(ValueError, match="feature names"):
        classifier.predict(backwards)
    with pytest.raises(ValueError, match="feature names"):
        small().fit(frame, y, X_val=backwards, y_val=y)
    with pytest.warns(UserWarning, match="feature names"):
        classifier.predict(X)
