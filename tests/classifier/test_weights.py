"""Weights of samples and classes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.utils.class_weight import compute_sample_weight

from networks import assert_same_network, small, weights
from sk_mnist import ImageNormalizer


def test_integer_weights_equal_repetition(digits):
    X, y = digits[0][:60], digits[1][:60]
    times = np.arange(60) % 4
    # One batch holds all, as the order of the rows differs with their number.
    classifier = small(batch_size=128, epochs=20, learning_rate=0.01)
    weighted = clone(classifier).fit(X, y, sample_weight=times)
    repeated = clone(classifier).fit(X.repeat(times, axis=0), y.repeat(times))
    assert_allclose(weights(weighted), weights(repeated), atol=1e-5)
    assert_allclose(weighted.history_["loss"], repeated.history_["loss"], rtol=1e-5)
    assert_allclose(
        weighted.predict_proba(X), repeated.predict_proba(X), rtol=0, atol=1e-5
    )


def test_samples_of_weight_0_are_as_if_they_were_not_there(digits):
    X, y = digits
    kept = np.arange(len(X)) % 3 > 0
    weighted = small().fit(X, y, sample_weight=kept.astype(float))
    assert_allclose(
        weights(weighted), weights(small().fit(X[kept], y[kept])), atol=1e-5
    )


def test_only_the_ratio_of_weights_counts(digits, baseline):
    X, y = digits
    scaled = small().fit(X, y, sample_weight=np.full(len(X), 1000.0))
    assert_allclose(weights(scaled), weights(baseline), atol=1e-5)


@pytest.mark.parametrize(
    ("sample_weight", "message"),
    [
        (-1.0, "Negative values in data passed to `sample_weight`"),
        (np.nan, "NaN"),
        (0.0, "(?i)sample.weight.* (0|zero|non-zero)"),
    ],
)
def test_wrong_sample_weights_get_a_clear_error(digits, sample_weight, message):
    X, y = digits
    for train in (
        small().fit,
        lambda X, y, w: small().partial_fit(X, y, np.arange(10), w),
    ):
        with pytest.raises(ValueError, match=message):
            train(X, y, np.full(len(X), sample_weight))


@pytest.mark.parametrize(
    "relabel",
    [np.asarray, lambda y: np.array(list("abcdefghij"))[y], lambda y: y.astype(str)],
    ids=["integers", "strings", "strings of digits"],
)
def test_class_weights_are_sample_weights_by_label(digits, relabel):
    X, y = digits[0], relabel(digits[1])
    three = np.unique(y)[3]
    weighted = small(class_weight={three: 5.0}).fit(X, y)
    by_sample = small().fit(X, y, sample_weight=np.where(y == three, 5.0, 1.0))
    assert_same_network(weighted, by_sample)


def test_balanced_class_weights(digits):
    X, y = digits
    y = np.minimum(y, 5)  # half of them are a 5
    balanced = small(class_weight="balanced").fit(X, y)
    by_sample = small().fit(X, y, sample_weight=compute_sample_weight("balanced", y))
    assert_same_network(balanced, by_sample)


def test_class_weights_are_multiplied_with_sample_weights(digits):
    X, y = digits
    sample_weight = np.linspace(0.5, 2, len(X))
    both = small(class_weight={3: 4.0}).fit(X, y, sample_weight)
    product = small().fit(X, y, sample_weight * np.where(y == 3, 4.0, 1.0))
    assert_allclose(weights(both), weights(product), atol=1e-6)


@pytest.mark.parametrize("class_weight", [{33: 2.0}, {3: -2.0}, {3: np.nan}])
def test_wrong_class_weights_get_a_clear_error(digits, class_weight):
    with pytest.raises(ValueError, match=r"class_weight|[Nn]egative|NaN"):
        small(class_weight=class_weight).fit(*digits)


# Routed by scikit-learn


def test_weights_are_routed_through_a_pipeline(digits):
    X, y = digits
    sample_weight = np.where(y == 3, 5.0, 1.0)
    direct = small().fit(ImageNormalizer().fit_transform(X), y, sample_weight)
    pipeline = make_pipeline(ImageNormalizer(), small())
    pipeline.fit(X, y, mnistmlpclassifier__sample_weight=sample_weight)
    assert_same_network(pipeline[-1], direct)
    with config_context(enable_metadata_routing=True):
        classifier = small().set_fit_request(sample_weight=True)
        pipeline = make_pipeline(ImageNormalizer(), classifier)
        pipeline.fit(X, y, sample_weight=sample_weight)
    assert_same_network(pipeline[-1], direct)


def test_weights_are_routed_through_cross_validation(digits):
    X, y = digits
    with config_context(enable_metadata_routing=True):
        classifier = small().set_fit_request(sample_weight=True)
        classifier.set_score_request(sample_weight=False)
        weighted, plain = (
            cross_validate(classifier, X, y, params=params, cv=2, return_estimator=True)
            for params in ({"sample_weight": np.where(y == 3, 50.0, 1.0)}, {})
        )
    first, second = weighted["estimator"][0], plain["estimator"][0]
    assert (first.predict(X) == 3).sum() > (second.predict(X) == 3).sum()
