"""What MNISTMLPClassifier promises, training's speed and exactness aside."""

import _thread
import pickle
import pickletools
import threading
import warnings
from itertools import pairwise

import joblib
import keras
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.utils.class_weight import compute_sample_weight

import sk_mnist
from networks import assert_same_network, small, weights
from sk_mnist import ImageNormalizer, MNISTMLPClassifier


@pytest.fixture(scope="module")
def baseline(digits):
    return small().fit(*digits)


# Parameters


@pytest.mark.parametrize(
    "hidden_units", [16, (16,), [16], np.int64(16), np.array([16])], ids=repr
)
def test_one_hidden_layer_in_every_spelling(digits, baseline, hidden_units):
    assert_same_network(small(hidden_units=hidden_units).fit(*digits), baseline)


@pytest.mark.parametrize("hidden_units", [(), (16, 8)])
def test_layers_have_the_shapes_asked_for(digits, hidden_units):
    classifier = small(hidden_units=hidden_units).fit(*digits)
    sizes = (64, *hidden_units, 10)
    assert [c.shape for c in classifier.coefs_] == list(pairwise(sizes))
    assert [b.shape for b in classifier.intercepts_] == [(n,) for n in sizes[1:]]
    assert classifier.n_layers_ == len(sizes)


@pytest.mark.parametrize(
    "parameter",
    [
        *(
            {"hidden_units": wrong}
            for wrong in (0, -1, 1.5, "16", None, (16, 0), (16.0,), {16}, ((16,), 8))
        ),
        {"activation": "swoosh"},
        {"dropout": 1.0},
        {"dropout": -0.1},
        {"optimizer": 3},
        {"optimizer": "adamx"},
        {"learning_rate": 0},
        {"loss": 3},
        {"loss": "no_such_loss"},
        {"batch_size": 0},
        {"batch_size": 32.0},
        {"epochs": 0},
        {"epochs": 1.5},
        {"validation_split": 1.0},
        {"early_stopping": "yes"},
        {"patience": -1},
        {"class_weight": "fair"},
        {"callbacks": "tensorboard"},
        {"callbacks": ["tensorboard"]},
        {"warm_start": None},
        {"random_state": "zero"},
        {"verbose": "loud"},
    ],
    ids=repr,
)
def test_wrong_parameter_is_named_with_its_value(digits, parameter):
    ((name, value),) = parameter.items()
    with pytest.raises(ValueError, match=f"(?s)'?{name}'?.*Got ") as raised:
        small(**parameter).fit(*digits)
    faulty = value[0] if isinstance(value, list) else value
    assert repr(faulty) in str(raised.value)


def test_loss_of_logits_is_refused(digits):
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    with pytest.raises(ValueError, match=r"'loss'.*from_logits"):
        small(loss=loss).fit(*digits)


@pytest.mark.parametrize("batch_size", [1_000, 10**9])
def test_batch_larger_than_the_data_is_one_batch(digits, batch_size):
    X, y = digits
    everything = small(batch_size=len(X)).fit(X, y)
    assert_allclose(
        weights(small(batch_size=batch_size).fit(X, y)), weights(everything), atol=1e-6
    )


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
    "sparse": (lambda X: sparse.csr_matrix(X), TypeError, "Sparse data"),
    "sparse bytes": (
        lambda X: sparse.csr_matrix(as_bytes(X)),
        TypeError,
        "Sparse data",
    ),
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


# What is fitted


def test_fitted_attributes(baseline):
    assert_array_equal(baseline.classes_, np.arange(10))
    assert baseline.n_features_in_ == 64
    assert not hasattr(baseline, "feature_names_in_")
    assert isinstance(baseline.coefs_, list)
    assert isinstance(baseline.intercepts_, list)
    assert {array.dtype for array in baseline.coefs_} == {np.dtype(np.float32)}
    assert {array.dtype for array in baseline.intercepts_} == {np.dtype(np.float32)}
    assert all(type(array) is np.ndarray for array in baseline.coefs_)
    assert baseline.n_iter_ == 2
    assert baseline.n_layers_ == 3
    assert baseline.n_outputs_ == 10
    assert baseline.out_activation_ == "softmax"
    assert baseline.loss_ == baseline.history_["loss"][-1]


