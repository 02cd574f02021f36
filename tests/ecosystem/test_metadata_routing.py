"""Sample weights and validation data find their way through pipelines and searches."""

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import Pipeline

from networks import assert_same_network, small
from old_versions import fails_before
from sk_mnist import ImageNormalizer


@pytest.fixture(autouse=True)
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.fixture(scope="module")
def images(sample_digits):
    return sample_digits.data[:200], sample_digits.target[:200]


@pytest.fixture(scope="module")
def weight(images):
    """Only every second image counts."""
    return (np.arange(200) % 2).astype(float)


def weighted():
    return small().set_fit_request(sample_weight=True)


def in_pipeline(network, **options):
    return Pipeline([("normalize", ImageNormalizer()), ("mlp", network)], **options)


def test_weights_reach_the_network_in_a_pipeline(images, weight):
    X, y = images
    pipeline = in_pipeline(weighted()).fit(X, y, sample_weight=weight)
    rows = ImageNormalizer().fit_transform(X)
    assert_same_network(pipeline[1], small().fit(rows, y, sample_weight=weight))


def test_weights_reach_the_networks_of_a_search(images, weight):
    X, y = images
    folds = [(np.arange(150), np.arange(150, 200))]
    unweighted = make_scorer(accuracy_score).set_score_request(sample_weight=False)
    search = GridSearchCV(
        in_pipeline(weighted()), {"mlp__epochs": [1, 2]}, cv=folds, scoring=unweighted
    ).fit(X, y, sample_weight=weight)
    expected = clone(search.best_estimator_).fit(X, y, sample_weight=weight)
    assert_same_network(search.best_estimator_[1], expected[1])


def test_weights_that_nobody_asked_for_are_refused(images, weight):
    with pytest.raises(ValueError, match="sample_weight"):
        in_pipeline(small()).fit(*images, sample_weight=weight)


@fails_before("scikit-learn", "1.8", "does not route to the score of a Pipeline")
def test_weights_reach_the_score(images, weight):
    X, y = images
    pipeline = in_pipeline(weighted().set_score_request(sample_weight=True))
    folds = [(np.arange(150), np.arange(150, 200))]
    scores = cross_validate(pipeline, X, y, cv=folds, params={"sample_weight": weight})
    pipeline.fit(X[:150], y[:150], sample_weight=weight[:150])
    counted = slice(151, None, 2)
    assert scores["test_score"][0] == pytest.approx(
        pipeline.score(X[counted], y[counted], sample_weight=np.ones(25))
    )


def test_validation_data_are_normalized_on_their_way(images):
    X, y = images
    network = small().set_fit_request(X_val=True, y_val=True)
    pipeline = in_pipeline(network, transform_input=["X_val"])
    pipeline.fit(X[:150], y[:150], X_val=X[150:], y_val=y[150:])
    rows = ImageNormalizer().fit_transform(X)
    expected = small().fit(rows[:150], y[:150], X_val=rows[150:], y_val=y[150:])
    assert_array_equal(pipeline[1].history_["val_loss"], expected.history_["val_loss"])
