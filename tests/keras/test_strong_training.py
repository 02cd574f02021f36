"""Label smoothing, weight decay, schedules, averaged weights and augmentation."""

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import log_loss

from networks import BENDING, assert_same_network, decaying_adam, small, weights


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


@pytest.mark.parametrize(
    ("n_features", "image_shape", "message"),
    [
        (60, None, "60 features do not make a square.*image_shape"),
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