def test_history_holds_a_plain_list_per_epoch(baseline):
    assert baseline.history_.keys() == {"loss", "accuracy"}
    for values in baseline.history_.values():
        assert len(values) == 2
        assert {type(value) for value in values} == {float}


def test_loss_and_accuracy_of_an_epoch_are_means_over_its_samples(digits):
    # Weights that do not move make the means those of the fitted network.
    X, y = digits
    sample_weight = np.linspace(0.5, 2, len(X))
    classifier = small(optimizer="sgd", learning_rate=1e-20, epochs=1)
    classifier.fit(X, y, sample_weight)
    loss = log_loss(y, classifier.predict_proba(X), sample_weight=sample_weight)
    assert_allclose(classifier.history_["loss"], loss, rtol=1e-5)
    accuracy = classifier.score(X, y, sample_weight)
    assert_allclose(classifier.history_["accuracy"], accuracy, rtol=1e-5)


@pytest.mark.parametrize(
    "use", ["predict", "predict_proba", "predict_log_proba", "to_keras", "to_scikeras"]
)
def test_unfitted_classifier_says_so(digits, use):
    arguments = () if use.startswith("to_") else (digits[0],)
    with pytest.raises(NotFittedError):
        getattr(small(), use)(*arguments)


# Predicting


def test_probabilities_are_those_of_the_softmax(other_digits, fitted):
    X, _ = other_digits
    probabilities = fitted.predict_proba(X)
    hidden = np.maximum(X @ fitted.coefs_[0] + fitted.intercepts_[0], 0)
    logits = hidden @ fitted.coefs_[1] + fitted.intercepts_[1]
    odds = np.exp(logits.astype(float))
    assert probabilities.dtype == np.float32
    assert_allclose(probabilities, odds / odds.sum(axis=1, keepdims=True), atol=1e-6)
    assert_array_equal(fitted.predict(X), probabilities.argmax(axis=1))


def test_log_probabilities_stay_finite_where_probabilities_vanish(other_digits, fitted):
    X, _ = other_digits
    assert_allclose(
        fitted.predict_log_proba(X), np.log(fitted.predict_proba(X)), atol=1e-4
    )
    far_out = 1000 * X
    assert (fitted.predict_proba(far_out) == 0).any()
    assert np.isfinite(fitted.predict_log_proba(far_out)).all()


def test_many_rows_are_predicted_like_each_alone(digits, fitted):
    X, _ = digits
    many = np.concatenate([X] * 6)  # more than one block
    together = fitted.predict_proba(many)
    assert len(together) == len(many)
    alone = [fitted.predict_proba(row[np.newaxis])[0] for row in X]
    assert_allclose(together, alone * 6, atol=1e-6)


def test_it_learns(digits, other_digits, fitted):
    assert fitted.score(*digits) > 0.97
    assert fitted.score(*other_digits) > 0.8


def test_parameters_set_after_fit_wait_for_the_next_fit(digits, other_digits):
    X, _ = other_digits
    classifier = small().fit(*digits)
    before = classifier.predict_proba(X)
    classifier.set_params(hidden_units=(5, 4), activation="tanh", dropout=0.5)
    assert_array_equal(classifier.predict_proba(X), before)
    assert_allclose(classifier.to_keras().predict(X, verbose=0), before, atol=1e-5)
    assert_allclose(classifier.to_scikeras().predict_proba(X), before, atol=1e-5)


# Validating


def test_own_validation_data_give_loss_and_accuracy_per_epoch(digits, other_digits):
    X, y = other_digits
    classifier = small().fit(*digits, X_val=X, y_val=y)
    history = classifier.history_
    assert history.keys() == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {len(values) for values in history.values()} == {2}
    assert_allclose(
        history["val_loss"][-1], log_loss(y, classifier.predict_proba(X)), rtol=1e-5
    )
    assert_allclose(history["val_accuracy"][-1], classifier.score(X, y), rtol=1e-5)


