"""scikit-learn's own checks: the classifier is an estimator, without a footnote."""

import keras
import pytest
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from sk_mnist import ImageNormalizer, MNISTMLPClassifier

WEIGHTS_IN_FLOAT32 = (
    "The weights are trained in float32: probabilities agree within about 1e-8, while "
    "the check asks for a relative 1e-7, which is below float32's resolution. "
    "tests/classifier/test_weights.py holds the equivalence to 1e-5."
)
EXPECTED_FAILED_CHECKS = {
    "check_sample_weight_equivalence_on_dense_data": WEIGHTS_IN_FLOAT32,
    "check_sample_weight_equivalence_on_sparse_data": WEIGHTS_IN_FLOAT32,
}
ORDER_OF_ROWS = {
    "check_methods_sample_order_invariance": (
        "The last bit of a product of float32 matrices depends on where in the matrix "
        "a row stands; the check asks for a relative 1e-7."
    ),
}
WARM_START = {
    "check_supervised_y_2d": (
        "It compares two fits of one estimator. With warm_start the second goes on "
        "from the first, as it should."
    ),
}
EARLY_STOPPING = {
    "check_class_weight_classifiers": (
        "It asks that a class of weight 1000 beside 0.0001 is nearly always predicted. "
        "Validation counts each sample once, as in Keras, and the epoch that is best "
        "for it is an early one."
    ),
}

SETTINGS = (
    {"hidden_units": (), "learning_rate": 0.1},
    {"hidden_units": (20, 10), "activation": "tanh", "learning_rate": 0.02},
    {"activation": "sigmoid", "learning_rate": 0.02},
    {"activation": "gelu"},
    {"dropout": 0.2},
    {"optimizer": "sgd", "learning_rate": 0.1},
    {"optimizer": "rmsprop"},
    {"optimizer": "adamw", "weight_decay": 0.01},
    {"optimizer": keras.optimizers.SGD(0.1, momentum=0.9)},
    {"learning_rate": 0.01},
    {"learning_rate": 0.01, "learning_rate_schedule": "cosine", "warmup_epochs": 2},
    {"ema_momentum": 0.9},
    {"loss": "categorical_crossentropy", "label_smoothing": 0.1},
    {"loss": "mean_squared_error", "learning_rate": 0.01},
    {"loss": "kl_divergence"},
    {"batch_size": 5},
    {"batch_size": 1000, "learning_rate": 0.05},
    {"validation_split": 0.2},
    {"validation_split": 0.2, "early_stopping": True},
    {"class_weight": "balanced"},
    {"callbacks": [keras.callbacks.TerminateOnNaN()]},
    {"warm_start": True},
    {"random_state": None},
)


def classifier(**parameters):
    return MNISTMLPClassifier(**{"epochs": 30, "random_state": 0, **parameters})


@parametrize_with_checks(
    [classifier(), ImageNormalizer()],
    expected_failed_checks=lambda estimator: EXPECTED_FAILED_CHECKS,
)
def test_scikit_learn_check(estimator, check):
    check(estimator)


@pytest.mark.nightly
@pytest.mark.timeout(1200)  # seconds, for some sixty checks
@pytest.mark.parametrize("parameters", SETTINGS, ids=" and ".join)
def test_scikit_learn_checks_of_other_settings(parameters):
    check_estimator(
        classifier(**parameters),
        expected_failed_checks=EXPECTED_FAILED_CHECKS
        | ORDER_OF_ROWS
        | (WARM_START if "warm_start" in parameters else {})
        | (EARLY_STOPPING if "early_stopping" in parameters else {}),
        on_skip=None,
    )
