"""Digits drawn from strokes look like MNIST's: in its frame, and readable."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sk_mnist import (
    DigitFramer,
    MNISTMLPClassifier,
    get_digit_form_names,
    make_handwritten_digits,
)


@pytest.fixture(scope="module")
def drawn():
    return make_handwritten_digits(2000, random_state=0)


def test_they_have_the_shape_of_mnist(drawn):
    X, y = drawn
    assert (X.shape, X.dtype, X.max()) == ((2000, 784), np.uint8, 255)
    assert (y.shape, y.dtype) == ((2000,), np.int64)


def test_the_framer_leaves_them_as_they_are(drawn):
    assert_array_equal(DigitFramer().transform(drawn[0]), drawn[0])


def test_all_digits_are_about_as_frequent(drawn):
    assert np.bincount(drawn[1], minlength=10).min() > 150


def test_a_seed_gives_the_same_digits(drawn):
    X, y = make_handwritten_digits(2000, random_state=0)
    assert_array_equal(X, drawn[0])
    assert_array_equal(y, drawn[1])
    assert (make_handwritten_digits(2000, random_state=1)[0] != drawn[0]).any()


def test_no_two_hands_are_the_same(drawn):
    assert len(np.unique(drawn[0], axis=0)) == len(drawn[0])


@pytest.mark.parametrize("form", get_digit_form_names())
def test_each_form_is_drawn_alone(form):
    X, y = make_handwritten_digits(5, forms=[form], random_state=0)
    assert set(y) == {int(form[0])}
    assert (X.max(axis=1) > 200).all()


def test_all_digits_have_several_forms():
    digits = [name[0] for name in get_digit_form_names()]
    assert all(digits.count(digit) >= 3 for digit in "0123456789")


def test_a_small_network_learns_to_read_them(drawn):
    X, y = drawn
    network = MNISTMLPClassifier(epochs=10, random_state=0).fit(X / 255, y)
    others, labels = make_handwritten_digits(1000, random_state=1)
    assert network.score(others / 255, labels) > 0.9


def test_none_can_be_asked_for():
    X, y = make_handwritten_digits(0)
    assert (X.shape, y.shape) == ((0, 784), (0,))


@pytest.mark.parametrize("forms", [["7 with two bars"], []])
def test_unknown_forms_are_named(forms):
    with pytest.raises(ValueError, match=r"forms must be .*get_digit_form_names\(\)"):
        make_handwritten_digits(5, forms=forms)


@pytest.mark.parametrize(
    "forms", [[["7"]], [1, "a"], {"7"}, np.array("7"), [{}], ["7", None]], ids=repr
)
def test_what_names_no_forms_is_refused(forms):
    with pytest.raises(ValueError, match=r"forms must be one or more names.*Got"):
        make_handwritten_digits(3, forms=forms)


@pytest.mark.parametrize("n_samples", [10**12, 10**400], ids=["large", "huge"])
def test_more_digits_than_fit_into_memory_are_refused(n_samples):
    with pytest.raises(ValueError, match=r"n_samples=10+ digits.*memory"):
        make_handwritten_digits(n_samples)
