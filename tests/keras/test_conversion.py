"""The doors to Keras and SciKeras: the same network, as their objects and files."""

import random

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scikeras.wrappers import KerasClassifier
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from sk_mnist import MNISTMLPClassifier, build_mlp

ACTIVATIONS = (
    *("relu", "tanh", "sigmoid", "elu", "selu", "gelu", "softplus", "softmax"),
)

ACCURACY = 1e-5  # of probabilities, NumPy's beside Keras's


def keras_mlp(hidden_units=(16, 8), activation="relu", n_classes=10, scale=1.0):
    """A Keras network with random weights, large enough to reach every branch."""
    model = keras.Sequential([keras.Input((64,))])
    for units in hidden_units:
        model.add(keras.layers.Dense(units, activation=activation))
    model.add(keras.layers.Dense(n_classes, activation="softmax"))
    rng = np.random.default_rng(0)
    model.set_weights([scale * rng.normal(size=w.shape) for w in model.get_weights()])
    return model


# Keras


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("scale", [0.1, 1.0])
def test_numpy_predicts_what_keras_predicts(other_digits, activation, scale):
    X, _ = other_digits
    model = keras_mlp(activation=activation, scale=scale)
    classifier = MNISTMLPClassifier.from_keras(model)
    probabilities = classifier.predict_proba(X)
    assert_allclose(probabilities, model.predict(X, verbose=0), rtol=0, atol=ACCURACY)
    again = classifier.to_keras().predict(X, verbose=0)
    assert_allclose(probabilities, again, rtol=0, atol=ACCURACY)


def test_to_keras_is_a_plain_compiled_model_of_ones_own(digits, fitted):
    X, y = digits
    model = fitted.to_keras()
    assert type(model) is keras.Sequential
    assert_array_equal(model.layers[0].kernel, fitted.coefs_[0])
    loss, accuracy = model.evaluate(X, y, verbose=0)
    assert_allclose(accuracy, fitted.score(X, y), rtol=1e-5)
    before = fitted.predict_proba(X)
    # In one batch, so that the order that Keras draws does not matter.
    model.fit(X, y, batch_size=len(X), epochs=20, verbose=0)
    assert model.evaluate(X, y, verbose=0)[0] < loss
    assert_array_equal(fitted.predict_proba(X), before)
    assert fitted.to_keras() is not fitted.to_keras()


def test_to_keras_is_compiled_as_it_was_trained(digits):
    X, y = digits
    classifier = MNISTMLPClassifier(
        16,
        optimizer=keras.optimizers.SGD(0.5, momentum=0.25),
        learning_rate=0.125,
        loss="categorical_crossentropy",
        dropout=0.25,
        epochs=1,
        random_state=0,
    ).fit(X, y)
    model = classifier.to_keras()
    assert model.optimizer.get_config()["momentum"] == 0.25
    assert float(model.optimizer.learning_rate) == 0.125
    assert [layer.rate for layer in model.layers if hasattr(layer, "rate")] == [0.25]
    _, accuracy = model.evaluate(X, np.eye(10)[y], verbose=0)
    assert_allclose(accuracy, classifier.score(X, y), rtol=1e-5)


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_saved_file_opens_in_keras_and_comes_back(
    digits, fitted, tmp_path, capfd, suffix
):
    X, y = digits
    path = tmp_path / f"model{suffix}"
    fitted.save_keras(path)
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == [path]
    model = keras.models.load_model(path)
    assert_allclose(
        model.predict(X, verbose=0), fitted.predict_proba(X), rtol=0, atol=ACCURACY
    )
    for given in (path, str(path)):
        adopted = MNISTMLPClassifier.from_keras(given, classes=fitted.classes_)
        assert_array_equal(adopted.predict_proba(X), fitted.predict_proba(X))
        assert adopted.score(X, y) == fitted.score(X, y)


OPEN_IN_KERAS_ALONE = """
import sys
sys.modules["sk_mnist"] = None  # as if it were not installed
import keras, numpy as np
model = keras.models.load_model(sys.argv[1])
np.save(sys.argv[3], model.predict(np.load(sys.argv[2]), verbose=0))
checkpoint = keras.models.load_model(sys.argv[4])
print(checkpoint.optimizer.name, checkpoint.loss)
"""


def test_files_open_where_sk_mnist_is_not_installed(
    digits, fitted, tmp_path, run_python
):
    X, y = digits
    saved, checkpoint = tmp_path / "model.keras", tmp_path / "checkpoint.keras"
    fitted.save_keras(saved)
    clone(fitted).set_params(
        epochs=1, callbacks=[keras.callbacks.ModelCheckpoint(checkpoint)]
    ).fit(X, y)
    np.save(tmp_path / "X.npy", X)
    completed = run_python(
        OPEN_IN_KERAS_ALONE,
        *(saved, tmp_path / "X.npy", tmp_path / "probabilities.npy", checkpoint),
    )
    assert completed.returncode == 0, completed.stderr
    assert "adam" in completed.stdout
    assert_allclose(
        np.load(tmp_path / "probabilities.npy"), fitted.predict_proba(X), atol=ACCURACY
    )


