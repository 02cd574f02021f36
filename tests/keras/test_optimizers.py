"""Every optimizer of Keras trains to the numbers of plain Keras."""

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose

from networks import assert_same_network, decaying_adam, small, weights
from old_versions import fails_before
from plain_keras import assert_same_as_keras, fit_both

LOSS = "sparse_categorical_crossentropy"


def several():
    return keras.optimizers.MultiOptimizer(
        keras.optimizers.OptimizerMap(
            keras.optimizers.SGD(0.1), {".*kernel": keras.optimizers.Adam(0.01)}
        )
    )


def loss_scale(**options):
    return keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1, **options))


AROUND_OTHERS = {"LossScaleOptimizer": loss_scale, "MultiOptimizer": several}

# Found in the Keras that is installed, so that none is left out.
OPTIMIZERS = sorted(
    name
    for name, kind in vars(keras.optimizers).items()
    if isinstance(kind, type) and issubclass(kind, keras.optimizers.Optimizer)
    if name != "Optimizer"
)


MARKS = {"Muon": fails_before("keras", "3.13", "asks for a path that variables lack")}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=MARKS.get(name, ())) for name in OPTIMIZERS]
)
@pytest.mark.usefixtures("unshuffled")
def test_every_optimizer_trains_as_in_keras(digits, name):
    X, y = digits
    X, y = X[:90] + 0.125, y[:90]  # of pixels that are always 0, Adafactor makes NaN
    make = AROUND_OTHERS.get(name, getattr(keras.optimizers, name))
    by_object, *plain = fit_both(X, y, make_optimizer=make, loss=LOSS)
    assert_same_as_keras(by_object, *plain)
    assert by_object.history_["loss"][-1] < by_object.history_["loss"][0]
    if name not in AROUND_OTHERS:
        by_name = small(optimizer=name.lower(), epochs=3).fit(X, y)
        assert_same_network(by_name, by_object)


@pytest.mark.parametrize("name", sorted({*AROUND_OTHERS} & {*OPTIMIZERS}))
def test_name_of_an_optimizer_around_others_is_refused(digits, name):
    with pytest.raises(ValueError, match=f"{name}.*as an object"):
        small(optimizer=name).fit(*digits)


CONFIGURED_OPTIMIZERS = {
    "momentum": lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "clipping": lambda: keras.optimizers.SGD(0.1, global_clipnorm=0.1),
    "schedule": decaying_adam,
    "averaging": lambda: keras.optimizers.SGD(
        0.1, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=5
    ),
    "accumulation": lambda: keras.optimizers.Adam(0.01, gradient_accumulation_steps=3),
}


@pytest.mark.parametrize(
    "make_optimizer", CONFIGURED_OPTIMIZERS.values(), ids=CONFIGURED_OPTIMIZERS
)
@pytest.mark.usefixtures("unshuffled")
def test_configured_optimizer_trains_as_in_keras(digits, make_optimizer):
    assert_same_as_keras(*fit_both(*digits, make_optimizer=make_optimizer, loss=LOSS))


# Parameters of the classifier reach the optimizer that does the work


class SetRates(keras.callbacks.Callback):
    """Sets the rate of each batch by hand, in plain Keras."""

    def __init__(self, rates):
        super().__init__()
        self.rates = iter(rates)

    def on_train_batch_begin(self, batch, logs=None):
        optimizer = self.model.optimizer
        getattr(optimizer, "inner_optimizer", optimizer).learning_rate = next(
            self.rates
        )


def accumulating():
    return keras.optimizers.SGD(0.1, gradient_accumulation_steps=3)


def loss_scale_of_accumulating():
    return loss_scale(gradient_accumulation_steps=3)


SCHEDULES = {
    "rate": ({}, lambda epoch: np.ones_like(epoch)),
    "cosine": (
        {"learning_rate_schedule": "cosine"},
        lambda epoch: (1 + np.cos(np.pi * epoch / 3)) / 2,
    ),
    "warmup": ({"warmup_epochs": 2}, lambda epoch: np.minimum(epoch / 2, 1)),
}


@pytest.mark.parametrize(
    "make_optimizer", [loss_scale, accumulating, loss_scale_of_accumulating]
)
@pytest.mark.parametrize(("schedule", "share"), SCHEDULES.values(), ids=SCHEDULES)
@pytest.mark.usefixtures("unshuffled")
def test_rates_reach_the_optimizer_that_steps(digits, make_optimizer, schedule, share):
    X, y = digits
    epoch = (np.arange(9) + 0.5) / 3  # at the middle of each batch, of which 3 an epoch
    assert_same_as_keras(
        *fit_both(
            X[:96],
            y[:96],
            make_optimizer=make_optimizer,
            loss=LOSS,
            learning_rate=0.5,
            keras_callbacks=[SetRates(0.5 * share(epoch))],
            **schedule,
        )
    )


def test_callback_that_schedules_rates_reaches_the_wrapped_optimizer(digits):
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    wrapped = small(optimizer=loss_scale(), callbacks=[halve]).fit(*digits)
    assert_allclose(wrapped.history_["learning_rate"], [0.05, 0.025], rtol=1e-5)
    plain = small(optimizer=keras.optimizers.SGD(0.1), callbacks=[halve]).fit(*digits)
    assert_allclose(weights(wrapped), weights(plain), atol=1e-6)


@pytest.mark.parametrize(
    "parameters", [{"weight_decay": 0.1}, {"ema_momentum": 0.9}], ids=str
)
def test_other_parameters_reach_the_wrapped_optimizer(digits, parameters):
    wrapped = small(optimizer=loss_scale(), **parameters).fit(*digits)
    plain = small(optimizer=keras.optimizers.SGD(0.1), **parameters).fit(*digits)
    assert_allclose(weights(wrapped), weights(plain), atol=1e-6)


@fails_before("keras", "3.15", "has no MultiOptimizer")
def test_rate_for_several_optimizers_is_refused(digits):
    with pytest.raises(ValueError, match="on the optimizer inside it"):
        small(optimizer=several(), learning_rate=0.1).fit(*digits)


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
