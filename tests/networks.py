"""Networks for the tests of the classifier, and how to compare them."""

import joblib
import numpy as np
from numpy.testing import assert_array_equal

from sk_mnist import ElasticDeformation, MNISTMLPClassifier

BENDING = ElasticDeformation(rotation=10, scale=0.1, shift=0.3, alpha=2, sigma=2)


def small(**parameters):
    """A classifier that by default shares one compiled network with other tests."""
    return MNISTMLPClassifier(
        **{"hidden_units": 16, "epochs": 2, "random_state": 0, **parameters}
    )


def weights(classifier):
    """All weights of a network as one vector."""
    arrays = [*classifier.coefs_, *classifier.intercepts_]
    return np.concatenate([array.ravel() for array in arrays])


def assert_same_network(first, second):
    """To the bit."""
    assert_array_equal(weights(first), weights(second))


def through_a_file(classifier, folder):
    """The classifier, saved and loaded."""
    joblib.dump(classifier, folder / "model.joblib")
    return joblib.load(folder / "model.joblib")


def decaying_adam():
    # Imported here: worker processes import this file, and sk_mnist must be the one
    # that starts TensorFlow there, with their share of threads.
    import keras

    rate = keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)
    return keras.optimizers.Adam(rate)