def test_failed_save_leaves_the_file_that_was_there(fitted, tmp_path, monkeypatch):
    path = tmp_path / "model.keras"
    path.write_bytes(b"what was there")

    def fail(self, *args, **kwargs):
        raise OSError("the disk is full")

    monkeypatch.setattr(keras.Model, "save", fail)
    with pytest.raises(OSError, match="the disk is full"):
        fitted.save_keras(path)
    assert path.read_bytes() == b"what was there"
    assert list(tmp_path.iterdir()) == [path]


def test_other_suffix_is_refused(fitted, tmp_path):
    with pytest.raises(ValueError, match=r"\.keras.*model\.zip"):
        fitted.save_keras(tmp_path / "model.zip")


def test_adopted_model_is_a_fitted_estimator(digits):
    X, y = digits
    names = np.array(["b", "a", "c"])
    model = keras_mlp(n_classes=3)
    classifier = MNISTMLPClassifier.from_keras(model, classes=names)
    assert_array_equal(classifier.classes_, ["a", "b", "c"])
    assert_array_equal(
        classifier.predict(X), names[model.predict(X, verbose=0).argmax(axis=1)]
    )
    assert classifier.hidden_units == (16, 8)
    assert classifier.n_features_in_ == 64
    assert (classifier.n_iter_, classifier.history_) == (0, {})
    classifier.partial_fit(X, names[y % 3])
    assert classifier.n_iter_ == 1


def test_layers_around_the_dense_ones_are_folded_in(digits):
    X, _ = digits
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Rescaling(1 / 16, offset=-0.5),
            keras.layers.Flatten(),
            keras.layers.Dense(12, use_bias=False),
            keras.layers.ReLU(),
            keras.layers.Dropout(0.25),
            keras.layers.Dense(9),
            keras.layers.Activation("relu"),
            keras.layers.Dense(10),
        ]
    )
    classifier = MNISTMLPClassifier.from_keras(model)
    assert (classifier.activation, classifier.dropout) == ("relu", 0.25)
    images = 16 * X.reshape(-1, 8, 8, 1)
    logits = keras.ops.softmax(model.predict(images, verbose=0))
    assert_allclose(classifier.predict_proba(16 * X), logits, atol=ACCURACY)


LAYERS_THAT_CANNOT_BE_CARRIED = {
    "convolution": (
        [
            keras.layers.Reshape((8, 8, 1)),
            keras.layers.Conv2D(2, 3),
            keras.layers.Flatten(),
        ],
        "Conv2D",
    ),
    "normalization": ([keras.layers.LayerNormalization()], "LayerNormalization"),
    "another activation": ([keras.layers.Dense(8, "swish")], "silu|swish"),
    "no activation": ([keras.layers.Dense(8)], "linear"),
    "two activations": (
        [keras.layers.Dense(8, "relu"), keras.layers.Dense(8, "tanh")],
        "tanh.*relu",
    ),
    "leaky relu": (
        [keras.layers.Dense(8), keras.layers.ReLU(negative_slope=0.1)],
        "modified relu",
    ),
}


@pytest.mark.parametrize(
    ("layers", "message"),
    LAYERS_THAT_CANNOT_BE_CARRIED.values(),
    ids=LAYERS_THAT_CANNOT_BE_CARRIED,
)
def test_layer_that_cannot_be_carried_is_named(layers, message):
    model = keras.Sequential(
        [keras.Input((64,)), *layers, keras.layers.Dense(10, "softmax")]
    )
    with pytest.raises(ValueError, match=message):
        MNISTMLPClassifier.from_keras(model)


def branched():
    entry = keras.Input((64,))
    hidden = keras.layers.Dense(64, "relu")(entry)
    output = keras.layers.Dense(10, "softmax")(hidden + entry)
    return keras.Model(entry, output)


def two_inputs():
    first, second = keras.Input((32,)), keras.Input((32,))
    joined = keras.layers.Concatenate()([first, second])
    output = keras.layers.Dense(10, "softmax")(joined)
    return keras.Model([first, second], output)


MODELS_THAT_CANNOT_BE_CARRIED = {
    "a branch": branched,
    "two inputs": two_inputs,
    "a sigmoid output": lambda: keras.Sequential(
        [keras.Input((64,)), keras.layers.Dense(10, "sigmoid")]
    ),
    "one output": lambda: keras.Sequential([keras.Input((64,)), keras.layers.Dense(1)]),
    "no layers": lambda: keras.Sequential([keras.Input((64,))]),
    "not built": lambda: keras.Sequential([keras.layers.Dense(10, "softmax")]),
}


@pytest.mark.parametrize(
    "make_model",
    MODELS_THAT_CANNOT_BE_CARRIED.values(),
    ids=MODELS_THAT_CANNOT_BE_CARRIED,
)
def test_model_that_cannot_be_carried_is_refused(make_model):
    with pytest.raises(ValueError, match=r"[Ll]ayer|model|MNISTMLPClassifier"):
        MNISTMLPClassifier.from_keras(make_model())


