"""What all displays promise."""

import subprocess
import sys

import matplotlib
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sk_mnist import (
    DigitGridDisplay,
    HiddenUnitsDisplay,
    ImageNormalizer,
    MNISTMLPClassifier,
    TrainingHistoryDisplay,
)


def test_importing_the_displays_does_not_import_matplotlib():
    code = "import sys, sk_mnist._plot._common; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_drawing_changes_no_global_settings(readings):
    before = matplotlib.rcParams.copy()
    TrainingHistoryDisplay.from_history({"loss": [0.9], "accuracy": [0.7]})
    DigitGridDisplay.from_predictions(*readings)
    assert matplotlib.rcParams == before


@pytest.mark.parametrize("display", [TrainingHistoryDisplay, HiddenUnitsDisplay])
@pytest.mark.parametrize(
    "estimator",
    [
        MNISTMLPClassifier(),
        make_pipeline(ImageNormalizer(), MNISTMLPClassifier()),
        GridSearchCV(MNISTMLPClassifier(), {"epochs": [1]}),
    ],
)
def test_an_unfitted_network_is_refused(display, estimator):
    with pytest.raises(NotFittedError):
        display.from_estimator(estimator)


@pytest.mark.parametrize("display", [TrainingHistoryDisplay, HiddenUnitsDisplay])
def test_an_estimator_that_is_no_network_is_refused(display):
    estimator = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(ValueError, match=r"estimator .*LogisticRegression has none"):
        display.from_estimator(estimator)
