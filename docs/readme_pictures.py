"""Make the README's pictures with MNIST: ``python docs/readme_pictures.py``."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import joblib
import matplotlib.pyplot as plt

from sk_mnist import (
    DigitGridDisplay,
    TrainingHistoryDisplay,
    fetch_mnist,
    make_digit_reader,
)

IMAGES = Path(__file__).parent / "images"
EXAMPLES = Path(__file__).parents[1] / "examples" / "images"


def save(name: str) -> None:
    plt.savefig(IMAGES / name, dpi=100, bbox_inches="tight")
    plt.close("all")


def main() -> None:
    X_train, y_train = fetch_mnist(subset="train", return_X_y=True)
    X_test, y_test = fetch_mnist(subset="test", return_X_y=True)
    reader = make_digit_reader("fast", validation_split=0.1, random_state=0)
    reader.fit(X_train, y_train)

    TrainingHistoryDisplay.from_estimator(reader)
    save("training.png")

    DigitGridDisplay.from_estimator(reader, X_test, y_test, which="least_confident")
    save("digits.png")

    with TemporaryDirectory() as folder:
        model = Path(folder, "model.joblib")
        joblib.dump(reader, model)
        command = [sys.executable, "-m", "sk_mnist", "predict", model, EXAMPLES]
        subprocess.run([*command, "--show", IMAGES / "seen.png"], check=True)


if __name__ == "__main__":
    main()
