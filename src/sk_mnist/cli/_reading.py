"""Read one image with a trained model: a digit, or a number of several.

The commands show an image beside its frame, so the framer is split from the model.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.pipeline import Pipeline

from .._classifier import MNISTMLPClassifier
from .._images._framer import DigitFramer
from .._images._pixels import as_image
from .._images._segmentation import segment
from .._number import NumberReading, may_be_number, read_segmentation
from .._rows import FloatArray


class UnreadableImageError(ValueError):
    """An image cannot be read, for the reason given."""


@dataclass(frozen=True)
class Reading:
    """How a model reads an image of one digit.

    Parameters
    ----------
    framed : ndarray of shape (height, width), dtype uint8
        The image as the network sees it.
    labels : ndarray of shape (n_classes,)
        The labels, the most probable first.
    probabilities : ndarray of shape (n_classes,)
        Their probabilities.
    n_left_out : int
        Number of other shapes in the image.
    """

    framed: NDArray[np.uint8]
    labels: NDArray[Any]
    probabilities: FloatArray
    n_left_out: int


class Reader(NamedTuple):
    """A trained model, split into its framer and the rest."""

    framer: Any
    classifier: Any

    def read(self, image: Image.Image) -> Reading | NumberReading:
        """Read one image: a digit, or a number if it shows several.

        Raises
        ------
        UnreadableImageError
            If no digit can be framed in it.
        """
        try:
            segmentation = segment(image)
            if may_be_number(segmentation):
                number = read_segmentation(self, segmentation)
                if len(number.digits) > 1:
                    return number
            framed = self.framer.transform([image])
        except ValueError as error:
            raise UnreadableImageError(str(error.__cause__ or error)) from error
        (probabilities,) = self._predict_framed(framed)
        order = np.argsort(-probabilities, kind="stable")
        return Reading(
            framed=as_image(framed[0]),
            labels=self.classes_[order],
            probabilities=probabilities[order],
            n_left_out=segmentation.n_left_out,
        )

    def frame_digits(self, number: NumberReading) -> NDArray[np.uint8]:
        """Frame the digits of a number, side by side as the network sees them."""
        framed = self.framer.transform([digit.crop.image for digit in number.digits])
        return np.hstack([as_image(row) for row in framed])

    @property
    def classes_(self) -> NDArray[Any]:
        """The labels, in the order of the probabilities."""
        return np.asarray(self.classifier.classes_)

    def predict_proba(self, images: list[Any]) -> FloatArray:
        """Predict the probabilities of the labels, a row for each image."""
        return self._predict_framed(self.framer.transform(images))

    def _predict_framed(self, framed: NDArray[np.uint8]) -> FloatArray:
        # A network without a normalizer before it was trained on pixels of 0 to 1.
        bare = isinstance(self.classifier, MNISTMLPClassifier)
        pixels = framed / np.float32(255) if bare else framed
        probabilities: FloatArray = self.classifier.predict_proba(pixels)
        return probabilities


def make_reader(model: Any) -> Reader:
    """Split a fitted model after its :class:`DigitFramer`, or add one before it.

    Parameters
    ----------
    model : estimator
        A fitted classifier of digits, or a pipeline or search that ends in one.

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
