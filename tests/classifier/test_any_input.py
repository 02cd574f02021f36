"""Whatever comes in: the right answer, or an error that a user can read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import inputs
from fault_counts import held
from networks import assert_same_network, small

pytestmark = [
    pytest.mark.timeout(3600),
    # Rows of pixels as whole numbers, and labels as a column, get warnings.
    pytest.mark.filterwarnings("ignore::UserWarning"),
]

KINDS_OF_PIXELS = "Rows of pixels of any container, type and shape"
KINDS_OF_LABELS = "Labels of any container, type and shape"
RIGHT_OR_NAMED = "The right answer, or a ValueError or TypeError in plain words."
MISTAKES = (ValueError, TypeError)

seeds = st.integers(0, 2**32 - 1)


def codes_of(X):
    """Three classes, all of them there."""
    return np.arange(len(X)) % 3


@given(kind=st.sampled_from(list(inputs.SAME)), seed=seeds, n_rows=st.integers(1, 30))
def test_the_same_pixels_get_the_same_prediction(fitted, kind, seed, n_rows):
    X = inputs.pixels(seed, n_rows)
    given_as = inputs.SAME[kind](X)
    assert_allclose(fitted.predict_proba(given_as), fitted.predict_proba(X), atol=1e-6)
    held(KINDS_OF_PIXELS, RIGHT_OR_NAMED)


@given(kind=st.sampled_from(list(inputs.DIFFERENT)), seed=seeds)
def test_no_pixels_get_an_error_when_predicting(fitted, kind, seed):
    with pytest.raises(MISTAKES) as error:
        fitted.predict(inputs.DIFFERENT[kind](inputs.pixels(seed, 7)))
    assert is_readable(error)
    held(KINDS_OF_PIXELS, RIGHT_OR_NAMED)


@given(kind=st.sampled_from(list(inputs.SAME)), seed=seeds)
def test_the_same_pixels_train_the_same_network(kind, seed):
    X = inputs.pixels(seed, 30)
    trained = small(epochs=1).fit(inputs.SAME[kind](X), codes_of(X))
    assert_same_network(trained, small(epochs=1).fit(X, codes_of(X)))
    held(KINDS_OF_PIXELS, RIGHT_OR_NAMED)


# A network of another width would be another compiled one.
not_trained_on = set(inputs.DIFFERENT) - {"a column too few", "a column too many"}


@given(kind=st.sampled_from(sorted(not_trained_on)), seed=seeds)
def test_no_pixels_get_an_error_when_training(kind, seed):
    X = inputs.pixels(seed, 30)
    with pytest.raises(MISTAKES) as error:
        small(epochs=1).fit(inputs.DIFFERENT[kind](X), codes_of(X))
    assert is_readable(error)
    held(KINDS_OF_PIXELS, RIGHT_OR_NAMED)


@given(kind=st.sampled_from(list(inputs.LABELS)), seed=seeds)
def test_labels_of_any_kind_come_back(kind, seed):
    X = inputs.pixels(seed, 30)
    labels = inputs.LABELS[kind](codes_of(X))
    network = small(epochs=1).fit(X, labels)
    assert_array_equal(network.classes_, np.unique(np.asarray(labels)))
    assert set(network.predict(X)) <= set(np.asarray(labels).tolist())
    held(KINDS_OF_LABELS, RIGHT_OR_NAMED)


@given(kind=st.sampled_from(list(inputs.WRONG_LABELS)), seed=seeds)
def test_wrong_labels_get_an_error(kind, seed):
    X = inputs.pixels(seed, 30)
    with pytest.raises(MISTAKES) as error:
        small(epochs=1).fit(X, inputs.WRONG_LABELS[kind](codes_of(X)))
    assert is_readable(error)
    held(KINDS_OF_LABELS, RIGHT_OR_NAMED)


def is_readable(error):
    """The error is one of this package or of scikit-learn, not of TensorFlow."""
    files = [str(entry.path) for entry in error.traceback]
    return str(error.value) and not any("tensorflow" in file for file in files)


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 12),
    st.floats(),
    st.sampled_from(["", "adam", "relu", "nothing", "balanced", "cosine", "tanh"]),
    st.lists(st.integers(-2, 9), max_size=3),
    st.tuples(st.floats(allow_nan=True)),
    st.just({}),
    st.just({0: 1.0}),
    st.just(np.array([4, 4])),
    st.builds(object),
    st.just(int),
    st.just(len),
    st.just(1j),
    st.just(b"adam"),
    st.just(np.float32(0.5)),
    st.just(np.int8(3)),
)


@given(name=st.sampled_from(sorted(small().get_params())), value=anything)
def test_any_value_of_a_parameter_is_taken_or_named(name, value):
    X = inputs.pixels(1, 30)
    network = small(**{"epochs": 1, name: value})
    try:
        network.fit(X, codes_of(X))
    except MISTAKES as error:
        assert name in str(error)  # noqa: PT017
    else:
        assert np.isfinite(network.predict_proba(X)).all()
    held(
        "A parameter of any type and value",
        "A network, or a ValueError or TypeError that names the parameter.",
    )
