"""A fit may train on digits of other schools too; never on data that are no digits."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from sk_mnist import MNISTMLPClassifier, make_handwritten_digits

# Drawn as MNIST's writers do, and in forms that they do not use.
USUAL = ["1", "7"]
FLAGGED = ["1 with a long flag"]


@pytest.fixture(scope="module")
def usual():
    X, y = make_handwritten_digits(600, forms=USUAL, random_state=0)
    return X.astype(np.float32) / 255, y


@pytest.fixture(scope="module")
def flagged():
    X, y = make_handwritten_digits(300, forms=FLAGGED, random_state=1)
    return X.astype(np.float32) / 255, y


def network(**parameters):
    settings = {"hidden_units": 64, "epochs": 8, "random_state": 0, **parameters}
    return MNISTMLPClassifier(**settings)


@pytest.fixture(scope="module")
def without(usual):
    return network().fit(*usual)


@pytest.fixture(scope="module")
def drawn(usual):
    return network(drawn_digits=1.0).fit(*usual)


def test_they_teach_the_forms_of_other_schools(without, drawn, flagged):
    assert drawn.score(*flagged) > max(0.95, without.score(*flagged))


@pytest.mark.parametrize("as_labels", [lambda y: y.astype(str), lambda y: y * 1.0])
def test_labels_may_be_texts_or_numbers(usual, drawn, as_labels):
    X, y = usual
    same = network(drawn_digits=1.0).fit(X, as_labels(y))
    np.testing.assert_array_equal(same.coefs_[0], drawn.coefs_[0])


def test_a_sparse_matrix_gets_the_same_ones(usual, drawn):
    X, y = usual
    same = network(drawn_digits=1.0).fit(csr_matrix(X), y)
    np.testing.assert_array_equal(same.coefs_[0], drawn.coefs_[0])


def test_they_are_weighted_as_their_classes(usual, flagged):
    X, y = usual
    weights = {1: 0.0, 7: 1.0}
    only_sevens = network(drawn_digits=1.0, class_weight=weights).fit(X, y)
    assert (only_sevens.predict(flagged[0]) == 7).all()


@pytest.mark.parametrize(
    ("what", "prepare"),
    [
        ("y has labels", lambda X, y: (X, np.where(y == 1, "dress", "shoe"))),
        ("y has labels", lambda X, y: (X, y + 9)),
        ("y has labels", lambda X, y: (X, y == 7)),
        ("X is not made", lambda X, y: (X[:, :700], y)),
        ("X is not made", lambda X, y: (2 * X - 1, y)),
        ("X is not made", lambda X, y: (np.roll(X, 5, axis=1), y)),
    ],
    ids=["texts", "numbers", "truths", "size", "range", "frame"],
)
def test_other_data_get_none_and_a_warning(usual, what, prepare):
    X, y = prepare(*usual)
    with pytest.warns(UserWarning, match=rf"drawn_digits=1.0 adds nothing.*{what}"):
        asked = network(drawn_digits=1.0, epochs=1).fit(X, y)
    assert asked.n_iter_ == 1


def test_a_share_below_0_is_refused(usual):
    with pytest.raises(ValueError, match="'drawn_digits' parameter"):
        network(drawn_digits=-0.5).fit(*usual)
