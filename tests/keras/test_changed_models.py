"""Whatever a callback does to the model ends with its fit."""

import contextlib

import keras
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from networks import assert_same_network, small, weights


def add_attribute(model):
    model.layers[0].note = model.note = "changed"


def change_activation(model):
    model.layers[0].activation = keras.activations.tanh


def change_name(model):
    model.layers[0].name = "renamed"


def compile_again(model):
    model.compile("sgd", "mean_squared_error", metrics=["mae"])


def forget_functions(model):
    model.train_function = model.test_function = None


def fill_with_nan(model):
    model.set_weights([np.full_like(w, np.nan) for w in model.get_weights()])


def spoil_optimizer_variables(model):
    for variable in model.optimizer.variables[2:]:
        variable.assign(variable + 1)


def set_optimizer_setting(name, value):
    def change(model):
        setattr(model.optimizer, name, value)

    change.__name__ = f"set_{name}"
    return change


def spoil_metrics(model):
    for variable in model.metrics_variables:
        variable.assign(variable + 5)


CHANGES = (
    lambda model: model.pop(),
    lambda model: model.add(keras.layers.Dense(10, "softmax")),
    lambda model: model.quantize("int8"),
    lambda model: model.layers[0].enable_lora(2),
    lambda model: model.layers[0].quantize("int8"),
    lambda model: setattr(model, "trainable", False),
    lambda model: setattr(model.layers[0], "trainable", False),
    lambda model: setattr(model, "optimizer", keras.optimizers.SGD(0.1)),
    lambda model: setattr(model, "stop_training", True),
    lambda model: setattr(model, "_initial_epoch", 1),
    lambda model: setattr(model.optimizer, "learning_rate", 9.0),
    lambda model: setattr(model.optimizer, "iterations", keras.Variable(7)),
    lambda model: setattr(model, "loss", "mean_squared_error"),
    lambda model: setattr(model.layers[0], "dtype_policy", "bfloat16"),
    set_optimizer_setting("beta_1", 0.1),
    set_optimizer_setting("clipnorm", 1e-6),
    set_optimizer_setting("use_ema", True),
    add_attribute,
    change_activation,
    change_name,
    compile_again,
    forget_functions,
    fill_with_nan,
    spoil_optimizer_variables,
    spoil_metrics,
)


@pytest.mark.parametrize("hook", ["on_train_begin", "on_epoch_end", "on_train_end"])
@pytest.mark.filterwarnings("ignore")
def test_changes_end_with_their_fit(digits, baseline, hook):
    changed = []
    for change in CHANGES:

        class Change(keras.callbacks.Callback):
            pass

        def run(self, *arguments, _change=change, **keywords):
            if not changed or changed[-1] is not _change:
                changed.append(_change)
                _change(self.model)

        setattr(Change, hook, run)
        with contextlib.suppress(Exception):  # Keras itself refuses some of them
            small(callbacks=[Change()]).fit(*digits)
    assert changed == list(CHANGES)
    assert_same_network(small().fit(*digits), baseline)
    assert_same_network(
        small(callbacks=[keras.callbacks.Callback()]).fit(*digits), baseline
    )


def test_layers_frozen_when_training_begins_keep_their_weights(digits):
    class Freeze(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.layers[0].trainable = False
            self.initial = self.model.get_weights()
            results.append(self)

    results = []
    classifier = small(callbacks=[Freeze()]).fit(*digits)
    assert_array_equal(classifier.coefs_[0], results[0].initial[0])
    assert (classifier.coefs_[1] != results[0].initial[2]).any()
    assert not np.array_equal(weights(classifier), weights(small().fit(*digits)))