@pytest.mark.parametrize("classes", [range(9), [0] * 10, np.eye(10)])
def test_classes_that_do_not_name_each_output_are_refused(classes):
    with pytest.raises(ValueError, match=r"classes.*10 outputs"):
        MNISTMLPClassifier.from_keras(keras_mlp(), classes=classes)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no_such\.keras"):
        MNISTMLPClassifier.from_keras(tmp_path / "no_such.keras")


# SciKeras


@pytest.mark.parametrize(
    "labels",
    [
        np.arange(10),
        np.array(list("abcdefghij")),
        np.array(["no", "yes"]),
        np.array([False, True]),
    ],
    ids=["integers", "strings", "two strings", "bool"],
)
def test_to_scikeras_is_a_fitted_classifier(digits, other_digits, labels):
    X, y = digits
    y = labels[y % len(labels)]
    classifier = MNISTMLPClassifier(16, epochs=1, random_state=0).fit(X, y)
    wrapped = classifier.to_scikeras()
    assert isinstance(wrapped, KerasClassifier)
    assert_array_equal(wrapped.classes_, classifier.classes_)
    X_new, _ = other_digits
    assert_array_equal(wrapped.predict(X_new), classifier.predict(X_new))
    assert_allclose(
        wrapped.predict_proba(X_new), classifier.predict_proba(X_new), atol=ACCURACY
    )
    assert_allclose(wrapped.score(X, y), classifier.score(X, y))


@pytest.mark.parametrize(
    "loss", ["sparse_categorical_crossentropy", "categorical_crossentropy"]
)
def test_to_scikeras_trains_on(digits, loss):
    X, y = digits
    classifier = MNISTMLPClassifier(
        16, loss=loss, epochs=2, learning_rate=0.01, random_state=0
    ).fit(X, y)
    wrapped = classifier.to_scikeras()
    for _ in range(3):
        wrapped.partial_fit(X, y)
    assert wrapped.score(X, y) > classifier.score(X, y)
    anew = clone(wrapped).set_params(hidden_units=(8,), epochs=8, random_state=0)
    anew.fit(X, y)
    assert anew.score(X, y) > 0.7
    assert anew.model_.layers[0].units == 8
    assert_allclose(float(anew.model_.optimizer.learning_rate), 0.01, rtol=1e-6)


def test_to_scikeras_hands_the_parameters_over(digits):
    classifier = MNISTMLPClassifier(
        (12, 8), activation="tanh", dropout=0.25, batch_size=50, epochs=3
    ).fit(*digits)
    parameters = classifier.to_scikeras().get_params()
    assert parameters["model"] is build_mlp
    assert tuple(parameters["hidden_units"]) == (12, 8)
    expected = {"activation": "tanh", "dropout": 0.25, "batch_size": 50, "epochs": 3}
    assert {name: parameters[name] for name in expected} == expected


def test_build_mlp_gives_a_compiled_network():
    meta = {"n_features_in_": 64, "n_classes_": 2}
    model = build_mlp(meta, (16, 8), activation="tanh", dropout=0.25)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["Dense", "Dropout", "Dense", "Dropout", "Dense"]
    assert model.output_shape == (None, 2)
    assert model.layers[-1].activation is keras.activations.softmax
    assert model.compiled


def test_build_mlp_keeps_the_global_random_state():
    state = random.getstate()
    build_mlp({"n_features_in_": 64, "n_classes_": 10}, 16, dropout=0.5)
    assert random.getstate() == state


def test_build_mlp_in_ones_own_classifier(digits):
    X, y = digits
    classifier = KerasClassifier(
        model=build_mlp,
        model__hidden_units=(16,),
        model__activation="tanh",
        optimizer="adam",
        optimizer__learning_rate=0.02,
        epochs=5,
        verbose=0,
        random_state=0,
    ).fit(X, y.astype(str))
    assert classifier.score(X, y.astype(str)) > 0.8
    assert_allclose(float(classifier.model_.optimizer.learning_rate), 0.02, rtol=1e-6)


def test_build_mlp_in_a_grid_search(digits):
    X, y = digits
    classifier = KerasClassifier(
        model=build_mlp,
        hidden_units=8,
        loss="categorical_crossentropy",
        optimizer="adam",
        optimizer__learning_rate=0.02,
        epochs=4,
        verbose=0,
        random_state=0,
    )
    grid = {"hidden_units": [1, (16,)]}
    search = GridSearchCV(classifier, grid, cv=2, error_score="raise").fit(X, y)
    assert search.best_params_ == {"hidden_units": (16,)}
    assert search.score(X, y) > 0.8


def test_layers_have_names_that_do_not_depend_on_earlier_ones(fitted):
    names = [[layer.name for layer in fitted.to_keras().layers] for _ in range(2)]
    assert names == [["hidden_1", "output"]] * 2
