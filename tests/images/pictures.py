"""Frame pictures, and compare them."""

import numpy as np

from sk_mnist import DigitFramer


def frame(*pictures, **parameters):
    return DigitFramer(**parameters).transform(list(pictures)).reshape(-1, 28, 28)


def assert_alike(first, second, tolerance=0.05):
    """The same digit, but for a few hundredths of the ink."""
    first, second = (np.asarray(image, float) for image in (first, second))
    assert np.abs(first - second).sum() <= tolerance * (first.sum() + second.sum())
