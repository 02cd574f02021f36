"""Networks and readings to plot."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sk_mnist import ImageNormalizer, MNISTMLPClassifier


@pytest.fixture(autouse=True)
def _close_figures():
    before = matplotlib.get_backend()
    plt.switch_backend("agg")
    yield
    plt.close("all")
    plt.switch_backend(before)


@pytest.fixture(scope="session")
def digits(sample_digits):
    """Raw images of 28 x 28 and their labels."""
    return sample_digits.data.reshape(-1, 28, 28), sample_digits.target


@pytest.fixture(scope="session")
def pipe(digits):
    """A network that sees normalized rows of the raw images, trained too little."""
    network = MNISTMLPClassifier(
        hidden_units=40, epochs=3, validation_split=0.2, random_state=0
    )
    return make_pipeline(ImageNormalizer(), network).fit(*digits)


@pytest.fixture(scope="session")
def search(pipe, digits):
    """A search over that pipeline."""
    grid = {"mnistmlpclassifier__epochs": [1]}
    return GridSearchCV(pipe, grid, cv=2).fit(*digits)


@pytest.fixture
def readings():
    """Six random images, of which the second, fourth and sixth are misread."""
    images = np.random.default_rng(0).integers(0, 256, (6, 28, 28), dtype=np.uint8)
    confidence = np.array([0.9, 0.6, 1.0, 0.998, 0.55, 0.8])
    y_proba = np.column_stack([confidence, 1 - confidence])
    return images, np.array([0, 0, 0, 0, 0, 0]), np.array([0, 1, 0, 1, 0, 1]), y_proba
