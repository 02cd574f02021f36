"""How many digits the recipe ``strong``, trained on MNIST, reads elsewhere.

``python -m benchmarks.reading``, run from the root of the project, trains it with three
seeds, for some minutes each, and prints a table: MNIST's test digits, photographs that
the tests make of them, ones with flags of many lengths, scikit-learn's digits of 8 x 8
pixels, and numbers of two to six of MNIST's test digits. ``--networks`` takes files
that ``sk-mnist reproduce strong`` has kept, instead of training.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

import joblib
import numpy as np
from sklearn.datasets import load_digits
from sklearn.pipeline import Pipeline

from sk_mnist import DigitFramer, fetch_mnist, make_digit_reader, read_number

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # they make photographs


class Row(NamedTuple):
    """One set of images: the share that each of the networks reads right."""

    what: str
    accuracies: Sequence[float]
    at_least: float | None = None

    def __str__(self) -> str:
        each = ", ".join(f"{accuracy:.2%}" for accuracy in self.accuracies)
        row = f"| {self.what} | {mean(self.accuracies):.2%} | {each} |"
        if self.at_least is None:
            return f"{row} |  |"
        met = mean(self.accuracies) >= self.at_least
        return f"{row} {self.at_least:.2%} | {'yes' if met else 'NO'} |"


HEADER = """| images | read right, mean | each | target | met |
| --- | --- | --- | --- | --- |"""


def trained_reader(
    seed: int, n_images: int | None = None, **parameters: Any
) -> Pipeline:
    """The recipe, trained on MNIST's training images or on the first `n_images`."""
    X, y = fetch_mnist(subset="train", return_X_y=True)
    reader = make_digit_reader("strong", random_state=seed, **parameters)
    # An image in which no digit is found is read, most likely wrongly, as a blank one.
    reader.set_params(frame__on_blank="blank")
    return reader.fit(X[:n_images], y[:n_images])


def kept_reader(network: Path) -> Pipeline:
    """A network that was trained before, behind the framer."""
    framer = DigitFramer(on_blank="blank")
    return Pipeline([("frame", framer), *joblib.load(network).steps])


def reading_rows(readers: Sequence[Pipeline], n_photographs: int = 1000) -> list[Row]:
    """Let each reader read images unlike those that it was trained on."""
    from images.flagged_ones import flagged_ones
    from images.photographs import photographs

    X, y = fetch_mnist(subset="test", return_X_y=True)
    made = photographs(X, n_photographs)
    photos, labels = [photo.image for photo in made], y[[photo.index for photo in made]]
    digits, ones = load_digits(), flagged_ones()
    return [
        Row(
            f"MNIST's {len(y):,} test digits",
            [reader.score(X, y) for reader in readers],
            at_least=0.9939,
        ),
        Row(
            f"{n_photographs:,} photographs made of MNIST's test digits",
            [reader.score(photos, labels) for reader in readers],
            at_least=0.98,
        ),
        Row(
            f"{len(ones)} ones with flags of all lengths",
            [reader.score(ones, np.ones(len(ones))) for reader in readers],
            at_least=30 / 32,
        ),
        Row(
            f"scikit-learn's {len(digits.target):,} digits of 8 x 8 pixels",
            [reader.score(digits.images, digits.target) for reader in readers],
            at_least=0.975,
        ),
    ]


def number_rows(readers: Sequence[Pipeline], n_numbers: int = 1000) -> list[Row]:
    """Let each reader read whole numbers; a single wrong digit makes one wrong."""
    from images.numbers import number_photographs

    X, y = fetch_mnist(subset="test", return_X_y=True)
    rows = []
    for how, touching, at_least in (("apart", False, 0.95), ("that touch", True, None)):
        photos = number_photographs(X, n_numbers, touching=touching)
        texts = ["".join(map(str, y[photo.indices])) for photo in photos]
        accuracies = [
            mean(
                is_read_as(reader, photo.image, text)
                for photo, text in zip(photos, texts, strict=True)
            )
            for reader in readers
        ]
        what = f"{n_numbers:,} numbers of MNIST's test digits, {how}"
        rows.append(Row(what, accuracies, at_least))
    return rows


def is_read_as(reader: Pipeline, image: Any, text: str) -> bool:
    """Whether an image is read as a number."""
    try:
        return read_number(reader, image).text == text
    except ValueError:  # nothing stands out from the background
        return False


def main() -> None:
    """Train, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--networks", type=Path, nargs="+")
    arguments = parser.parse_args()
    if arguments.networks:
        readers = [kept_reader(network) for network in arguments.networks]
    else:
        readers = [trained_reader(seed) for seed in arguments.seeds]
    print(HEADER, *reading_rows(readers), *number_rows(readers), sep="\n")


if __name__ == "__main__":
    main()
