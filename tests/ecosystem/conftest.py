"""A saved model that reads photos, for the tests of what uses it elsewhere."""

import io

import joblib
import numpy as np
import pytest
from PIL import Image
from sklearn.pipeline import make_pipeline

from networks import small
from sk_mnist import DigitFramer, ImageNormalizer


@pytest.fixture(scope="session")
def as_png():
    """A function that makes the bytes of an image file."""

    def encode(pixels):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "png")
        return file.getvalue()

    return encode


@pytest.fixture(scope="session")
def reader_file(sample_digits, tmp_path_factory):
    """A saved pipeline from photos to digits."""
    X, y = sample_digits.images[:600], sample_digits.target[:600]
    reader = make_pipeline(
        DigitFramer(), ImageNormalizer(), small(learning_rate=0.01, epochs=5)
    ).fit(X, y)
    path = tmp_path_factory.mktemp("model") / "reader.joblib"
    joblib.dump(reader, path)
    return path


@pytest.fixture(scope="session")
def photos(sample_digits, reader_file, as_png):
    """Image files of three dark digits on white paper, and how the model reads them."""
    digits = 255 - sample_digits.images[600:603]
    enlarged = [np.kron(digit, np.ones((4, 4), "u1")) for digit in digits]
    labels = joblib.load(reader_file).predict(enlarged)
    return [as_png(digit) for digit in enlarged], labels.tolist()
