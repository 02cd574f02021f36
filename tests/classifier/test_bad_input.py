"""What cannot be trained on gets an error that names it and says how to fix it."""

import keras
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from networks import small
from sk_mnist import MNISTMLPClassifier


@pytest.mark.parametrize("units", [10**12, (10**9, 10**9)], ids=["one layer", "two"])
def test_a_network_that_does_not_fit_into_memory_is_refused(digits, units):
    with pytest.raises(ValueError, match=r"hidden_units=.*weights.*memory"):
        small(hidden_units=units).fit(*digits)


@pytest.mark.parametrize("shape", [(-8, -8), (3, 3), (8.5, 8), (64,)], ids=str)
def test_a_wrong_image_shape_is_refused_with_and_without_deformation(digits, shape):
    with pytest.raises(ValueError, match=r"image_shape must be \(height, width\)"):
        small(image_shape=shape).fit(*digits)


DATA = {
    "dates": (lambda X: (X * 100).astype("M8[s]"), ValueError, "dtype datetime64"),
    "records": (
        lambda X: np.zeros(len(X), dtype=[("a", "f4"), ("b", "f4")]),
        ValueError,
        "dtype.*'a'",
    ),
    "masked values": (lambda X: np.ma.masked_less(X, 0.5), ValueError, "masked"),
}


@pytest.mark.parametrize(("change", "error", "message"), DATA.values(), ids=DATA)
def test_data_that_are_no_numbers_are_refused(digits, fitted, change, error, message):
    X, y = digits
    for use in (lambda X: small().fit(X, y), fitted.predict):
        with pytest.raises(error, match=message):
            use(change(X))


def test_a_masked_array_without_masked_values_is_an_array(digits, fitted):
    X, _ = digits
    assert_array_equal(fitted.predict(np.ma.array(X)), fitted.predict(X))


def test_labels_that_cannot_be_sorted_are_refused(digits):
    X, _ = digits
    labels = np.array(["a", 1] * len(X), dtype=object)[: len(X)]
    with pytest.raises(TypeError, match=r"y mixes labels.*astype"):
        small().fit(X, labels)


def test_a_class_weight_that_is_no_number_is_refused(digits):
    with pytest.raises(ValueError, match=r"class_weight must be finite.*'a' for 3"):
        small(class_weight={3: "a"}).fit(*digits)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({3: 10**400}, r"class_weight must be finite.* for 3"),
        ({(1, 2): 1}, r"class_weight has a weight for \(1, 2\), which is not a label"),
        (dict.fromkeys(range(10), 0), r"sample_weight, or a class_weight, of 0"),
    ],
    ids=["too large", "of no label", "all 0"],
)
def test_class_weights_that_cannot_be_used_are_refused(digits, weights, message):
    with pytest.raises(ValueError, match=message):
        small(class_weight=weights).fit(*digits)


WEIGHTS = {
    "masked": lambda n: np.ma.array(np.ones(n), mask=np.arange(n) == 3),
    "dates": lambda n: np.ones(n).astype("M8[s]"),
    "records": lambda n: np.ones(n).astype([("weight", float)]),
    "one NaN": lambda n: np.nan,
    "too large": lambda n: [10**400] * n,
}


@pytest.mark.parametrize("make", WEIGHTS.values(), ids=WEIGHTS)
def test_sample_weights_that_are_no_weights_are_refused(digits, make):
    X, y = digits
    with pytest.raises(ValueError, match=r"^sample_weight (is|must)"):
        small().fit(X, y, sample_weight=make(len(y)))


MISSING = {
    "masked": lambda y: np.ma.array(y, mask=y == 3),
    "NaT": lambda y: np.where(y == 3, np.datetime64("NaT"), y.astype("M8[D]")),
    "NA": lambda y: pd.Series(y.astype(str), dtype="string").where(y != 3),
    "NaN among texts": lambda y: [np.nan if label == 3 else str(label) for label in y],
}


@pytest.mark.parametrize("make", MISSING.values(), ids=MISSING)
def test_missing_labels_are_refused(digits, make):
    X, y = digits
    with pytest.raises(ValueError, match=r"y (is a masked array|contains NaN)"):
        small().fit(X, make(y))


@pytest.mark.parametrize("dtype", ["S1", np.dtypes.StringDType()], ids=str)
def test_texts_that_scikit_learn_does_not_take_are_named(digits, dtype):
    X, y = digits
    with pytest.raises(TypeError, match=r"y holds labels of dtype.*y\.astype\(str\)"):
        small().fit(X, y.astype(str).astype(dtype))


