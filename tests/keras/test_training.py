"""Training sees each sample once an epoch, continues exactly and disturbs nothing."""

import pickle
import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose, assert_array_equal

from networks import assert_same_network, decaying_adam, small, through_a_file, weights
from old_versions import fails_before
from sk_mnist import ElasticDeformation

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
@fails_before("keras", "3.13", "does not reset keras.random in set_random_seed")
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