def test_validating_does_not_change_what_is_learned(digits, other_digits, baseline):
    X, y = other_digits
    assert_same_network(small().fit(*digits, X_val=X, y_val=y), baseline)


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "mse"])
def test_validation_loss_is_the_loss_that_is_trained(digits, loss):
    X, y = digits
    history = small(loss=loss, optimizer="sgd", learning_rate=1e-20, epochs=1)
    history = history.fit(X, y, X_val=X, y_val=y).history_
    assert_allclose(history["val_loss"], history["loss"], rtol=1e-5)


def held_out_rows(**parameters):
    """Which of 60 samples of 3 classes a fit holds out.

    Each sample is a feature of its own, so that its row of coefs moves only if it is
    trained on.
    """
    X, y = np.eye(60), np.arange(60) % 3
    classifier = small(hidden_units=(), optimizer="sgd", epochs=1, **parameters)
    unmoved = clone(classifier).set_params(learning_rate=1e-30).fit(X, y)
    moved = clone(classifier).set_params(learning_rate=10.0).fit(X, y)
    return np.flatnonzero(np.all(moved.coefs_[0] == unmoved.coefs_[0], axis=1))


def test_validation_split_holds_out_a_stratified_part():
    rows = held_out_rows(validation_split=0.25)
    assert_array_equal(np.bincount(rows % 3), [5, 5, 5])
    assert rows.max() > 20  # shuffled, not the first or the last ones
    assert rows.min() < 40


def test_hold_out_is_drawn_with_the_random_state():
    first, same, other = (
        held_out_rows(validation_split=0.25, random_state=seed) for seed in (0, 0, 1)
    )
    assert_array_equal(first, same)
    assert not np.array_equal(first, other)


def test_nothing_is_held_out_without_validation_split():
    assert len(held_out_rows()) == 0


def test_validation_split_of_too_few_samples_is_an_error(digits):
    X, y = digits
    with pytest.raises(ValueError, match=r"validation_split=0\.001 .* 1 of 401"):
        small(validation_split=0.001).fit(X, y)


VALIDATION_MISTAKES = {
    "y_val is missing": (lambda X, y: {"X_val": X}, {}, "y_val is missing"),
    "X_val is missing": (lambda X, y: {"y_val": y}, {}, "X_val is missing"),
    "both ways at once": (
        lambda X, y: {"X_val": X, "y_val": y},
        {"validation_split": 0.2},
        "X_val.*validation_split=0.2",
    ),
    "a label of its own": (
        lambda X, y: {"X_val": X, "y_val": y + 1},
        {},
        r"y_val.*\[10\]",
    ),
    "other features": (
        lambda X, y: {"X_val": X[:, 1:], "y_val": y},
        {},
        "63 features",
    ),
    "other lengths": (
        lambda X, y: {"X_val": X[1:], "y_val": y},
        {},
        "inconsistent numbers of samples",
    ),
    "nothing to stop by": (lambda X, y: {}, {"early_stopping": True}, "early_stopping"),
}


@pytest.mark.parametrize(
    ("data", "parameters", "message"),
    VALIDATION_MISTAKES.values(),
    ids=VALIDATION_MISTAKES,
)
def test_validation_mistakes_get_a_clear_error(digits, data, parameters, message):
    X, y = digits
    with pytest.raises(ValueError, match=message):
        small(**parameters).fit(X, y, **data(X, y))


@pytest.mark.parametrize("patience", [0, 3])
def test_early_stopping_restores_the_best_weights(digits, other_digits, patience):
    X_val, y_val = other_digits[0], np.roll(other_digits[1], 1)  # labels of chance
    classifier = small(early_stopping=True, patience=patience, epochs=40)
    classifier.set_params(learning_rate=0.03).fit(*digits, X_val=X_val, y_val=y_val)
    val_loss = classifier.history_["val_loss"]
    assert classifier.n_iter_ == len(val_loss) < 40
    assert classifier.n_iter_ == np.argmin(val_loss) + 1 + max(patience, 1)
    restored = log_loss(y_val, classifier.predict_proba(X_val))
    assert_allclose(restored, min(val_loss), rtol=1e-5)


