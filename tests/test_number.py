"""Images of several digits, read as numbers."""

import numpy as np
import pytest
from PIL import Image
from sklearn.pipeline import Pipeline, make_pipeline

from images.numbers import first_contact
from sk_mnist import (
    DigitFramer,
    ElasticDeformation,
    ImageNormalizer,
    MNISTMLPClassifier,
    find_digits,
    read_number,
)


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


@pytest.fixture(scope="module")
def sure_reader(sample_digits):
    """A reader that half of the sample digits have taught to be sure."""
    classifier = MNISTMLPClassifier(
        epochs=60, augmentation=ElasticDeformation(), random_state=0
    )
    reader = make_pipeline(DigitFramer(), ImageNormalizer(), classifier)
    return reader.fit(sample_digits.images[::2], sample_digits.target[::2])


@pytest.fixture(scope="module")
def known(sample_digits, sure_reader):
    """80 images of single digits that it reads right, and their labels."""
    images, labels = sample_digits.images[1::2], sample_digits.target[1::2]
    known = np.flatnonzero(sure_reader.predict(images) == labels)[:80]
    return images[known], labels[known]


def side_by_side(left, right):
    """One shape: the right digit moved to the left until it touches."""
    x = 8 + first_contact(left > 127, right > 127)
    image = np.zeros((44, 80), np.uint8)
    image[8:36, 8:36] = left
    image[8:36, x : x + 28] = np.maximum(image[8:36, x : x + 28], right)
    return image


@pytest.fixture(scope="module")
def pairs(sure_reader, known):
    """Readings of 40 pairs of digits that touch, and whether each is right."""
    images, labels = known
    pairs = np.arange(len(images)).reshape(-1, 2)
    touching = [side_by_side(*images[pair]) for pair in pairs]
    assert {len(find_digits(image)) for image in touching} == {1}
    readings = [read_number(sure_reader, image) for image in touching]
    texts = ["".join(map(str, labels[pair])) for pair in pairs]
    return readings, np.array([r.text for r in readings]) == texts


def test_digits_that_touch_are_split(pairs):
    _, are_right = pairs
    assert are_right.mean() >= 0.4


def test_where_digits_are_split_they_are_read_right(pairs):
    readings, are_right = pairs
    are_split = [len(reading.digits) > 1 for reading in readings]
    assert are_right[are_split].mean() >= 0.9


def test_boxes_of_split_digits_follow_each_other_in_the_image(pairs):
    split = [reading.digits for reading in pairs[0] if len(reading.digits) == 2]
    assert split
    for left, right in split:
        middles = [(digit.box[0] + digit.box[2]) / 2 for digit in (left, right)]
        assert 0 <= left.box[0] < middles[0] < middles[1] < right.box[2] <= 80


def test_one_digit_is_not_split(sure_reader, known):
    for image in known[0]:
        assert len(read_number(sure_reader, image).digits) == 1


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
