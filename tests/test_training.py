"""What training promises: Keras's numbers, exactly continued, and nothing left behind.

Speed is measured in ``benchmarks/``; here are the reasons for it that need no clock.
"""

import contextlib
import functools
import gc
import os
import pickle
import random
import threading
import tracemalloc
import weakref

import joblib
import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline

from networks import assert_same_network, small, weights
from sk_mnist import ElasticDeformation, ImageNormalizer

needs_proc = pytest.mark.skipif(
    not os.path.exists("/proc/self/status"), reason="reads its memory from /proc"
)


@pytest.fixture(scope="module")
def baseline(digits):
    return small().fit(*digits)


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


def decaying_adam():
    rate = keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)
    return keras.optimizers.Adam(rate)


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


# Every sample, once an epoch


@pytest.mark.parametrize(
    ("n_samples", "batch_size"),
    [(50, 16), (3005, 16)],
    ids=["one block of batches", "several blocks of batches"],
)
def test_each_sample_is_seen_exactly_once_an_epoch(n_samples, batch_size):
    # Each sample is a feature of its own, so that its row of coefs moves by the
    # gradient of its loss, divided by the size of its batch, as often as it is seen.
    X = np.eye(n_samples, dtype=np.float32)
    y = np.arange(n_samples) % 4
    rate = 0.01
    classifier = small(hidden_units=(), optimizer="sgd", batch_size=batch_size)
    classifier.set_params(warm_start=True, epochs=1, learning_rate=1e-30).fit(X, y)
    before = classifier.coefs_[0]
    gradients = classifier.predict_proba(X) - np.eye(4)[y]
    classifier.set_params(learning_rate=rate).fit(X, y)
    moved = np.linalg.norm(classifier.coefs_[0] - before, axis=1)
    per_batch = moved / (rate * np.linalg.norm(gradients, axis=1))
    last = n_samples % batch_size
    sizes = np.sort(1 / per_batch)
    assert_allclose(sizes[:last], last, rtol=0.01)
    assert_allclose(sizes[last:], batch_size, rtol=0.01)