def test_a_class_of_one_sample_cannot_be_held_out(digits):
    X, y = digits
    with pytest.raises(ValueError, match=r"validation_split=0\.2.*class 77 has only 1"):
        small(validation_split=0.2).fit(X, np.r_[y[:-1], 77])


@pytest.mark.parametrize("weight", [1e38, 1e300, 1e-300])
def test_weights_of_any_size_train_as_weights_of_one(digits, weight):
    X, y = digits
    weighted = small().fit(X, y, sample_weight=np.full(len(y), weight))
    assert weighted.loss_ == pytest.approx(small().fit(X, y).loss_, rel=1e-6)


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "float64"])
def test_pixels_of_0_to_255_get_a_warning(digits, dtype):
    X, y = digits
    pixels = np.rint(255 * X).astype(dtype)
    with pytest.warns(UserWarning, match=r"pixels of 0 to 255.*ImageNormalizer") as fit:
        classifier = small(epochs=1).fit(pixels, y)
    with pytest.warns(UserWarning, match="pixels of 0 to 255") as predict:
        classifier.predict(pixels[:5])
    assert {fit[0].filename, predict[0].filename} == {__file__}


class OwnCall(keras.losses.Loss):
    def __call__(self, y_true, y_pred, sample_weight=None):
        return keras.ops.mean((y_true - y_pred) ** 2)


def test_a_loss_with_a_call_of_its_own_is_refused(digits):
    with pytest.raises(ValueError, match=r"no method call\(y_true, y_pred\)"):
        small(loss=OwnCall()).fit(*digits)


class Forgetful(MNISTMLPClassifier):
    def __init__(self, hidden_units=16, *, pen=1):
        super().__init__(hidden_units)


def test_a_subclass_that_sets_no_parameter_is_told_how(digits):
    with pytest.raises(AttributeError, match=r"Forgetful.*self\.pen = pen"):
        Forgetful().fit(*digits)


class OwnModel(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(10, "softmax")

    def call(self, X):
        return self.dense(X)


def test_a_model_of_an_own_class_cannot_be_adopted():
    model = OwnModel()
    model(np.zeros((1, 64), dtype=np.float32))
    with pytest.raises(ValueError, match=r"OwnModel.*Sequential or functional"):
        MNISTMLPClassifier.from_keras(model)


def test_a_model_of_bytes_is_adopted(digits):
    X, _ = digits
    pixels = np.rint(255 * X).astype(np.uint8)
    model = keras.Sequential(
        [
            keras.Input((64,), dtype="uint8"),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Dense(10, "softmax"),
        ]
    )
    labels = MNISTMLPClassifier.from_keras(model).predict(pixels)
    assert_array_equal(labels, model.predict(pixels, verbose=0).argmax(axis=1))


def test_what_is_no_model_is_refused():
    with pytest.raises(TypeError, match=r"model_or_path must be a keras\.Model"):
        MNISTMLPClassifier.from_keras(None)


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
def test_pixels_too_large_for_finite_probabilities_are_refused(digits, fitted, method):
    X, _ = digits
    with pytest.raises(ValueError, match=r"X holds values as large as 3e\+38"):
        getattr(fitted, method)(np.full_like(X, 3e38))


@pytest.mark.parametrize("parameter", ["learning_rate", "warmup_epochs"])
def test_a_number_too_large_for_a_float_is_refused(digits, parameter):
    with pytest.raises(ValueError, match=f"The '{parameter}' parameter"):
        small(**{parameter: 10**400}).fit(*digits)


@pytest.mark.parametrize("parameter", ["weight_decay", "ema_momentum"])
def test_a_long_double_is_a_number(digits, parameter):
    long = small(**{parameter: np.longdouble(0.5)}).fit(*digits)
    assert_array_equal(long.coefs_[0], small(**{parameter: 0.5}).fit(*digits).coefs_[0])


@pytest.fixture(scope="module")
def model():
    return keras.Sequential([keras.Input((64,)), keras.layers.Dense(3)])


@pytest.mark.parametrize(
    "classes",
    [[0, "a", None], [np.nan, 1, 2], [[1, 2], [3], [4]], [b"a", b"b", b"c"], [1, 1, 2]],
    ids=repr,
)
def test_labels_for_a_model_that_cannot_be_used_are_refused(model, classes):
    with pytest.raises(ValueError, match=r"classes must hold a different label.*Got"):
        MNISTMLPClassifier.from_keras(model, classes)


def test_a_model_whose_dense_layer_sees_a_part_of_the_image_is_refused():
    model = keras.Sequential([keras.Input((8, 8)), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match=r"\(8, 8\).*only 8 numbers.*Flatten"):
        MNISTMLPClassifier.from_keras(model)
