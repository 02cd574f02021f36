"""scikit-learn's estimators of estimators, around the network."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_selection import RFE, SelectFromModel
from sklearn.inspection import partial_dependence
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.semi_supervised import SelfTrainingClassifier

from networks import small


def network(**parameters):
    return small(**{"learning_rate": 0.03, "epochs": 10, **parameters})


@pytest.fixture(scope="module")
def zeros(digits):
    """The digits, labeled whether they are a 0."""
    X, y = digits
    return X, (y == 0).astype(int)


@pytest.mark.parametrize(
    "ensemble",
    [
        BaggingClassifier(network(), n_estimators=2, random_state=0),
        BaggingClassifier(
            network(), n_estimators=2, max_samples=0.5, bootstrap=False, random_state=0
        ),
        AdaBoostClassifier(network(), n_estimators=2, random_state=0),
        StackingClassifier(
            [("network", network()), ("bayes", GaussianNB())],
            LogisticRegression(max_iter=200),
            cv=2,
        ),
        VotingClassifier([("a", network()), ("b", GaussianNB())], voting="soft"),
    ],
    ids=["bagging", "pasting", "boosting", "stacking", "voting"],
)
def test_ensemble(ensemble, digits, other_digits):
    assert ensemble.fit(*digits).score(*other_digits) > 0.7


@pytest.mark.parametrize("strategy", [OneVsRestClassifier, OneVsOneClassifier])
def test_a_network_for_each_class_or_pair(strategy, digits, other_digits):
    (X, y), (X_other, y_other) = (
        (X[y < 3], y[y < 3]) for X, y in (digits, other_digits)
    )
    assert strategy(network()).fit(X, y).score(X_other, y_other) > 0.8


def test_self_training_learns_from_unlabeled_digits(digits, other_digits):
    X, y = digits
    labels = np.where(np.arange(len(y)) < 100, y, -1)
    taught = SelfTrainingClassifier(network(), threshold=0.7, max_iter=2).fit(X, labels)
    assert (taught.labeled_iter_ > 0).any()
    assert taught.score(*other_digits) > 0.7


def test_fixed_threshold(zeros):
    X, y = zeros
    always, never = (
        FixedThresholdClassifier(network(), threshold=threshold).fit(X, y).predict(X)
        for threshold in (0.0, 1.0)
    )
    assert always.all()
    assert not never.any()


def test_tuned_threshold(zeros):
    tuned = TunedThresholdClassifierCV(network(), scoring="f1", cv=2, random_state=0)
    tuned.fit(*zeros)
    assert 0 < tuned.best_threshold_ < 1
    assert tuned.best_score_ > 0.8


def test_search_by_several_metrics(digits):
    search = GridSearchCV(
        network(),
        {"epochs": [1, 10]},
        cv=2,
        scoring=["accuracy", "neg_log_loss", "roc_auc_ovr", "top_k_accuracy"],
        refit="neg_log_loss",
    ).fit(*digits)
    assert search.best_params_ == {"epochs": 10}
    results = search.cv_results_
    assert (results["mean_test_top_k_accuracy"] >= results["mean_test_accuracy"]).all()


def weight_of_pixels(fitted):
    return np.abs(fitted.coefs_[0]).sum(axis=1)


def test_recursive_feature_elimination(digits):
    selector = RFE(
        network(epochs=1),
        n_features_to_select=16,
        step=24,
        importance_getter=weight_of_pixels,
    ).fit(*digits)
    assert selector.support_.sum() == 16
    assert selector.estimator_.n_features_in_ == 16


def test_select_from_model(digits):
    selector = SelectFromModel(
        network(),
        max_features=16,
        threshold=-np.inf,
        importance_getter=weight_of_pixels,
    ).fit(*digits)
    assert selector.transform(digits[0]).shape == (401, 16)


def test_partial_dependence(fitted, digits):
    X, _ = digits
    grid = np.array([0.0, 0.5, 1.0])
    result = partial_dependence(fitted, X[:50], [20], custom_values={20: grid})
    expected = []
    for value in grid:
        changed = X[:50].copy()
        changed[:, 20] = value
        expected.append(fitted.predict_proba(changed).mean(axis=0))
    assert_allclose(result["average"], np.transpose(expected), rtol=1e-5)
