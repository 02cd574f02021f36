"""Networks for the tests of the classifier, and how to compare them."""

import numpy as np
from numpy.testing import assert_array_equal

from sk_mnist import MNISTMLPClassifier


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
