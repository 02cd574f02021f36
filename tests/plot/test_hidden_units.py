"""HiddenUnitsDisplay: the right weights, scale and title."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sk_mnist import HiddenUnitsDisplay, MNISTMLPClassifier


def test_units_are_the_columns_of_the_first_layer(pipe):
    display = HiddenUnitsDisplay.from_estimator(pipe)
    expected = pipe[-1].coefs_[0][:, 31].reshape(28, 28)
    np.testing.assert_array_equal(display.images_[31].get_array(), expected)


def test_more_units_than_asked_for_are_counted_in_the_title(search):
    display = HiddenUnitsDisplay.from_estimator(search, n_units=10)
    assert len(display.images_) == 10
    assert display.ax_.get_title() == ("10 of 40 hidden units: weights of the pixels")


def test_without_hidden_layers_the_units_are_named_by_their_classes(digits):
    X, y = digits
    names = np.array(["zero", "one", *"23456789"])[y]
    network = MNISTMLPClassifier((), epochs=1, random_state=0)
    network.fit(X.reshape(len(X), -1) / 255, names)
    display = HiddenUnitsDisplay.from_estimator(network)
    assert [text.get_text() for text in display.texts_] == [*"23456789", "one", "zero"]
    assert display.ax_.get_title() == "10 classes: weights of the pixels"


def test_hidden_units_have_no_names(pipe):
    assert HiddenUnitsDisplay.from_estimator(pipe).texts_ == []


def test_a_thousand_units_make_a_picture_that_fits_a_screen():
    weights = np.random.default_rng(0).normal(size=(1000, 4, 4))
    display = HiddenUnitsDisplay(weights).plot()
    assert len(display.images_) == 1000
    width, height = display.figure_.get_size_inches()
    assert width <= 12.5
    assert 0.5 < height / width < 1


def test_units_share_one_scale_with_zero_in_its_middle(pipe):
    display = HiddenUnitsDisplay.from_estimator(pipe)
    limit = np.abs(display.weights).max()
    assert {image.get_clim() for image in display.images_} == {(-limit, limit)}
    assert (display.colorbar_.vmin, display.colorbar_.vmax) == (-limit, limit)


def test_units_of_images_that_are_not_square(pipe):
    display = HiddenUnitsDisplay.from_estimator(pipe, image_shape=(14, 56))
    assert display.weights.shape == (32, 14, 56)


def test_features_that_are_no_image_name_image_shape(pipe):
    with pytest.raises(ValueError, match=r"image_shape.*784.*\(20, 20\)"):
        HiddenUnitsDisplay.from_estimator(pipe, image_shape=(20, 20))


def test_units_are_drawn_in_axes_of_yours(pipe):
    ax = plt.subplots()[1]
    assert HiddenUnitsDisplay.from_estimator(pipe, ax=ax).ax_ is ax


def test_n_units_is_checked(pipe):
    with pytest.raises(ValueError, match="'n_units' parameter"):
        HiddenUnitsDisplay.from_estimator(pipe, n_units=0)