def test_order_is_drawn_anew_for_each_epoch(digits):
    # With the same order in both epochs, the second would repeat the first.
    orders = []

    class Order(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            orders.append(logs["loss"])

    small(optimizer="sgd", learning_rate=1e-30, callbacks=[Order()]).fit(*digits)
    first, second = orders[:13], orders[13:]
    assert len(second) == 13
    assert not np.allclose(first[:-1], second[:-1], rtol=1e-6)
    assert_allclose(first[-1], second[-1], rtol=1e-5)  # means over the epoch


# Training on, to the bit


CONTINUED = {
    "plain": {},
    "dropout": {"dropout": 0.25},
    "momentum": {"optimizer": keras.optimizers.SGD(0.1, momentum=0.9)},
    "schedule": {"optimizer": decaying_adam()},
    "learning rate": {"learning_rate": 0.01},
    "hold-out": {"validation_split": 0.2},
    "class weights": {"class_weight": "balanced"},
    "augmentation": {"augmentation": ElasticDeformation(alpha=2, sigma=2)},
}


def through_a_file(classifier, folder):
    joblib.dump(classifier, folder / "model.joblib")
    return joblib.load(folder / "model.joblib")


@pytest.mark.parametrize("parameters", CONTINUED.values(), ids=CONTINUED)
def test_5_epochs_and_5_more_are_10(digits, tmp_path, parameters):
    at_once = small(warm_start=True, epochs=10, **parameters).fit(*digits)
    in_parts = small(warm_start=True, epochs=5, **parameters).fit(*digits)
    in_parts = through_a_file(in_parts, tmp_path).fit(*digits)
    assert_same_network(in_parts, at_once)
    assert in_parts.history_ == at_once.history_
    assert in_parts.n_iter_ == 10


@pytest.mark.parametrize("dropout", [0.0, 0.25])
def test_as_many_partial_fits_are_a_fit(digits, tmp_path, dropout):
    at_once = small(epochs=4, dropout=dropout).fit(*digits)
    in_parts = small(dropout=dropout)
    for _ in range(4):
        in_parts.partial_fit(*digits, classes=range(10))
        in_parts = through_a_file(in_parts, tmp_path)
    assert_same_network(in_parts, at_once)
    assert in_parts.history_ == at_once.history_


def test_other_fits_in_between_disturb_nothing(digits, other_digits):
    alone = small(warm_start=True).fit(*digits).fit(*digits)
    classifier = small(warm_start=True).fit(*digits)
    small(random_state=5, learning_rate=0.1).fit(*other_digits)
    assert_same_network(classifier.fit(*digits), alone)


def test_changed_learning_rate_takes_effect(digits):
    for change in (
        {"learning_rate": 1e-30},
        {"optimizer": keras.optimizers.SGD(1e-30)},
    ):
        classifier = small(
            optimizer=keras.optimizers.SGD(0.1), warm_start=True, epochs=1
        ).fit(*digits)
        before = weights(classifier)
        assert_array_equal(
            weights(classifier.set_params(**change).fit(*digits)), before
        )


def test_another_optimizer_starts_afresh(digits):
    classifier = small(warm_start=True).fit(*digits)
    loss = classifier.loss_
    classifier.set_params(optimizer="sgd", learning_rate=0.1).fit(*digits)
    assert classifier.n_iter_ == 4
    assert classifier.loss_ < loss


def test_optimizer_is_kept_only_where_training_goes_on(digits):
    plain, warm = small().fit(*digits), small(warm_start=True).fit(*digits)
    partial = small().partial_fit(*digits, classes=range(10))
    plain, warm, partial = (len(pickle.dumps(c)) for c in (plain, warm, partial))
    n_bytes = weights(small().fit(*digits)).nbytes
    assert warm - plain > 2 * n_bytes  # Adam has two moments of each weight
    assert partial - plain > 2 * n_bytes


def test_plain_fit_then_partial_fit_starts_with_a_fresh_optimizer(digits):
    X, y = digits
    classifier = small(optimizer=keras.optimizers.SGD(0.1, momentum=0.9)).fit(X, y)
    before = weights(classifier)
    # Momentum that was kept would move the weights even without a gradient.
    classifier.set_params(learning_rate=1e-30).partial_fit(X, y)
    assert_array_equal(weights(classifier), before)


# Nobody else's random numbers


def draw_from_everything():
    return [
        random.random(),
        np.random.rand(),  # noqa: NPY002 (the global state is what is asked)
        float(tf.random.uniform(())),
        float(tf.random.get_global_generator().uniform(())),
        float(keras.random.uniform(())),
    ]


def drawn_after(action):
    keras.utils.set_random_seed(3)
    tf.random.set_global_generator(tf.random.Generator.from_seed(3))
    draw_from_everything()
    action()
    return draw_from_everything()


@pytest.mark.parametrize(
    "action",
    [
        lambda X, y: small(hidden_units=7, dropout=0.5).fit(X, y, X_val=X, y_val=y),
        lambda X, y: small(validation_split=0.2).fit(X, y),
        lambda X, y: small(random_state=None).fit(X, y),
        lambda X, y: small().partial_fit(X, y, classes=range(10)),
        lambda X, y: small().fit(X, y).to_keras(),
        lambda X, y: small().fit(X, y).to_scikeras(),
    ],
    ids=["new network", "hold-out", "no seed", "partial_fit", "Keras", "SciKeras"],
)
def test_global_random_states_stay_as_they_were(digits, action):
    undisturbed = drawn_after(lambda: None)
    assert drawn_after(lambda: action(*digits)) == undisturbed


def test_global_seeds_do_not_matter(digits, baseline):
    keras.utils.set_random_seed(11)
    assert_same_network(small().fit(*digits), baseline)


def test_dropout_is_drawn_with_the_random_state(digits):
    X, y = digits
    first, same = (small(dropout=0.5).fit(X, y) for _ in range(2))
    assert_same_network(first, same)
    assert not np.array_equal(weights(first), weights(small(dropout=0.0).fit(X, y)))


def test_dropout_drops_while_training_only(digits):
    X, y = digits
    trained = small(dropout=0.9, optimizer="sgd", learning_rate=1e-30, epochs=1)
    history = trained.fit(X, y, X_val=X, y_val=y).history_
    without = small(optimizer="sgd", learning_rate=1e-30, epochs=1)
    without = without.fit(X, y, X_val=X, y_val=y).history_
    assert history["loss"] != without["loss"]
    assert_allclose(history["val_loss"], without["val_loss"], rtol=1e-5)


# No compilation twice


@pytest.fixture
def tracing(monkeypatch):
    """Counts how often Python runs through a network, which only tracing does."""
    layers_run = []
    original = keras.layers.Dense.call

    @functools.wraps(original)
    def call(self, *args, **kwargs):
        layers_run.append(self.name)
        return original(self, *args, **kwargs)

    monkeypatch.setattr(keras.layers.Dense, "call", call)
    return layers_run


def test_second_fit_compiles_nothing(digits, tracing):
    X, y = digits
    classifier = small(hidden_units=11).fit(X, y, X_val=X[:90], y_val=y[:90])
    assert tracing  # the first fit does, so that the count can be trusted
    tracing.clear()
    for n_rows in (401, 384, 300, 33, 32):
        classifier.fit(X[:n_rows], y[:n_rows])
        classifier.fit(X[:n_rows], y[:n_rows], X_val=X[:n_rows], y_val=y[:n_rows])
    many = np.tile(X, (100, 1)), np.tile(y, 100)  # more than one block
    classifier.set_params(epochs=1).fit(*many)
    for parameters in (
        {"epochs": 3, "random_state": 1, "verbose": 0},
        {"learning_rate": 0.5},
        {"validation_split": 0.2, "early_stopping": True},
        {"class_weight": "balanced", "warm_start": True},
        {"callbacks": [keras.callbacks.EarlyStopping(monitor="loss")]},
        {"optimizer": keras.optimizers.Adam(0.02)},
    ):
        small(**{"hidden_units": [11], **parameters}).fit(X, y)
    classifier.partial_fit(X[:70], y[:70])
    assert tracing == []


def test_batch_of_all_rows_is_not_compiled_for_each_number_of_rows(digits, tracing):
    X, y = digits
    classifier = small(batch_size=10_000, epochs=1)
    classifier.fit(X, y)
    tracing.clear()
    for n_rows in (400, 380, 300):
        classifier.fit(X[:n_rows], y[:n_rows])
    assert tracing == []


def test_interrupted_fit_spoils_no_later_one(digits, baseline):
    def fail(epoch, logs):
        raise KeyboardInterrupt

    interrupt = keras.callbacks.LambdaCallback(on_epoch_end=fail)
    with pytest.raises(KeyboardInterrupt):
        small(callbacks=[interrupt]).fit(*digits)
    assert_same_network(small().fit(*digits), baseline)


def test_callback_that_changes_the_model_spoils_no_later_fit(digits, baseline):
    class Disturb(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.layers[0].trainable = False
            self.model.optimizer.learning_rate = 9.0
            self.model.stop_training = True

    frozen = []

    class Look(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            frozen.extend(not layer.trainable for layer in self.model.layers)

    small(callbacks=[Disturb()]).fit(*digits)
    assert_same_network(small(callbacks=[Look()]).fit(*digits), baseline)
    assert not any(frozen)


def test_keras_settings_of_the_user_do_not_matter(digits, baseline):
    keras.backend.clear_session()
    assert_same_network(small().fit(*digits), baseline)
    for change, undo in (
        (
            lambda: keras.config.set_floatx("float64"),
            lambda: keras.config.set_floatx("float32"),
        ),
        (
            lambda: keras.config.set_dtype_policy("mixed_float16"),
            lambda: keras.config.set_dtype_policy("float32"),
        ),
    ):
        change()
        try:
            other = small(hidden_units=[16], batch_size=31).fit(*digits)
        finally:
            undo()
        assert_array_equal(
            weights(small(batch_size=31).fit(*digits)).round(5), weights(other).round(5)
        )


def test_functions_run_eagerly_train_too(digits, baseline):
    tf.config.run_functions_eagerly(True)
    try:
        eager = small(batch_size=200, epochs=1).fit(*digits)
    finally:
        tf.config.run_functions_eagerly(False)
    compiled = small(batch_size=200, epochs=1).fit(*digits)
    assert_allclose(weights(eager), weights(compiled), atol=1e-6)


# Fits at once


def test_threads_that_fit_at_once_get_what_each_gets_alone(digits, other_digits):
    X_val, y_val = other_digits
    parameters = [{"random_state": seed} for seed in (0, 1, 2)]
    parameters.append({"hidden_units": 10})

    def fit(given):
        return weights(small(**given).fit(*digits, X_val=X_val, y_val=y_val))

    together = [None] * len(parameters)

    def fit_into(place):
        together[place] = fit(parameters[place])

    threads = [
        threading.Thread(target=fit_into, args=(place,))
        for place in range(len(parameters))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for weights_together, given in zip(together, parameters, strict=True):
        assert_array_equal(weights_together, fit(given))


def test_fit_within_a_fit(digits, other_digits, baseline):
    inner = []

    def fit_another(epoch, logs):
        inner.append(small().fit(*digits))

    callback = keras.callbacks.LambdaCallback(on_epoch_end=fit_another)
    assert_same_network(small(callbacks=[callback]).fit(*digits), baseline)
    for classifier in inner:
        assert_same_network(classifier, baseline)


# Nothing left behind


def test_training_data_are_let_go(digits):
    X, y = (array.copy() for array in digits)
    X_val, y_val = X.copy(), y.copy()
    classifier = small().fit(X, y, X_val=X_val, y_val=y_val)
    references = [weakref.ref(array) for array in (X, y, X_val, y_val)]
    del X, y, X_val, y_val
    gc.collect()
    assert [reference() for reference in references] == [None] * 4
    assert classifier.n_iter_ == 2


def test_fits_keep_a_few_models_for_the_next(digits, monkeypatch):
    def n_models():
        gc.collect()
        return sum(issubclass(type(thing), keras.Model) for thing in gc.get_objects())

    small().fit(*digits)
    before = n_models()
    estimators = [small(random_state=seed).fit(*digits) for seed in range(5)]
    assert n_models() == before
    assert len(estimators) == 5
    monkeypatch.setattr("sk_mnist._keras._cache.COMPILED_NETWORKS_KEPT", 2)
    counts = []
    for batch_size in (21, 22, 23, 24):
        small(batch_size=batch_size, epochs=1).fit(*digits)
        counts.append(n_models())
    assert counts[1] == counts[2] == counts[3]


@needs_proc
def test_memory_does_not_grow_from_fit_to_fit(digits):
    def resident_bytes():
        gc.collect()
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    for _ in range(10):
        small(epochs=1).fit(*digits)
    before = resident_bytes()
    for _ in range(50):
        small(epochs=1).fit(*digits)
    assert resident_bytes() - before < 30e6


# Memory


# A block of batches, and what is kept for each of 300,000 rows beside their pixels.
BLOCKS = 45e6


@contextlib.contextmanager
def allocating_at_most(n_bytes):
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= n_bytes


@pytest.fixture(scope="module")
def many_rows(digits):
    """300,000 rows: 77 MB of float32."""
    X, y = digits
    rows = np.arange(300_000) % len(X)
    return X[rows], y[rows]


@pytest.mark.parametrize(
    ("dtype", "copies"), [(np.float32, 0), (np.float64, 1), (np.uint8, 1)]
)
@pytest.mark.filterwarnings("ignore:X holds unsigned bytes")
def test_fit_copies_the_data_at_most_once(many_rows, dtype, copies):
    X, y = many_rows
    one_copy = X.nbytes
    X = X.astype(dtype)
    small(epochs=1).fit(X[:100], y[:100])
    with allocating_at_most(copies * one_copy + BLOCKS):
        small(epochs=1, batch_size=1024).fit(X, y)


def test_bytes_go_through_the_pipeline_without_a_float64_copy(many_rows):
    X, y = many_rows
    one_copy = X.nbytes
    X = (X * 255).astype(np.uint8)
    pipeline = make_pipeline(ImageNormalizer(), small(epochs=1, batch_size=1024))
    with allocating_at_most(one_copy + BLOCKS):
        pipeline.fit(X, y)


def test_memory_map_trains_through_partial_fit_in_bounded_memory(tmp_path, many_rows):
    X, y = many_rows
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    classifier = small(batch_size=1024)
    with allocating_at_most(BLOCKS):
        classifier.partial_fit(mapped, y, classes=range(10))
    by_chunks = small(batch_size=1024)
    with allocating_at_most(BLOCKS):
        for start in range(0, len(X), 100_000):
            chunk = slice(start, start + 100_000)
            by_chunks.partial_fit(mapped[chunk], y[chunk], classes=range(10))
    assert by_chunks.n_iter_ == 3
    assert classifier.score(X[:1000], y[:1000]) > 0.8


def test_prediction_of_many_rows_takes_bounded_memory(many_rows):
    X, y = many_rows
    classifier = small(hidden_units=512, epochs=1).fit(X[:500], y[:500])
    hidden_layer = len(X) * 512 * 4
    with allocating_at_most(hidden_layer / 10):
        assert classifier.predict_proba(X).shape == (len(X), 10)


PEAK_OF_A_FIT = """
import sys
import numpy as np
from sk_mnist import MNISTMLPClassifier

def peak():  # not getrusage's, which begins at that of the process which started this
    with open("/proc/self/status") as file:
        (line,) = [line for line in file if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024

rng = np.random.default_rng(0)
X = rng.random((60_000, 784), dtype=np.float32)
y = np.arange(60_000) % 10
import sk_mnist._keras._training
before = peak()
MNISTMLPClassifier(
    epochs=1, batch_size=128, validation_split=float(sys.argv[1]), random_state=0
).fit(X, y)
print(peak() - before, X.nbytes)
"""


@needs_proc
@pytest.mark.parametrize("validation_split", [0.0, 0.5])
def test_fit_of_60000_images_raises_peak_memory_by_no_more_than_a_copy(
    run_python, validation_split
):
    completed = run_python(PEAK_OF_A_FIT, validation_split)
    assert completed.returncode == 0, completed.stderr
    grown, one_copy = map(int, completed.stdout.split())
    assert grown <= one_copy + 150e6


# Callbacks


class Diary(keras.callbacks.Callback):
    """Writes down every call, in a list that copies share."""

    def __init__(self, pages):
        super().__init__()
        self.pages = pages

    def __deepcopy__(self, memo):
        return type(self)(self.pages)

    def write(self, *entry):
        self.pages.append(entry)

    def on_train_begin(self, logs=None):
        self.write("train begins", dict(self.params))

    def on_epoch_begin(self, epoch, logs=None):
        self.write("epoch begins", epoch)

    def on_train_batch_begin(self, batch, logs=None):
        self.write("batch begins", batch)

    def on_train_batch_end(self, batch, logs=None):
        self.write("batch ends", batch, sorted(logs))

    def on_test_begin(self, logs=None):
        self.write("test begins")

    def on_epoch_end(self, epoch, logs=None):
        self.write("epoch ends", epoch, sorted(logs))

    def on_train_end(self, logs=None):
        self.write("train ends", sorted(logs))


class EpochDiary(Diary):
    on_train_batch_begin = keras.callbacks.Callback.on_train_batch_begin
    on_train_batch_end = keras.callbacks.Callback.on_train_batch_end


@pytest.mark.parametrize("diary", [Diary, EpochDiary])
def test_callbacks_hear_what_keras_would_tell_them(digits, baseline, diary):
    X, y = digits
    ours, theirs = [], []
    small(callbacks=[diary(ours)]).fit(X, y, X_val=X, y_val=y)
    baseline.to_keras().fit(
        X,
        y,
        epochs=2,
        verbose=0,
        validation_data=(X, y),
        callbacks=[diary(theirs)],
    )
    if diary is EpochDiary:  # steps are blocks of batches there
        ours[0][1].pop("steps")
        theirs[0][1].pop("steps")
    assert ours == theirs


def test_batch_callback_changes_no_number(digits, baseline):
    watched = small(callbacks=[Diary([])]).fit(*digits)
    assert_allclose(weights(watched), weights(baseline), atol=1e-6)
    for name, values in baseline.history_.items():
        assert_allclose(watched.history_[name], values, rtol=1e-5)


def test_epochs_count_on_for_callbacks(digits):
    pages = []
    classifier = small(warm_start=True, callbacks=[EpochDiary(pages)])
    classifier.fit(*digits).fit(*digits)
    epochs = [entry[1] for entry in pages if entry[0] == "epoch begins"]
    assert epochs == [0, 1, 2, 3]


def test_callbacks_are_copied_for_each_fit(digits):
    stopping = keras.callbacks.EarlyStopping(
        monitor="loss", min_delta=10, patience=1, restore_best_weights=True
    )
    classifier = small(epochs=9, callbacks=[stopping])
    n_iter = [classifier.fit(*digits).n_iter_ for _ in range(2)]
    assert n_iter == [2, 2]
    assert stopping.model is None
    assert not hasattr(stopping, "stopped_epoch") or stopping.stopped_epoch == 0
    assert classifier.callbacks == [stopping]


def test_callback_that_keras_has_used_before_is_taken(digits, baseline):
    stopping = keras.callbacks.EarlyStopping(monitor="loss", patience=9)
    baseline.to_keras().fit(*digits, verbose=0, callbacks=[stopping])
    assert_same_network(small(callbacks=[stopping]).fit(*digits), baseline)


def test_callback_that_cannot_be_copied_is_named(digits):
    class Holding(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.lock = threading.Lock()

    with pytest.raises(TypeError, match=r"callback.*Holding.*cop"):
        small(callbacks=[Holding()]).fit(*digits)


def test_what_callbacks_log_goes_to_the_history(digits):
    class Log(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs):
            logs["answer"] = np.float32(40 + epoch)

    history = small(callbacks=[Log()]).fit(*digits).history_
    assert history["answer"] == [40.0, 41.0]
    assert {type(value) for value in history["answer"]} == {float}


def test_reduce_lr_on_plateau(digits, baseline):
    reduce = keras.callbacks.ReduceLROnPlateau(
        monitor="loss", min_delta=10, patience=1, factor=0.1
    )
    classifier = small(epochs=4, learning_rate=0.01, callbacks=[reduce]).fit(*digits)
    assert_allclose(
        classifier.history_["learning_rate"], [1e-2, 1e-2, 1e-3, 1e-4], rtol=1e-5
    )
    assert_same_network(small().fit(*digits), baseline)  # at its own rate again


def halve_after_first(epoch, rate):
    return rate if epoch < 1 else rate / 2


def test_learning_rate_scheduler(digits):
    scheduler = keras.callbacks.LearningRateScheduler(halve_after_first)
    scheduled = small(epochs=3, learning_rate=0.04, callbacks=[scheduler]).fit(*digits)
    assert_allclose(scheduled.history_["learning_rate"], [0.04, 0.02, 0.01], rtol=1e-5)
    by_hand = small(epochs=1, warm_start=True)
    for rate in (0.04, 0.02, 0.01):
        by_hand.set_params(learning_rate=rate).fit(*digits)
    assert_same_network(scheduled, by_hand)


def test_rate_that_a_callback_left_is_gone_on_with(digits, tmp_path):
    scheduler = keras.callbacks.LearningRateScheduler(halve_after_first)
    rest = {"warm_start": True, "learning_rate": 0.04, "callbacks": [scheduler]}
    at_once = small(epochs=4, **rest).fit(*digits)
    in_parts = through_a_file(small(epochs=2, **rest).fit(*digits), tmp_path)
    assert_same_network(in_parts.fit(*digits), at_once)


def test_rate_set_for_each_batch_holds_for_that_batch(digits):
    class OneStepOnly(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.model.optimizer.learning_rate = 0.5 if batch == 0 else 0.0

    X, y = digits
    first = []

    class First(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 0:
                first.append(self.model.get_weights())

    classifier = small(optimizer="sgd", epochs=1, callbacks=[OneStepOnly(), First()])
    classifier.fit(X, y)
    after_first = np.concatenate([a.ravel() for a in (*first[0][::2], *first[0][1::2])])
    assert_array_equal(weights(classifier), after_first)


def test_model_checkpoint_writes_files_that_keras_opens(digits, tmp_path):
    X, y = digits
    checkpoint = keras.callbacks.ModelCheckpoint(tmp_path / "{epoch:02d}.keras")
    classifier = small(callbacks=[checkpoint]).fit(X, y)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["01.keras", "02.keras"]
    model = keras.models.load_model(tmp_path / "02.keras")
    assert_allclose(model.predict(X, verbose=0), classifier.predict_proba(X), atol=1e-6)
    loss, accuracy = model.evaluate(X, y, verbose=0)  # compiled as it was trained
    assert loss < classifier.history_["loss"][0]
    assert_allclose(accuracy, classifier.score(X, y), rtol=1e-5)


def test_csv_logger_writes_an_epoch_a_row(digits, tmp_path):
    logger = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    classifier = small(callbacks=[logger]).fit(*digits)
    header, *rows = (tmp_path / "log.csv").read_text().splitlines()
    assert header.split(",")[0] == "epoch"
    place = header.split(",").index("loss")
    assert_allclose(
        [float(row.split(",")[place]) for row in rows], classifier.history_["loss"]
    )


def test_terminate_on_nan_ends_in_the_error_of_diverging(digits):
    pages = []
    classifier = small(
        epochs=50,
        learning_rate=1e38,
        callbacks=[keras.callbacks.TerminateOnNaN(), EpochDiary(pages)],
    )
    with pytest.raises(ValueError, match="not finite"):
        classifier.fit(*digits)
    assert len([entry for entry in pages if entry[0] == "epoch ends"]) <= 1


def test_stopping_in_the_middle_of_an_epoch(digits, baseline):
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 4

    classifier = small(callbacks=[Stop()]).fit(*digits)
    assert classifier.n_iter_ == 1
    assert_same_network(small().fit(*digits), baseline)


def test_callback_may_predict_and_evaluate(digits, baseline):
    X, y = digits
    accuracies = []

    class Look(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.predict(X[:40], verbose=0)
            accuracies.append(self.model.evaluate(X, y, verbose=0)[1])

    classifier = small(callbacks=[Look()]).fit(X, y)
    assert_same_network(classifier, baseline)
    assert_allclose(accuracies[-1], classifier.score(X, y), rtol=1e-5)


def test_keras_early_stopping_of_ones_own_restores_its_best(digits, other_digits):
    X_val, y_val = other_digits[0], np.roll(other_digits[1], 1)
    stopping = keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=2, restore_best_weights=True
    )
    own = small(epochs=30, learning_rate=0.03, callbacks=[stopping])
    ours = small(epochs=30, learning_rate=0.03, early_stopping=True, patience=2)
    for classifier in (own, ours):
        classifier.fit(*digits, X_val=X_val, y_val=y_val)
    assert own.n_iter_ < 30
    assert_same_network(own, ours)


# What strong networks need


def test_label_smoothing_is_that_of_the_one_hot_crossentropy(digits):
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.2)
    by_object = small(loss=loss).fit(*digits)
    for name in ("sparse_categorical_crossentropy", "categorical_crossentropy"):
        assert_same_network(
            small(loss=name, label_smoothing=0.2).fit(*digits), by_object
        )
    with pytest.raises(ValueError, match=r"label_smoothing.*'mean_squared_error'"):
        small(loss="mean_squared_error", label_smoothing=0.2).fit(*digits)


def test_weight_decay_is_the_optimizers(digits):
    by_optimizer = small(optimizer=keras.optimizers.AdamW(weight_decay=0.25))
    by_parameter = small(optimizer="adamw", weight_decay=0.25)
    assert_same_network(by_parameter.fit(*digits), by_optimizer.fit(*digits))


def rates_of_batches(X, y, **parameters):
    rates = []

    class Note(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            rates.append(float(self.model.optimizer.learning_rate))

    watched = small(optimizer="sgd", callbacks=[Note()], **parameters).fit(X, y)
    unwatched = small(optimizer="sgd", **parameters).fit(X, y)
    assert_allclose(weights(watched), weights(unwatched), atol=1e-6)
    return rates


def test_rate_rises_linearly_and_falls_along_half_a_cosine(digits):
    rates = rates_of_batches(
        *digits,
        learning_rate=0.5,
        learning_rate_schedule="cosine",
        warmup_epochs=1,
        epochs=4,
    )
    epoch = (np.arange(4 * 13) + 0.5) / 13
    fallen = (1 + np.cos(np.pi * (epoch - 1) / 3)) / 2
    assert_allclose(rates, 0.5 * np.where(epoch < 1, epoch, fallen), rtol=1e-5)


def test_rate_stays_after_a_warm_up_alone(digits):
    rates = rates_of_batches(*digits, learning_rate=0.5, warmup_epochs=1.5, epochs=3)
    epoch = (np.arange(3 * 13) + 0.5) / 13
    assert_allclose(rates, 0.5 * np.minimum(epoch / 1.5, 1), rtol=1e-5)


SCHEDULE_MISTAKES = {
    "all warm-up": (
        lambda c, X, y: c.fit(X, y),
        {"learning_rate_schedule": "cosine", "warmup_epochs": 2},
        "warmup_epochs=2.*epochs=2",
    ),
    "two schedules": (
        lambda c, X, y: c.fit(X, y),
        {"learning_rate_schedule": "cosine", "optimizer": decaying_adam()},
        "schedule of its own",
    ),
}


@pytest.mark.parametrize(
    ("use", "parameters", "message"), SCHEDULE_MISTAKES.values(), ids=SCHEDULE_MISTAKES
)
def test_schedule_mistakes_get_a_clear_error(digits, use, parameters, message):
    with pytest.raises(ValueError, match=message):
        use(small(**parameters), *digits)


AVERAGED = {"ema_momentum": 0.9, "learning_rate": 0.01}


def test_averaged_weights_are_those_of_the_optimizer(digits):
    optimizer = keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9)
    by_optimizer = small(optimizer=optimizer).fit(*digits)
    by_parameter = small(**AVERAGED).fit(*digits)
    # Keras swaps weights and averages by additions, which round.
    assert_allclose(weights(by_parameter), weights(by_optimizer), atol=1e-6)
    raw = small(learning_rate=0.01).fit(*digits)
    assert not np.allclose(weights(by_parameter), weights(raw), atol=1e-3)


def test_validation_is_of_the_averaged_weights(digits):
    X, y = digits
    averaged = small(**AVERAGED).fit(X, y, X_val=X, y_val=y)
    assert_allclose(
        averaged.history_["val_loss"][-1],
        log_loss(y, averaged.predict_proba(X)),
        rtol=1e-5,
    )
    assert_allclose(weights(averaged), weights(small(**AVERAGED).fit(X, y)), atol=1e-6)


def test_early_stopping_restores_the_best_averaged_weights(digits, other_digits):
    X_val, y_val = other_digits[0], np.roll(other_digits[1], 1)
    stopped = small(epochs=60, early_stopping=True, patience=1, **AVERAGED)
    stopped.fit(*digits, X_val=X_val, y_val=y_val)
    assert stopped.n_iter_ < 60
    assert_allclose(
        min(stopped.history_["val_loss"]),
        log_loss(y_val, stopped.predict_proba(X_val)),
        rtol=1e-5,
    )


def test_stopped_training_ends_in_averaged_weights_too(digits):
    class StopAfterTwo(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    stopped = small(epochs=5, callbacks=[StopAfterTwo()], **AVERAGED).fit(*digits)
    assert stopped.n_iter_ == 2
    in_full = small(epochs=2, **AVERAGED).fit(*digits)
    assert_allclose(weights(stopped), weights(in_full), atol=1e-6)


BENDING = ElasticDeformation(rotation=10, scale=0.1, shift=0.3, alpha=2, sigma=2)


def test_augmentation_is_drawn_with_the_random_state(digits, baseline):
    first, same, other = (
        weights(small(augmentation=BENDING, random_state=seed).fit(*digits))
        for seed in (0, 0, 1)
    )
    assert_array_equal(first, same)
    assert not np.array_equal(first, other)
    assert not np.allclose(first, weights(baseline), atol=1e-3)


def test_images_to_validate_on_are_not_deformed(digits):
    X, y = digits
    augmented = small(augmentation=BENDING).fit(X, y, X_val=X, y_val=y)
    assert_allclose(
        augmented.history_["val_loss"][-1],
        log_loss(y, augmented.predict_proba(X)),
        rtol=1e-5,
    )


def test_batch_callback_does_not_change_what_is_deformed(digits):
    watched = small(augmentation=BENDING, callbacks=[Diary([])]).fit(*digits)
    unwatched = small(augmentation=BENDING).fit(*digits)
    assert_allclose(weights(watched), weights(unwatched), atol=1e-6)


@pytest.mark.parametrize(
    ("n_features", "image_shape", "message"),
    [
        (60, None, "60 features are no square.*image_shape"),
        (64, (4, 15), r"image_shape.*64.*\(4, 15\)"),
        (64, (4, 4, 4), r"image_shape.*\(4, 4, 4\)"),
    ],
)
def test_augmentation_needs_the_shape_of_the_images(
    digits, n_features, image_shape, message
):
    X, y = digits
    classifier = small(augmentation=BENDING, image_shape=image_shape)
    with pytest.raises(ValueError, match=message):
        classifier.fit(X[:, :n_features], y)


# Progress


def test_verbose_writes_a_line_per_epoch_where_there_is_no_terminal(digits, capfd):
    small(verbose=1).fit(*digits, X_val=digits[0], y_val=digits[1])
    written = capfd.readouterr()
    lines = written.err.splitlines()
    assert len(lines) == 2
    assert "1/2" in lines[0]
    assert "val_accuracy" in lines[1]
    assert written.out == ""


def test_silence_without_verbose(digits, capfd):
    small(hidden_units=6, validation_split=0.2).fit(*digits)
    assert capfd.readouterr() == ("", "")
