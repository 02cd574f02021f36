"""Files that Keras 2 has written are adopted: published notebooks wrote such."""

from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose

from sk_mnist import MNISTMLPClassifier

DATA = Path(__file__).parents[1] / "data"
PREDICTIONS = dict(np.load(DATA / "keras_2_predictions.npz"))
NAMES = sorted(PREDICTIONS.keys() - {"images"})


@pytest.mark.parametrize("name", NAMES)
def test_file_of_keras_2_predicts_as_it_did(name):
    adopted = MNISTMLPClassifier.from_keras(DATA / name)
    probabilities = adopted.predict_proba(PREDICTIONS["images"])
    assert_allclose(probabilities, PREDICTIONS[name], atol=1e-5)


def test_a_network_with_branches_is_refused():
    with pytest.raises(ValueError, match="not in one row"):
        MNISTMLPClassifier.from_keras(DATA / "keras_2_branched.keras")


@pytest.fixture
def model():
    return keras.Sequential([keras.Input((16,)), keras.layers.Dense(3, "softmax")])


@pytest.mark.parametrize("name", ["model.weights.h5", "weights.h5"])
def test_weights_alone_get_an_error_that_says_what_to_do(model, tmp_path, name):
    model.save_weights(tmp_path / "model.weights.h5")
    path = (tmp_path / "model.weights.h5").rename(tmp_path / name)
    with pytest.raises(ValueError, match="load_weights"):
        MNISTMLPClassifier.from_keras(path)


def test_a_json_file_gets_an_error_that_says_what_to_do(model, tmp_path):
    path = tmp_path / "model.json"
    path.write_text(model.to_json())
    with pytest.raises(ValueError, match="model_from_json"):
        MNISTMLPClassifier.from_keras(path)


def test_a_saved_model_gets_an_error_that_says_what_to_do(tmp_path):
    (tmp_path / "saved_model.pb").touch()
    with pytest.raises(ValueError, match="SavedModel"):
        MNISTMLPClassifier.from_keras(tmp_path)


@pytest.mark.parametrize("place", ["inputs", "before relu", "after relu"])
def test_batch_normalization_is_folded_in(place):
    layers = keras.layers
    rng = np.random.default_rng(0)
    normalized = layers.BatchNormalization()
    after = {"inputs": 0, "before relu": 1, "after relu": 2}[place]
    chain = [layers.Dense(6), layers.ReLU(), layers.Dense(3, "softmax")]
    chain.insert(after, normalized)
    model = keras.Sequential([keras.Input((16,)), *chain])
    normalized.set_weights([rng.uniform(0.5, 2, w.shape) for w in normalized.weights])
    X = rng.random((20, 16), dtype=np.float32)
    adopted = MNISTMLPClassifier.from_keras(model)
    assert_allclose(adopted.predict_proba(X), model(X), atol=1e-5)


def test_normalized_outputs_are_refused(model):
    model.add(keras.layers.BatchNormalization())
    model.layers[-1].set_weights([np.full(3, 2.0), *map(np.zeros, (3, 3)), np.ones(3)])
    with pytest.raises(ValueError, match="cannot be carried"):
        MNISTMLPClassifier.from_keras(model)