def test_early_stopping_that_does_not_stop_restores_the_best_weights_too(
    digits, other_digits
):
    X_val, y_val = other_digits[0], np.roll(other_digits[1], 1)
    classifier = small(early_stopping=True, patience=40, epochs=6, learning_rate=0.03)
    classifier.fit(*digits, X_val=X_val, y_val=y_val)
    assert classifier.n_iter_ == 6
    restored = log_loss(y_val, classifier.predict_proba(X_val))
    assert_allclose(restored, min(classifier.history_["val_loss"]), rtol=1e-5)


# Weights of samples and classes


def test_integer_weights_equal_repetition(digits):
    X, y = digits[0][:60], digits[1][:60]
    times = np.arange(60) % 4
    # One batch holds all, as the order of the rows differs with their number.
    classifier = small(batch_size=128, epochs=20, learning_rate=0.01)
    weighted = clone(classifier).fit(X, y, sample_weight=times)
    repeated = clone(classifier).fit(X.repeat(times, axis=0), y.repeat(times))
    assert_allclose(weights(weighted), weights(repeated), atol=1e-5)
    assert_allclose(weighted.history_["loss"], repeated.history_["loss"], rtol=1e-5)
    assert_allclose(
        weighted.predict_proba(X), repeated.predict_proba(X), rtol=0, atol=1e-5
    )


def test_samples_of_weight_0_are_as_if_they_were_not_there(digits):
    X, y = digits
    kept = np.arange(len(X)) % 3 > 0
    weighted = small().fit(X, y, sample_weight=kept.astype(float))
    assert_allclose(
        weights(weighted), weights(small().fit(X[kept], y[kept])), atol=1e-5
    )


def test_only_the_ratio_of_weights_counts(digits, baseline):
    X, y = digits
    scaled = small().fit(X, y, sample_weight=np.full(len(X), 1000.0))
    assert_allclose(weights(scaled), weights(baseline), atol=1e-5)


@pytest.mark.parametrize(
    ("sample_weight", "message"),
    [
        (-1.0, "Negative values in data passed to `sample_weight`"),
        (np.nan, "NaN"),
        (0.0, "(?i)sample.weight.* (0|zero|non-zero)"),
    ],
)
def test_wrong_sample_weights_get_a_clear_error(digits, sample_weight, message):
    X, y = digits
    for train in (
        small().fit,
        lambda X, y, w: small().partial_fit(X, y, np.arange(10), w),
    ):
        with pytest.raises(ValueError, match=message):
            train(X, y, np.full(len(X), sample_weight))


@pytest.mark.parametrize(
    "relabel",
    [np.asarray, lambda y: np.array(list("abcdefghij"))[y], lambda y: y.astype(str)],
    ids=["integers", "strings", "strings of digits"],
)
def test_class_weights_are_sample_weights_by_label(digits, relabel):
    X, y = digits[0], relabel(digits[1])
    three = np.unique(y)[3]
    weighted = small(class_weight={three: 5.0}).fit(X, y)
    by_sample = small().fit(X, y, sample_weight=np.where(y == three, 5.0, 1.0))
    assert_same_network(weighted, by_sample)


def test_balanced_class_weights(digits):
    X, y = digits
    y = np.minimum(y, 5)  # half of them are a 5
    balanced = small(class_weight="balanced").fit(X, y)
    by_sample = small().fit(X, y, sample_weight=compute_sample_weight("balanced", y))
    assert_same_network(balanced, by_sample)


def test_class_weights_are_multiplied_with_sample_weights(digits):
    X, y = digits
    sample_weight = np.linspace(0.5, 2, len(X))
    both = small(class_weight={3: 4.0}).fit(X, y, sample_weight)
    product = small().fit(X, y, sample_weight * np.where(y == 3, 4.0, 1.0))
    assert_allclose(weights(both), weights(product), atol=1e-6)


