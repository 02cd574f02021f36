"""Train on a million deformed digits that are never in memory all at once.

    SK_MNIST_DATA=folder python -m benchmarks.larger_than_memory \
        > docs/larger_than_memory.txt

As infinite MNIST does, each image is one of MNIST's training images, deformed at
random. Dask writes them as bytes, one file for each block, and reads them block by
block. The same network is also trained on the undeformed images, repeated until they
are as many. Linux only, as memory is measured.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

import dask
import dask.array as da
import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import make_pipeline

from sk_mnist import (
    ElasticDeformation,
    ImageNormalizer,
    MNISTMLPClassifier,
    fetch_mnist,
)

from . import memory
from .measure import in_fresh_process

N_IMAGES = 1_000_000
IMAGES_PER_BLOCK = 10_000
N_REPORTS = 10
LEARNING_RATE = 0.002
MB = 1_000_000


class Progress(NamedTuple):
    """What a network reads after some of the blocks, and what that took."""

    n_images: int
    accuracy: float
    peak: int  # bytes
    seconds: float


def repeated(
    X: NDArray[np.uint8], n_images: int, images_per_block: int = IMAGES_PER_BLOCK
) -> Any:
    """Lazily repeat images, in blocks."""
    images = da.from_array(X, chunks=(images_per_block, X.shape[1]))
    return da.concatenate([images] * ceil(n_images / len(X)))[:n_images]


def deform(images: NDArray[np.uint8], block_id: tuple[int, int]) -> NDArray[np.uint8]:
    """Deform one block, otherwise than every other block."""
    return ElasticDeformation().deform(images, random_state=block_id[0])


def write_blocks(folder: Path, images: Any) -> None:
    """Write images, deformed at random, a block a file."""
    da.to_npy_stack(folder, images.map_blocks(deform, dtype=images.dtype))


def read_blocks(folder: Path) -> Any:
    """Lazily read the images, a block at a time."""
    return da.from_npy_stack(folder)


def write_deformed(folder: Path, n_images: int) -> float:
    """Write deformed training images; return the seconds that it took."""
    started = time.perf_counter()
    X, _ = fetch_mnist(subset="train", return_X_y=True)
    write_blocks(folder, repeated(X, n_images))
    return time.perf_counter() - started


def train_by_block(
    images: Any, y: NDArray[Any], test: tuple[NDArray[Any], NDArray[Any]]
) -> Iterator[tuple[Any, Progress]]:
    """Train on one block after the other; now and then give the pipeline so far."""
    started = time.perf_counter()
    n_blocks = images.numblocks[0]
    normalizer = ImageNormalizer().fit(images.blocks[0].compute())
    classifier = MNISTMLPClassifier((800, 400), batch_size=128, random_state=0)
    reader = make_pipeline(normalizer, classifier)
    n_images = 0
    for number in range(n_blocks):
        block = images.blocks[number].compute()
        labels = y[n_images : n_images + len(block)]
        classifier.set_params(learning_rate=LEARNING_RATE * (1 - number / n_blocks))
        classifier.partial_fit(normalizer.transform(block), labels, classes=range(10))
        n_images += len(block)
        if (number + 1) % ceil(n_blocks / N_REPORTS) == 0 or number + 1 == n_blocks:
            seconds = time.perf_counter() - started
            accuracy = reader.score(*test)
            yield reader, Progress(n_images, accuracy, memory.peak(), seconds)


def labels_of(y: NDArray[np.int64], n_images: int) -> NDArray[np.int64]:
    """The labels of repeated images."""
    return np.resize(y, n_images)


def train_on_disk(folder: Path) -> tuple[list[Progress], float, int]:
    """Train on the deformed images, then read them all.

    Returns
    -------
    progress, accuracy on the deformed images, peak memory after reading those
    """
    images = read_blocks(folder)
    y = labels_of(fetch_mnist(subset="train", return_X_y=True)[1], len(images))
    test = fetch_mnist(subset="test", return_X_y=True)
    steps = list(train_by_block(images, y, test))
    reader, _ = steps[-1]
    probabilities = images.map_blocks(
        reader.predict_proba, dtype=np.float32, chunks=(images.chunks[0], 10)
    )
    right = probabilities.argmax(axis=1) == da.from_array(y, chunks=images.chunks[0])
    accuracy = float(right.mean().compute())
    return [progress for _, progress in steps], accuracy, memory.peak()


def train_undeformed(n_images: int) -> Progress:
    """Train on as many images, which are those of MNIST again and again."""
    X, y = fetch_mnist(subset="train", return_X_y=True)
    test = fetch_mnist(subset="test", return_X_y=True)
    *_, (_, last) = train_by_block(repeated(X, n_images), labels_of(y, n_images), test)
    return last


def one_block_at_a_time(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call in a fresh process in which Dask computes one block after the other."""
    with dask.config.set(scheduler="synchronous"):
        return function(*arguments)


def measured(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call in a process whose memory nothing else has used."""
    return in_fresh_process(one_block_at_a_time, function, *arguments)


def main() -> None:
    """Train on deformed images on disk, and on undeformed ones, and print how well."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds = measured(write_deformed, folder, N_IMAGES)
        n_bytes = sum(path.stat().st_size for path in folder.glob("*.npy"))
        print(
            f"wrote {N_IMAGES:,} deformed digits in {seconds:.0f} s: "
            f"{n_bytes / MB:.0f} MB, as float32 they would be {4 * n_bytes / MB:.0f} MB"
        )
        steps, accuracy, peak = measured(train_on_disk, folder)
    print("\n    trained on  test accuracy  peak memory     time", flush=True)
    for step in steps:
        print(
            f"{step.n_images:14,}  {step.accuracy:12.2%}  {step.peak / MB:8.0f} MB  "
            f"{step.seconds:5.0f} s"
        )
    print(f"\nread all of them: {accuracy:.2%} right, peak memory {peak / MB:.0f} MB")
    plain = measured(train_undeformed, N_IMAGES)
    print(
        f"trained on {plain.n_images:,} digits that are not deformed, 60,000 again and "
        f"again:\ntest accuracy {plain.accuracy:.2%}"
    )


if __name__ == "__main__":
    main()
