"""Images of several digits, read as numbers."""

import numpy as np
import pytest
from PIL import Image
from sklearn.pipeline import Pipeline

from sk_mnist import DigitFramer, read_number


@pytest.fixture(scope="module")
def reader(fitted_pipeline):
    return Pipeline([("frame", DigitFramer()), *fitted_pipeline.steps])


@pytest.fixture(scope="module")
def number(sample_digits, reader):
    """Two lines of digits that the reader knows, and their labels."""
    known = np.flatnonzero(reader.predict(sample_digits.images) == sample_digits.target)
    images = sample_digits.images[known[:6]]
    lines = [np.hstack(list(images[:4])), np.hstack([*images[4:], *0 * images[:2]])]
    labels = "".join(map(str, sample_digits.target[known[:6]]))
    return np.vstack(lines), f"{labels[:4]}\n{labels[4:]}"


def test_lines_are_read_in_order(reader, number):
    image, text = number
    assert read_number(reader, image).text == text


def test_confidence_is_the_product_of_the_digits(reader, number):
    reading = read_number(reader, number[0])
    each = [digit.confidence for digit in reading.digits]
    assert reading.confidence == pytest.approx(np.prod(each))


def test_a_shape_as_wide_as_two_digits_is_doubtful(reader):
    touching = np.zeros((60, 140), np.uint8)
    touching[20:40, 20:120] = np.asarray(Image.radial_gradient("L").resize((100, 20)))
    assert read_number(reader, 255 - touching).is_doubtful


class Worded:
    """A reader whose labels are words."""

    def __init__(self, reader):
        self.predict_proba = reader.predict_proba
        names = "zero one two three four five six seven eight nine"
        self.classes_ = np.array(names.split())


def test_labels_that_are_words_have_spaces_between_them(reader, number):
    image, text = number
    words = Worded(reader)
    expected = [
        " ".join(words.classes_[int(digit)] for digit in line)
        for line in text.split("\n")
    ]
    assert read_number(words, image).lines == expected