@pytest.mark.parametrize("class_weight", [{33: 2.0}, {3: -2.0}, {3: np.nan}])
def test_wrong_class_weights_get_a_clear_error(digits, class_weight):
    with pytest.raises(ValueError, match=r"class_weight|[Nn]egative|NaN"):
        small(class_weight=class_weight).fit(*digits)


# Training on


def test_warm_start_runs_epochs_more(digits):
    classifier = small(warm_start=True).fit(*digits)
    history = {name: list(values) for name, values in classifier.history_.items()}
    loss = classifier.loss_
    classifier.set_params(epochs=3).fit(*digits)
    assert classifier.n_iter_ == 5
    assert len(classifier.history_["loss"]) == 5
    for name, values in history.items():
        assert classifier.history_[name][:2] == values
    assert classifier.loss_ < loss


def test_fit_without_warm_start_begins_anew(digits, baseline):
    classifier = small(warm_start=True).fit(*digits)
    assert_same_network(classifier.set_params(warm_start=False).fit(*digits), baseline)
    assert classifier.n_iter_ == 2
    assert_same_network(classifier.fit(*digits), baseline)


def test_epochs_that_were_not_validated_are_nan(digits, other_digits):
    X, y = other_digits
    classifier = small(warm_start=True, epochs=1).fit(*digits)
    classifier.fit(*digits, X_val=X, y_val=y).fit(*digits)
    assert {len(values) for values in classifier.history_.values()} == {3}
    assert_array_equal(np.isnan(classifier.history_["val_loss"]), [True, False, True])


def test_partial_fit_is_one_pass(digits):
    X, y = digits
    classifier = small(epochs=7).partial_fit(X, y, classes=np.arange(10))
    assert classifier.n_iter_ == 1
    classifier.partial_fit(X[:100], y[:100])
    assert classifier.n_iter_ == len(classifier.history_["loss"]) == 2


def test_partial_fit_goes_on_after_fit(digits):
    classifier = small().fit(*digits)
    loss = classifier.loss_
    classifier.partial_fit(*digits)
    assert classifier.n_iter_ == 3
    assert classifier.loss_ < loss


def test_partial_fit_takes_batches_that_lack_classes(digits):
    X, y = digits
    classifier = small(class_weight={3: 2.0})
    for digit in range(10):
        classifier.partial_fit(X[y == digit], y[y == digit], classes=range(10))
    assert_array_equal(classifier.classes_, np.arange(10))
    assert classifier.n_iter_ == 10


PARTIAL_FIT_MISTAKES = {
    "no classes": (lambda c, X, y: c.partial_fit(X, y), {}, "classes must be passed"),
    "other classes": (
        lambda c, X, y: c.partial_fit(X, y, classes=range(10)).partial_fit(
            X, y, classes=range(11)
        ),
        {},
        "classes",
    ),
    "an unknown label": (
        lambda c, X, y: c.partial_fit(X, y, classes=range(9)),
        {},
        r"has classes not in.*\n?.*9",
    ),
    "other features": (
        lambda c, X, y: c.partial_fit(X, y, classes=range(10)).partial_fit(X[:, 1:], y),
        {},
        "63 features",
    ),
    "another network": (
        lambda c, X, y: c.fit(X, y).set_params(hidden_units=8).partial_fit(X, y),
        {},
        "hidden_units",
    ),
}


