"""Write the files of Keras 2 that tests read. Run it where tf_keras is installed.

python tests/data/write_keras_2_files.py
"""

from pathlib import Path

import numpy as np
import tf_keras as keras

FOLDER = Path(__file__).parent
layers = keras.layers
keras.utils.set_random_seed(0)


def sequential(*parts):
    return keras.Sequential(list(parts))


def functional():
    inputs = keras.Input((4, 4))
    hidden = layers.Dense(5, activation="tanh")(layers.Flatten()(inputs))
    hidden = layers.Dropout(0.1)(hidden)
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(hidden))


def wrapped():
    inputs = keras.Input((4, 4))
    return keras.Model(inputs, functional()(inputs))


def branched():
    inputs = keras.Input((16,))
    first = layers.Dense(3, activation="softmax")
    keras.Model(inputs, first(inputs))
    return keras.Model(inputs, [first(inputs), layers.Dense(3)(inputs)])


MODELS = {
    "keras_2_sequential.h5": sequential(
        layers.Reshape((16,), input_shape=(4, 4, 1)),
        layers.Rescaling(0.5, 0.1),
        layers.Dense(5, activation="relu"),
        layers.Dense(3),
        layers.Activation("softmax"),
    ),
    "keras_2_sequential.keras": sequential(
        layers.Flatten(input_shape=(4, 4)),
        layers.Dropout(0.1),
        layers.Dense(5, activation="relu"),
        layers.Dense(3, activation="softmax"),
    ),
    "keras_2_functional.keras": functional(),
    "keras_2_wrapped.h5": wrapped(),
    "keras_2_wrapped.keras": wrapped(),
    "keras_2_branched.keras": branched(),
}
for suffix in ("h5", "keras"):
    MODELS[f"keras_2_normalized.{suffix}"] = sequential(
        layers.BatchNormalization(input_shape=(16,)),
        layers.Dense(6, activation="relu"),
        layers.BatchNormalization(scale=False),
        layers.Dropout(0.2),
        layers.Dense(5, use_bias=False),
        layers.BatchNormalization(center=False),
        layers.ReLU(),
        layers.Dense(3, activation="softmax"),
    )

generator = np.random.default_rng(0)
images = generator.random((20, 16), dtype=np.float32)
predicted = {}
for name, model in MODELS.items():
    for weight in model.weights:  # as if they were trained
        weight.assign(generator.uniform(0.2, 1.0, weight.shape))
    model.save(FOLDER / name)
    if "branched" not in name:
        shaped = images.reshape(-1, *model.input_shape[1:])
        predicted[name] = model.predict(shaped, verbose=0)
np.savez(FOLDER / "keras_2_predictions.npz", images=images, **predicted)
