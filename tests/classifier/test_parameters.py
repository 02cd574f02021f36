"""Parameters of the classifier: their spellings, ranges and errors."""

from itertools import pairwise

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from networks import assert_same_network, small, weights
from sk_mnist import ElasticDeformation, MNISTMLPClassifier


@pytest.mark.parametrize(
    "hidden_units", [16, (16,), [16], np.int64(16), np.array([16])], ids=repr
)
def test_one_hidden_layer_in_every_spelling(digits, baseline, hidden_units):
    assert_same_network(small(hidden_units=hidden_units).fit(*digits), baseline)


@pytest.mark.parametrize("hidden_units", [(), (16, 8)])
def test_layers_have_the_shapes_asked_for(digits, hidden_units):
    classifier = small(hidden_units=hidden_units).fit(*digits)
    sizes = (64, *hidden_units, 10)
    assert [c.shape for c in classifier.coefs_] == list(pairwise(sizes))
    assert [b.shape for b in classifier.intercepts_] == [(n,) for n in sizes[1:]]
    assert classifier.n_layers_ == len(sizes)


@pytest.mark.parametrize(
    "parameter",
    [
        *(
            {"hidden_units": wrong}
            for wrong in (0, -1, 1.5, "16", None, (16, 0), (16.0,), {16}, ((16,), 8))
        ),
        {"activation": "swoosh"},
        {"dropout": 1.0},
        {"dropout": -0.1},
        {"optimizer": 3},
        {"optimizer": "adamx"},
        {"learning_rate": 0},
        {"loss": 3},
        {"loss": "no_such_loss"},
        {"batch_size": 0},
        {"batch_size": 32.0},
        {"epochs": 0},
        {"epochs": 1.5},
        {"validation_split": 1.0},
        {"early_stopping": "yes"},
        {"patience": -1},
        {"class_weight": "fair"},
        {"callbacks": "tensorboard"},
        {"callbacks": ["tensorboard"]},
        {"warm_start": None},
        {"random_state": "zero"},
        {"verbose": "loud"},
    ],
    ids=repr,
)
def test_wrong_parameter_is_named_with_its_value(digits, parameter):
    ((name, value),) = parameter.items()
    with pytest.raises(ValueError, match=f"(?s)'?{name}'?.*Got ") as raised:
        small(**parameter).fit(*digits)
    faulty = value[0] if isinstance(value, list) else value
    assert repr(faulty) in str(raised.value)


class Untouchable:
    """Data that nobody may look at."""

    def __getattr__(self, name):
        raise AssertionError(f"the data's {name} was asked for")


WRONG_WHATEVER_THE_DATA = {
    "hidden_units": {"hidden_units": 0},
    "optimizer": {"optimizer": "adamx"},
    "loss": {"loss": "no_such_loss"},
    "class_weight": {"class_weight": {3: -1}},
    "image_shape": {"image_shape": (8,)},
    "warmup_epochs": {"learning_rate_schedule": "cosine", "warmup_epochs": 2},
    "early_stopping": {"early_stopping": True},
    "test_time_augmentation": {"test_time_augmentation": 2},
    "rotation": {"augmentation": ElasticDeformation(rotation=-1)},
    "monitors": {"callbacks": [keras.callbacks.EarlyStopping()]},
    "BackupAndRestore": {
        "callbacks": [keras.callbacks.BackupAndRestore("backup")],
        "random_state": None,
    },
}


@pytest.mark.parametrize(
    ("message", "parameters"),
    WRONG_WHATEVER_THE_DATA.items(),
    ids=WRONG_WHATEVER_THE_DATA,
)
def test_parameters_are_refused_before_data_are_touched(message, parameters):
    with pytest.raises(ValueError, match=message):
        small(**parameters).fit(Untouchable(), Untouchable())


def test_another_network_is_refused_before_data_are_touched(digits):
    classifier = small().fit(*digits).set_params(hidden_units=8, warm_start=True)
    for train in (classifier.fit, classifier.partial_fit):
        with pytest.raises(ValueError, match="hidden_units cannot change"):
            train(Untouchable(), Untouchable())


def test_loss_of_logits_is_refused(digits):
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    with pytest.raises(ValueError, match=r"'loss'.*from_logits"):
        small(loss=loss).fit(*digits)


@pytest.mark.parametrize("batch_size", [1_000, 10**9])
def test_batch_larger_than_the_data_is_one_batch(digits, batch_size):
    X, y = digits
    everything = small(batch_size=len(X)).fit(X, y)
    assert_allclose(
        weights(small(batch_size=batch_size).fit(X, y)), weights(everything), atol=1e-6
    )


class Narrow(MNISTMLPClassifier):
    def __init__(self, epochs=1, *, random_state=0):
        super().__init__(16, epochs=epochs, random_state=random_state)


def test_a_subclass_that_fixes_parameters_can_be_cloned_and_searched(digits):
    search = GridSearchCV(Narrow(), {"epochs": [1, 2]}, cv=2).fit(*digits)
    assert search.best_estimator_.get_params().keys() == {"epochs", "random_state"}
    assert clone(search.best_estimator_).hidden_units == 16