@pytest.mark.parametrize(
    ("use", "parameters", "message"),
    PARTIAL_FIT_MISTAKES.values(),
    ids=PARTIAL_FIT_MISTAKES,
)
def test_partial_fit_mistakes_get_a_clear_error(digits, use, parameters, message):
    with pytest.raises(ValueError, match=message):
        use(small(**parameters), *digits)


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"early_stopping": True}, "early_stopping"),
        ({"class_weight": "balanced"}, "class_weight='balanced'"),
        ({"learning_rate_schedule": "cosine"}, "learning_rate_schedule"),
        ({"warmup_epochs": 1}, "warmup_epochs"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_partial_fit_is_hidden_where_one_pass_cannot_do_it(parameters, reason):
    classifier = small(**parameters)
    assert not hasattr(classifier, "partial_fit")
    with pytest.raises(AttributeError) as error:
        classifier.partial_fit  # noqa: B018
    assert reason in str(error.value.__cause__)


WARM_START_MISTAKES = {
    "other classes": (lambda X, y: (X, y + 1), {}, "same classes"),
    "a class less": (lambda X, y: (X[y > 0], y[y > 0]), {}, "same classes"),
    "other features": (lambda X, y: (X[:, 1:], y), {}, "63 features"),
    "another network": (lambda X, y: (X, y), {"hidden_units": 8}, "hidden_units"),
}


@pytest.mark.parametrize(
    ("data", "parameters", "message"),
    WARM_START_MISTAKES.values(),
    ids=WARM_START_MISTAKES,
)
def test_warm_start_mistakes_get_a_clear_error(digits, data, parameters, message):
    classifier = small(warm_start=True).fit(*digits)
    with pytest.raises(ValueError, match=message):
        classifier.set_params(**parameters).fit(*data(*digits))


# Chance


def test_the_same_seed_gives_the_same_network(digits, baseline):
    assert_same_network(small().fit(*digits), baseline)
    assert_same_network(clone(baseline).fit(*digits), baseline)


@pytest.mark.parametrize("random_state", [None, 1])
def test_another_seed_gives_another_network(digits, baseline, random_state):
    other = small(random_state=random_state).fit(*digits)
    assert not np.array_equal(weights(other), weights(baseline))


def test_no_seed_gives_a_new_network_each_time(digits):
    networks = []
    for _ in range(2):
        np.random.seed(0)  # noqa: NPY002 (which must not matter)
        networks.append(weights(small(random_state=None).fit(*digits)))
    assert not np.array_equal(*networks)


def test_random_state_instance_is_drawn_from(digits):
    def two_fits():
        random_state = np.random.RandomState(7)
        return [
            weights(small(random_state=random_state).fit(*digits)) for _ in range(2)
        ]

    first, second = two_fits()
    assert not np.array_equal(first, second)
    assert_array_equal(two_fits(), [first, second])


# A fit that fails leaves what was there


def fail_with(error):
    def fail(epoch, logs):
        raise error

    return [keras.callbacks.LambdaCallback(on_epoch_end=fail)]


TRAINING = {
    "fit": lambda c, X, y: c.fit(X, y),
    "warm fit": lambda c, X, y: c.set_params(warm_start=True).fit(X, y),
    "partial_fit": lambda c, X, y: c.partial_fit(X, y),
}


@pytest.fixture(scope="module")
def named_digits(digits):
    X, y = digits
    return pd.DataFrame(X, columns=[f"pixel{i}" for i in range(64)]), y


@pytest.mark.parametrize("train", TRAINING.values(), ids=TRAINING)
def test_interrupted_training_leaves_the_fitted_estimator(named_digits, train):
    X, y = named_digits
    classifier = small(warm_start=True).fit(X, y)
    before = pickle.dumps(classifier.set_params(warm_start=False).__getstate__())
    with pytest.raises(KeyboardInterrupt):
        train(classifier.set_params(callbacks=fail_with(KeyboardInterrupt)), X, y)
    classifier.set_params(callbacks=None, warm_start=False)
    assert pickle.dumps(classifier.__getstate__()) == before


def test_ctrl_c_at_any_moment_leaves_the_fitted_estimator(digits):
    classifier = small(warm_start=True).fit(*digits)
    before = pickle.dumps(classifier.set_params(epochs=10**6).__getstate__())
    interrupted = threading.Event()

    def press_ctrl_c():
        # Again and again: Python drops one that falls into a destructor.
        while not interrupted.wait(0.5):
            _thread.interrupt_main()

    threading.Thread(target=press_ctrl_c, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(*digits)
    interrupted.set()
    assert pickle.dumps(classifier.__getstate__()) == before


def test_error_in_a_callback_reaches_the_user(digits):
    with pytest.raises(RuntimeError, match="the disk is full"):
        small(callbacks=fail_with(RuntimeError("the disk is full"))).fit(*digits)


def test_failing_fit_on_other_data_leaves_the_fitted_estimator(named_digits):
    X, y = named_digits
    classifier = small().fit(X, y)
    before = pickle.dumps(classifier.__getstate__())
    other = X.iloc[:, :20].rename(columns=str.upper)
    with pytest.raises(KeyboardInterrupt):
        classifier.set_params(callbacks=fail_with(KeyboardInterrupt)).fit(
            other, y.astype(str)
        )
    assert pickle.dumps(classifier.set_params(callbacks=None).__getstate__()) == before
    assert_array_equal(classifier.feature_names_in_, X.columns)
    assert classifier.n_features_in_ == 64


@pytest.mark.parametrize(
    "fail",
    [
        lambda c, X, y: c.fit(X.to_numpy()[:, :5], np.zeros(len(y))),
        lambda c, X, y: c.fit(X.to_numpy()[:, :5], y, np.zeros(len(y))),
        lambda c, X, y: c.fit(X.to_numpy(), y, X_val=X, y_val=y + 1),
        lambda c, X, y: c.set_params(learning_rate=1e38).fit(X, y),
        lambda c, X, y: c.set_params(optimizer="adamx").fit(X, y),
        lambda c, X, y: c.set_params(loss="no_such_loss").fit(X.to_numpy()[:, 1:], y),
        lambda c, X, y: c.partial_fit(X, y, classes=range(3)),
    ],
    ids=[
        "labels",
        "weights",
        "validation",
        "diverging",
        "optimizer",
        "loss",
        "classes",
    ],
)
def test_refused_fit_leaves_the_fitted_estimator(named_digits, fail):
    X, y = named_digits
    classifier = small().fit(X, y)
    parameters = classifier.get_params()
    before = pickle.dumps(classifier.__getstate__())
    with pytest.raises(ValueError):  # noqa: PT011 (messages are other tests' business)
        fail(classifier, X, y)
    assert pickle.dumps(classifier.set_params(**parameters).__getstate__()) == before


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_failing_first_fit_leaves_an_unfitted_estimator(digits, method):
    X, y = digits
    classifier = small(callbacks=fail_with(KeyboardInterrupt))
    arguments = {"classes": range(10)} if method == "partial_fit" else {}
    with pytest.raises(KeyboardInterrupt):
        getattr(classifier, method)(X, y, **arguments)
    assert vars(classifier).keys() == classifier.get_params().keys()


def test_fit_after_an_interrupted_one_is_as_if_it_had_not_been(digits):
    uninterrupted = small(warm_start=True).fit(*digits).fit(*digits)
    classifier = small(warm_start=True).fit(*digits)
    with pytest.raises(KeyboardInterrupt):
        classifier.set_params(callbacks=fail_with(KeyboardInterrupt)).fit(*digits)
    classifier.set_params(callbacks=None).fit(*digits)
    assert_same_network(classifier, uninterrupted)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_diverging_training_is_an_error_that_names_the_mends(digits, optimizer):
    classifier = small(optimizer=optimizer, learning_rate=1e38)
    with pytest.raises(ValueError, match=r"not finite.*learning_rate.*ImageNormalizer"):
        classifier.fit(*digits)


# Files


def test_pickle_is_the_size_of_the_weights(digits):
    classifier = MNISTMLPClassifier(epochs=1, random_state=0).fit(
        np.tile(digits[0], 13)[:, :784], digits[1]
    )
    n_bytes = weights(classifier).nbytes
    assert n_bytes == 4 * (784 * 128 + 128 + 128 * 10 + 10)
    assert len(pickle.dumps(classifier)) <= 1.1 * n_bytes


@pytest.mark.parametrize("compress", [0, 3])
def test_file_predicts_the_same(tmp_path, digits, fitted, compress):
    X, _ = digits
    joblib.dump(fitted, tmp_path / "model.joblib", compress=compress)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = joblib.load(tmp_path / "model.joblib")
    assert_array_equal(loaded.predict_proba(X), fitted.predict_proba(X))
    assert loaded.get_params() == fitted.get_params()
    assert loaded.history_ == fitted.history_


def test_file_read_as_memory_maps_predicts_the_same(tmp_path, digits, fitted):
    X, _ = digits
    joblib.dump(fitted, tmp_path / "model.joblib")
    loaded = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
    assert_array_equal(loaded.predict_proba(X), fitted.predict_proba(X))


def pickled_modules(classifier):
    """Top-level modules whose objects a pickle holds."""
    strings, modules = [], set()
    for opcode, argument, _ in pickletools.genops(pickle.dumps(classifier, protocol=4)):
        if opcode.name == "STACK_GLOBAL":
            modules.update(text.split(".")[0] for text in strings[-2:-1])
        elif isinstance(argument, str):
            strings.append(argument)
    return modules


@pytest.mark.parametrize("warm_start", [False, True])
def test_file_of_plain_parameters_holds_nothing_of_keras(digits, warm_start):
    classifier = small(warm_start=warm_start).fit(*digits)
    modules = pickled_modules(classifier)
    assert "sk_mnist" in modules
    assert not modules & {"keras", "tensorflow"}
    if not warm_start:
        assert b"keras" not in pickle.dumps(classifier)


def test_keras_object_given_as_a_parameter_is_pickled_as_itself(digits):
    optimizer = keras.optimizers.SGD(0.125, momentum=0.5)
    loaded = pickle.loads(pickle.dumps(small(optimizer=optimizer).fit(*digits)))
    assert loaded.optimizer.get_config() == optimizer.get_config()
    loaded.fit(*digits)


def test_file_of_another_version_warns(monkeypatch, fitted):
    monkeypatch.setattr(sk_mnist._classifier, "__version__", "0.0.9")
    saved = pickle.dumps(fitted)
    monkeypatch.undo()
    with pytest.warns(UserWarning, match=rf"0\.0\.9.*{sk_mnist.__version__}"):
        pickle.loads(saved)


# A member of scikit-learn's family


def test_repr_and_html_evaluate_nothing_heavy(fitted, monkeypatch):
    for door in ("to_keras", "to_scikeras"):
        monkeypatch.delattr(MNISTMLPClassifier, door)
    assert "MNISTMLPClassifier(" in repr(fitted)
    assert "MNISTMLPClassifier" in fitted._repr_html_()


def test_weights_are_routed_through_a_pipeline(digits):
    X, y = digits
    sample_weight = np.where(y == 3, 5.0, 1.0)
    direct = small().fit(ImageNormalizer().fit_transform(X), y, sample_weight)
    pipeline = make_pipeline(ImageNormalizer(), small())
    pipeline.fit(X, y, mnistmlpclassifier__sample_weight=sample_weight)
    assert_same_network(pipeline[-1], direct)
    with config_context(enable_metadata_routing=True):
        classifier = small().set_fit_request(sample_weight=True)
        pipeline = make_pipeline(ImageNormalizer(), classifier)
        pipeline.fit(X, y, sample_weight=sample_weight)
    assert_same_network(pipeline[-1], direct)


def test_weights_are_routed_through_cross_validation(digits):
    X, y = digits
    with config_context(enable_metadata_routing=True):
        classifier = small().set_fit_request(sample_weight=True)
        classifier.set_score_request(sample_weight=False)
        weighted, plain = (
            cross_validate(classifier, X, y, params=params, cv=2, return_estimator=True)
            for params in ({"sample_weight": np.where(y == 3, 50.0, 1.0)}, {})
        )
    first, second = weighted["estimator"][0], plain["estimator"][0]
    assert (first.predict(X) == 3).sum() > (second.predict(X) == 3).sum()
