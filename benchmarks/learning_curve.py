"""How the accuracy of the recipe ``best`` grows with the time of training.

``python -m benchmarks.learning_curve``, run from the root of the project, trains on
50,000 of MNIST's training images for a sixteenth of the recipe's epochs, an eighth, and
so on, and reads the other 10,000. It prints a table, and draws the curve for the
documentation.
"""

from pathlib import Path
from typing import NamedTuple

from sk_mnist import fetch_mnist, recipes
from sk_mnist.cli._reproduction import seconds_to_fit
from sk_mnist.cli._results_markdown import as_table, duration

N_TRAINED_ON = 50_000
PARTS = (16, 8, 4, 2, 1)
PLOT = Path("docs/images/learning_curve.png")


class Point(NamedTuple):
    """A training, how long it took, and what it led to."""

    epochs: int
    seconds: float
    accuracy: float


def measure(epochs: int) -> Point:
    """Train for some epochs, and read the images that were held out."""
    X, y = fetch_mnist(subset="train", return_X_y=True)
    pipeline = recipes.build("best", epochs=epochs, random_state=0)
    seconds = seconds_to_fit(pipeline, X[:N_TRAINED_ON], y[:N_TRAINED_ON])
    accuracy = pipeline.score(X[N_TRAINED_ON:], y[N_TRAINED_ON:])
    return Point(epochs, seconds, accuracy)


def plot(points: list[Point], path: Path) -> None:
    """Draw the accuracy over the time of training."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    minutes = [point.seconds / 60 for point in points]
    axes.plot(minutes, [100 * point.accuracy for point in points], "o-")
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set(xlabel="Minutes of training", ylabel="Accuracy on held-out images (%)")
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)


def main() -> None:
    """Train for longer and longer, print and plot."""
    epochs: int = recipes.build("best")["mlp"].epochs
    measure(2)  # TensorFlow starts
    points = [measure(epochs // part) for part in PARTS]
    rows = [[str(p.epochs), duration(p.seconds), f"{p.accuracy:.2%}"] for p in points]
    print(as_table(["epochs", "time", "accuracy"], rows))
    plot(points, PLOT)


if __name__ == "__main__":
    main()
