"""Losses, networks and batches train to the numbers of plain Keras."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose

from networks import assert_same_network, small, weights
from plain_keras import assert_same_as_keras, fit_both

# The same numbers as plain Keras


LOSSES = ("categorical_focal_crossentropy", "kl_divergence", "mean_squared_error")


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.usefixtures("unshuffled")
def test_loss_by_name_trains_as_in_keras(digits, loss):
    assert_same_as_keras(
        *fit_both(*digits, make_optimizer=keras.optimizers.Adam, loss=loss)
    )


@pytest.mark.parametrize(
    ("network", "n_rows"),
    [
        ({"hidden_units": ()}, 401),
        ({"hidden_units": (12, 8), "activation": "tanh"}, 401),
        ({"batch_size": 1}, 30),
        ({"batch_size": 401}, 401),
    ],
    ids=str,
)
@pytest.mark.usefixtures("unshuffled")
def test_network_and_batch_size_train_as_in_keras(digits, network, n_rows):
    X, y = digits
    assert_same_as_keras(
        *fit_both(
            X[:n_rows],
            y[:n_rows],
            make_optimizer=keras.optimizers.Adam,
            loss="sparse_categorical_crossentropy",
            **network,
        )
    )


# Losses and optimizers of one's own


def test_loss_object_is_the_loss_by_name_whatever_its_reduction(digits):
    by_name = small(loss="categorical_crossentropy").fit(*digits)
    loss = keras.losses.CategoricalCrossentropy(reduction="sum")
    by_object = small(loss=loss).fit(*digits, X_val=digits[0], y_val=digits[1])
    assert_same_network(by_object, by_name)
    assert by_object.history_["val_loss"][-1] < by_name.loss_
    assert loss.reduction == "sum"


class MyCrossentropy(keras.losses.SparseCategoricalCrossentropy):
    """Keras could not load it by name: it is registered nowhere."""


class HalfLoss(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return 0.5 * keras.losses.categorical_crossentropy(y_true, y_pred)


def squares(y_true, y_pred):
    """A loss that leaves the axis of the classes for Keras to average."""
    return keras.ops.square(y_true - y_pred)


OWN_LOSSES = {
    "subclass of Loss": (HalfLoss(), 2, "categorical_crossentropy", 32),
    "subclass of a sparse loss": (
        MyCrossentropy(),
        1,
        "sparse_categorical_crossentropy",
        32,
    ),
    "partial function": (
        functools.partial(keras.losses.categorical_crossentropy, axis=-1),
        1,
        "categorical_crossentropy",
        32,
    ),
    "lambda": (
        lambda y_true, y_pred: keras.losses.mean_squared_error(y_true, y_pred),
        1,
        "mean_squared_error",
        32,
    ),
    "function of squares": (squares, 1, "mean_squared_error", 32),
    "as many classes as samples in a batch": (squares, 1, "mean_squared_error", 10),
}


@pytest.mark.parametrize(
    ("loss", "factor", "name", "batch_size"), OWN_LOSSES.values(), ids=OWN_LOSSES
)
def test_loss_of_ones_own_is_the_one_it_computes(
    digits, loss, factor, name, batch_size
):
    rest = {"optimizer": "sgd", "batch_size": batch_size}
    own = small(loss=loss, learning_rate=0.1 * factor, **rest).fit(*digits)
    by_name = small(loss=name, learning_rate=0.1, **rest).fit(*digits)
    assert_allclose(weights(own), weights(by_name), atol=1e-6)


def test_losses_of_ones_own_are_told_apart_whatever_their_names(digits):
    def scaled(factor):
        return lambda y_true, y_pred: factor * keras.losses.log_cosh(y_true, y_pred)

    rest = {"optimizer": "sgd", "learning_rate": 0.1, "epochs": 1}
    once, twice = (small(loss=scaled(f), **rest).fit(*digits) for f in (1.0, 2.0))
    assert not np.array_equal(weights(once), weights(twice))


@pytest.mark.parametrize("loss", ["dice", "tversky"])
def test_loss_that_mixes_samples_is_refused(digits, loss):
    with pytest.raises(ValueError, match="loss for each sample"):
        small(loss=loss).fit(*digits)


class HalfSGD(keras.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        super().update_step(gradient / 2, variable, learning_rate)


def test_optimizer_of_ones_own_is_used(digits):
    own = small(optimizer=HalfSGD(0.5)).fit(*digits)
    keras_own = small(optimizer=keras.optimizers.SGD(0.25)).fit(*digits)
    assert_allclose(weights(own), weights(keras_own), atol=1e-6)


def beyond_xla(y_true, y_pred):
    """A loss that goes through text, which XLA does not compile."""
    one = tf.strings.to_number(tf.strings.as_string(tf.reduce_max(y_true)))
    return one * keras.losses.categorical_crossentropy(y_true, y_pred)


def test_what_xla_cannot_compile_trains_all_the_same(digits):
    compiled = small(loss="categorical_crossentropy").fit(*digits)
    assert_allclose(
        weights(small(loss=beyond_xla).fit(*digits)), weights(compiled), atol=1e-6
    )
