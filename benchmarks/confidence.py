"""How much the confidence of the recipe ``strong`` is worth, and where doubt begins.

``python -m benchmarks.confidence``, run from the root of the project, trains on 50,000
of MNIST's training images. It makes 1,000 photographs of the other 10,000, and 200
pictures that show no digit. The threshold that it prints is the lowest at which at most
1 % of the digits read are read wrong, and at least half of the other pictures are not
read. The calibration curve is written for the documentation.
"""

import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from sk_mnist import fetch_mnist, make_digit_reader

from .no_digits import no_digits

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # they make photographs

N_TRAINED_ON = 50_000
N_PHOTOGRAPHS = 1_000
MOST_WRONG = 0.01
LEAST_REFUSED = 0.5
PLOT = Path("docs/images/confidence.png")


class Readings(NamedTuple):
    """How sure a network is of each picture, and whether it is right."""

    confidences: NDArray[np.float32]
    are_right: NDArray[np.bool_]


def read(reader: Pipeline, pictures: Any, labels: Any) -> Readings:
    """Read pictures of digits."""
    y_proba = reader.predict_proba(pictures)
    predicted = reader.classes_[y_proba.argmax(axis=1)]
    return Readings(y_proba.max(axis=1), predicted == labels)


def threshold_of(digits: Readings, others: NDArray[np.float32]) -> float:
    """The lowest confidence, in whole percent, that keeps both promises."""
    return next(
        percent / 100
        for percent in range(101)
        if wrong_above(digits, percent / 100) <= MOST_WRONG
        and (others < percent / 100).mean() >= LEAST_REFUSED
    )


def wrong_above(digits: Readings, threshold: float) -> float:
    """Share of the digits read with at least this confidence that are read wrong."""
    are_read = digits.confidences >= threshold
    return float((~digits.are_right[are_read]).mean()) if are_read.any() else 0.0


def report(digits: Readings, others: NDArray[np.float32]) -> str:
    """The threshold, and what it lets through."""
    threshold = threshold_of(digits, others)
    return "\n".join(
        [
            f"threshold: {threshold:.0%}",
            f"digits read wrong, of all: {(~digits.are_right).mean():.2%}",
            f"digits read wrong, of those read: {wrong_above(digits, threshold):.2%}",
            f"digits not read: {(digits.confidences < threshold).mean():.2%}",
            f"other pictures not read: {(others < threshold).mean():.1%}",
        ]
    )


def plot(digits: Readings, path: Path) -> None:
    """Draw how often readings of each confidence are right."""
    import matplotlib.pyplot as plt
    from sklearn.calibration import CalibrationDisplay

    figure, axes = plt.subplots(figsize=(5, 4), layout="constrained")
    CalibrationDisplay.from_predictions(
        digits.are_right,
        np.minimum(digits.confidences, 1),
        n_bins=5,  # few photographs are read with low confidence
        name="photographs",
        ax=axes,
    )
    labels = {"xlabel": "Confidence", "ylabel": "Share that is read right"}
    axes.set(xlim=(0.2, 1.01), ylim=(0.2, 1.01), **labels)
    figure.savefig(path, dpi=120)


def measure(reader: Pipeline) -> tuple[Readings, NDArray[np.float32]]:
    """Let a reader read photographs of digits held out, and pictures of none."""
    from images.photographs import photographs

    reader.set_params(frame__on_blank="blank")
    X, y = fetch_mnist(subset="train", return_X_y=True)
    X, y = X[N_TRAINED_ON:], y[N_TRAINED_ON:]
    made = photographs(X, N_PHOTOGRAPHS, seed=1)
    digits = read(reader, [photo.image for photo in made], y[[p.index for p in made]])
    return digits, reader.predict_proba(no_digits()).max(axis=1)


def main() -> None:
    """Train, measure, print and plot."""
    X, y = fetch_mnist(subset="train", return_X_y=True)
    reader = make_digit_reader("strong", random_state=0)
    digits, others = measure(reader.fit(X[:N_TRAINED_ON], y[:N_TRAINED_ON]))
    print(report(digits, others))
    plot(digits, PLOT)


if __name__ == "__main__":
    main()
