"""Train the same network here and in plain Keras, and compare the numbers."""

import keras
import numpy as np
from numpy.testing import assert_allclose

from networks import small


class InOrder(np.random.Generator):
    """A generator that leaves the rows in their order."""

    def permutation(self, n):
        return np.arange(n)


def fit_both(X, y, *, make_optimizer, loss, keras_callbacks=(), **parameters):
    """Train here and in plain Keras from the same weights, for three epochs."""
    start = []

    class NoteStart(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            start.extend(self.model.get_weights())

    classifier = small(
        epochs=3,
        optimizer=make_optimizer(),
        loss=loss,
        callbacks=[NoteStart()],
        **parameters,
    ).fit(X, y)
    model = keras.Sequential([keras.Input((X.shape[1],))])
    for coef in classifier.coefs_[:-1]:
        model.add(keras.layers.Dense(coef.shape[1], activation=classifier.activation))
    model.add(keras.layers.Dense(len(classifier.classes_), activation="softmax"))
    model.set_weights(start)
    # Eagerly, as tracing would cost more than these few steps.
    model.compile(make_optimizer(), loss, metrics=["accuracy"], run_eagerly=True)
    model.optimizer.build(model.trainable_variables)
    targets = y if "sparse" in str(loss) else np.eye(10, dtype=np.float32)[y]
    history = model.fit(
        X,
        targets,
        epochs=3,
        batch_size=classifier.batch_size,
        shuffle=False,
        verbose=0,
        callbacks=keras_callbacks,
    ).history
    return classifier, model.get_weights(), history


def assert_same_as_keras(classifier, keras_weights, history):
    for ours, theirs in (
        *zip(classifier.coefs_, keras_weights[::2], strict=True),
        *zip(classifier.intercepts_, keras_weights[1::2], strict=True),
    ):
        assert_allclose(ours, theirs, rtol=0, atol=1e-4)
    for name in ("loss", "accuracy"):
        assert_allclose(classifier.history_[name], history[name], rtol=1e-4)
