"""One image of a digit, read: opened, framed, and the probability of each digit.

What stands between a file of any kind and a trained model, for those who show a single
image and what became of it.
"""

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from sklearn.pipeline import Pipeline

from .._classifier import MNISTMLPClassifier
from .._images._framer import DigitFramer
from .._images._pixels import as_image
from .._network import FloatArray


class UnreadableImageError(ValueError):
    """An image cannot be read, for the reason given."""


@dataclass(frozen=True)
class Reading:
    """What a model makes of one image.

    Parameters
    ----------
    framed : ndarray of shape (height, width), dtype uint8
        The image as the network sees it.
    labels : ndarray of shape (n_classes,)
        The labels, the most probable first.
    probabilities : ndarray of shape (n_classes,)
        Their probabilities.
    """

    framed: NDArray[np.uint8]
    labels: NDArray[Any]
    probabilities: FloatArray


class Reader(NamedTuple):
    """A trained model, taken apart behind its framing."""

    framer: Any
    classifier: Any

    def read(self, image: Image.Image) -> Reading:
        """Read one image.

        Raises
        ------
        UnreadableImageError
            If no digit can be framed in it.
        """
        try:
            framed = self.framer.transform([image])
        except ValueError as error:
            raise UnreadableImageError(str(error.__cause__ or error)) from error
        # A network that has no normalizer before it was trained between 0 and 1.
        bare = isinstance(self.classifier, MNISTMLPClassifier)
        pixels = framed / np.float32(255) if bare else framed
        (probabilities,) = self.classifier.predict_proba(pixels)
        order = np.argsort(-probabilities, kind="stable")
        return Reading(
            framed=as_image(framed[0]),
            labels=self.classifier.classes_[order],
            probabilities=probabilities[order],
        )


def make_reader(model: Any) -> Reader:
    """Take a fitted model apart behind its :class:`DigitFramer`, or add one.

    Parameters
    ----------
    model : estimator
        A fitted classifier of digits, or a pipeline or search that ends in one.

    Returns
    -------
    Reader
        Its framing and the rest.

    Raises
    ------
    ValueError
        If the model predicts no probabilities.
    """
    model = getattr(model, "best_estimator_", model)
    if not hasattr(model, "predict_proba"):
        raise ValueError(
            "The model must be a classifier that predicts probabilities; got a "
            f"{type(model).__name__}."
        )
    if isinstance(model, Pipeline):
        for k, step in enumerate(model):
            if isinstance(step, DigitFramer):
                return Reader(model[: k + 1], model[k + 1 :])
    return Reader(DigitFramer(), model)


def open_image(path: Path) -> Image.Image:
    """Open an image file, upright.

    Raises
    ------
    UnreadableImageError
        If there is no such file, or it is empty, damaged, no image, or has more pixels
        than Pillow takes for safe.
    """
    if os.path.isdir(path):
        raise UnreadableImageError("a folder in which no images are found")
    if not os.path.exists(path):
        raise UnreadableImageError("no such file")
    if not os.path.isfile(path):  # a device or a pipe may never end
        raise UnreadableImageError("not a file")
    if path.stat().st_size == 0:
        raise UnreadableImageError("the file is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                return ImageOps.exif_transpose(image)
    except UnidentifiedImageError:
        raise UnreadableImageError(
            "not an image, or of a kind that cannot be read here"
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadableImageError(
            f"the image is too large: more than {Image.MAX_IMAGE_PIXELS:,} pixels"
        ) from error
    except PermissionError as error:
        raise UnreadableImageError("you may not read the file") from error
    except Exception as error:  # damaged files raise a dozen kinds
        raise UnreadableImageError(f"the file is damaged: {error}") from error
