"""A user's own Keras objects as parameters: copied, cloned, saved, sent to workers."""

import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from networks import assert_same_network, small
from sk_mnist import MNISTMLPClassifier


class OwnLoss(keras.losses.Loss):
    """Squared error, a factor larger; not registered with Keras."""

    def __init__(self, factor=2.0):
        super().__init__(name="own_loss")
        self.factor = factor

    def call(self, y_true, y_pred):
        return self.factor * keras.ops.mean((y_true - y_pred) ** 2, axis=-1)


@keras.saving.register_keras_serializable("tests")
class RegisteredLoss(OwnLoss):
    pass


class OwnSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """Not registered with Keras."""

    def __call__(self, step):
        return 0.01 / (1 + keras.ops.cast(step, "float32") / 10)

    def get_config(self):
        return {}


class OwnOptimizer(keras.optimizers.SGD):
    """Has a setting that its configuration does not show."""

    def __init__(self, factor=1.0, **options):
        super().__init__(**options)
        self.factor = factor

    def update_step(self, gradient, variable, learning_rate):
        super().update_step(self.factor * gradient, variable, learning_rate)


def excluding_adamw():
    optimizer = keras.optimizers.AdamW(0.01, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["kernel"])
    return optimizer


OBJECTS = {
    "loss": {"loss": OwnLoss(3.0)},
    "registered loss": {"loss": RegisteredLoss(3.0)},
    "Keras's loss": {"loss": keras.losses.CategoricalFocalCrossentropy(gamma=1.0)},
    "schedule": {"optimizer": keras.optimizers.Adam(OwnSchedule())},
    "optimizer": {"optimizer": OwnOptimizer(0.5, learning_rate=0.1)},
    "exclusion": {"optimizer": excluding_adamw()},
    "loss scale": {"optimizer": keras.optimizers.LossScaleOptimizer(excluding_adamw())},
}


@pytest.fixture(scope="module", params=OBJECTS.values(), ids=OBJECTS)
def parameters(request):
    return request.param


@pytest.fixture(scope="module")
def trained(parameters, digits):
    return small(**parameters).fit(*digits)


def test_a_loss_with_a_lookup_table_is_refused(digits):
    entries = tf.lookup.KeyValueTensorInitializer(tf.range(10), tf.ones(10))
    table = tf.lookup.StaticHashTable(entries, 1.0)

    def loss(y_true, y_pred):
        weights = table.lookup(tf.argmax(y_true, -1, tf.int32))
        return weights * keras.losses.categorical_crossentropy(y_true, y_pred)

    with pytest.raises(TypeError, match=r"lookup table.*Use a tensor"):
        small(loss=loss).fit(*digits)


def test_clones_train_the_same(trained, digits):
    assert_same_network(clone(trained).fit(*digits), trained)


def test_clones_keep_metadata_requests():
    with config_context(enable_metadata_routing=True):
        requesting = small().set_fit_request(sample_weight=True)
        assert clone(requesting).get_metadata_routing().fit.requests["sample_weight"]


def test_saved_ones_predict_and_train_the_same(trained, digits):
    again = pickle.loads(pickle.dumps(trained))
    assert_array_equal(again.predict_proba(digits[0]), trained.predict_proba(digits[0]))
    assert_same_network(again.fit(*digits), trained)


def test_a_parallel_search_gives_the_same_scores(digits):
    parameters = OBJECTS["registered loss"] | OBJECTS["schedule"]

    def scores(n_jobs):
        search = GridSearchCV(
            small(epochs=1, **parameters),
            {"hidden_units": [4, 8]},
            cv=2,
            n_jobs=n_jobs,
        )
        return search.fit(*digits).cv_results_["mean_test_score"]

    assert_array_equal(scores(n_jobs=2), scores(n_jobs=1))


def test_an_exclusion_from_weight_decay_holds(digits):
    X, y = digits
    excluded = excluding_adamw()
    excluded.exclude_from_weight_decay(var_names=["kernel", "bias"])
    without_decay = small(optimizer=keras.optimizers.AdamW(0.01, weight_decay=0.0))
    assert_same_network(small(optimizer=excluded).fit(X, y), without_decay.fit(X, y))


def test_excluding_the_variables_of_another_model_is_refused(digits):
    optimizer = keras.optimizers.AdamW()
    optimizer.exclude_from_weight_decay(var_list=[keras.Variable(np.zeros(2))])
    with pytest.raises(ValueError, match="var_names"):
        small(optimizer=optimizer).fit(*digits)


def test_the_rate_given_to_a_wrapper_reaches_the_wrapped_optimizer(digits):
    wrapped = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.5))
    by_parameter = small(optimizer=wrapped, learning_rate=0.01).fit(*digits)
    inner = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.01))
    assert_same_network(by_parameter, small(optimizer=inner).fit(*digits))


def test_to_keras_keeps_what_the_parameters_say(digits):
    classifier = MNISTMLPClassifier(
        8,
        optimizer="adamw",
        weight_decay=0.3,
        ema_momentum=0.9,
        label_smoothing=0.2,
        learning_rate=0.02,
        epochs=1,
    ).fit(*digits)
    for model in (classifier.to_keras(), classifier.to_scikeras().model_):
        optimizer = model.optimizer
        assert optimizer.weight_decay == 0.3
        assert (optimizer.use_ema, optimizer.ema_momentum) == (True, 0.9)
        assert float(optimizer.learning_rate) == pytest.approx(0.02)
        assert model.loss.get_config()["label_smoothing"] == 0.2


def of_integers(y_true, y_pred):
    return keras.losses.sparse_categorical_crossentropy(y_true, y_pred)


def test_a_loss_of_ones_own_may_take_integer_labels(digits):
    own = small(loss=of_integers, validation_split=0.2).fit(*digits)
    assert_same_network(own, small(validation_split=0.2).fit(*digits))
    assert own.history_["val_accuracy"][-1] > 0.1


def of_float64(y_true, y_pred):
    losses = keras.losses.categorical_crossentropy(y_true, y_pred)
    return keras.ops.cast(losses, "float64")


def test_a_loss_of_ones_own_may_be_a_float64(digits):
    own = small(loss=of_float64).fit(*digits)
    assert_same_network(own, small(loss="categorical_crossentropy").fit(*digits))
