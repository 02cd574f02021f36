"""Optimizers and losses train to the numbers of plain Keras."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose

from networks import assert_same_network, decaying_adam, small, weights

# The same numbers as plain Keras


class InOrder(np.random.Generator):
    """A generator that leaves the rows in their order."""

    def permutation(self, n):
        return np.arange(n)


@pytest.fixture
def unshuffled(monkeypatch):
    """Training without shuffling, as Keras's ``fit(shuffle=False)``."""
    monkeypatch.setattr(
        "sk_mnist._classifier.make_generator",
        lambda random_state: InOrder(np.random.PCG64(random_state)),
    )


def fit_both(X, y, *, make_optimizer, loss, **parameters):
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


OPTIMIZERS = (
    *("Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb"),
    *("Lion", "Muon", "Nadam", "RMSprop", "SGD", "ScheduleFreeAdamW"),
)
AROUND_OTHERS = {"LossScaleOptimizer", "MultiOptimizer"}


def test_no_optimizer_of_keras_is_left_out_here():
    kinds = {
        name
        for name in dir(keras.optimizers)
        if isinstance(kind := getattr(keras.optimizers, name), type)
        and issubclass(kind, keras.optimizers.Optimizer)
    }
    assert kinds - {"Optimizer"} <= {*OPTIMIZERS, *AROUND_OTHERS}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.usefixtures("unshuffled")
def test_every_optimizer_trains_as_in_keras(digits, name):
    if not hasattr(keras.optimizers, name):
        pytest.skip(f"this Keras has no {name}")
    X, y = digits
    # Of pixels that are 0 in every image, Keras's Adafactor makes NaN.
    both = fit_both(
        X + 0.125,
        y,
        make_optimizer=getattr(keras.optimizers, name),
        loss="sparse_categorical_crossentropy",
    )
    assert_same_as_keras(*both)
    losses = both[0].history_["loss"]
    assert losses[-1] < losses[0]


CONFIGURED_OPTIMIZERS = {
    "momentum": lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "clipping": lambda: keras.optimizers.SGD(0.1, global_clipnorm=0.1),
    "schedule": decaying_adam,
    "averaging": lambda: keras.optimizers.SGD(
        0.1, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=5
    ),
    "accumulation": lambda: keras.optimizers.Adam(0.01, gradient_accumulation_steps=3),
    "loss scale": lambda: keras.optimizers.LossScaleOptimizer(
        keras.optimizers.Adam(0.01)
    ),
}


if hasattr(keras.optimizers, "MultiOptimizer"):
    CONFIGURED_OPTIMIZERS["several"] = lambda: keras.optimizers.MultiOptimizer(
        keras.optimizers.OptimizerMap(
            keras.optimizers.SGD(0.1), {".*kernel": keras.optimizers.Adam(0.01)}
        )
    )


@pytest.mark.parametrize(
    "make_optimizer", CONFIGURED_OPTIMIZERS.values(), ids=CONFIGURED_OPTIMIZERS
)
@pytest.mark.usefixtures("unshuffled")
def test_configured_optimizer_trains_as_in_keras(digits, make_optimizer):
    assert_same_as_keras(
        *fit_both(
            *digits,
            make_optimizer=make_optimizer,
            loss="sparse_categorical_crossentropy",
        )
    )


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


def test_learning_rate_overrides_the_optimizers(digits):
    by_parameter = small(optimizer=keras.optimizers.SGD(0.5), learning_rate=0.25)
    by_optimizer = small(optimizer=keras.optimizers.SGD(0.25))
    assert_same_network(by_parameter.fit(*digits), by_optimizer.fit(*digits))


def test_optimizer_object_is_used_as_a_copy(digits):
    optimizer = keras.optimizers.Adam(0.01)
    first, second = (small(optimizer=optimizer).fit(*digits) for _ in range(2))
    assert_same_network(first, second)
    assert not optimizer.built
    assert int(optimizer.iterations) == 0


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
