"""scikit-learn's tools on the whole pipeline, from raw images to labels."""

import joblib
import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.inspection import permutation_importance
from sklearn.metrics import ConfusionMatrixDisplay, classification_report
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    cross_validate,
    learning_curve,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline

from sk_mnist import ImageNormalizer, MNISTMLPClassifier


@pytest.fixture(scope="module")
def images(sample_digits):
    """300 raw images, as rows of bytes, and their labels."""
    return sample_digits.data[:300], sample_digits.target[:300]


@pytest.fixture(scope="module")
def held_out(sample_digits):
    """The half of the images that `fitted_pipeline` has not seen."""
    return sample_digits.data[1::2], sample_digits.target[1::2]


@pytest.fixture
def pipeline():
    return Pipeline(
        [
            ("normalize", ImageNormalizer()),
            (
                "mlp",
                MNISTMLPClassifier(16, learning_rate=0.01, epochs=5, random_state=0),
            ),
        ]
    )


def test_pipeline_reads_raw_images_in_both_layouts(pipeline, sample_digits):
    X, y = sample_digits.data[:300], sample_digits.target[:300]
    of_rows = clone(pipeline).fit(X, y)
    of_images = clone(pipeline).fit(sample_digits.images[:300], y)
    assert_array_equal(
        of_rows.predict(X), of_images.predict(sample_digits.images[:300])
    )


def test_classification_report(fitted_pipeline, held_out):
    X, y = held_out
    report = classification_report(y, fitted_pipeline.predict(X), output_dict=True)
    assert {str(digit) for digit in range(10)} < report.keys()
    assert report["accuracy"] == fitted_pipeline.score(X, y) > 0.85


def test_confusion_matrix_display(fitted_pipeline, held_out):
    X, y = held_out
    display = ConfusionMatrixDisplay.from_estimator(fitted_pipeline, X, y)
    assert display.confusion_matrix.shape == (10, 10)
    assert display.confusion_matrix.sum() == len(y)
    display.figure_.clear()


def test_cross_validate(pipeline, images):
    X, y = images
    scores = cross_validate(
        pipeline, X, y, cv=3, scoring=["accuracy", "neg_log_loss", "roc_auc_ovr"]
    )
    assert scores["test_accuracy"].min() > 0.4
    assert scores["test_roc_auc_ovr"].min() > 0.8


def test_learning_curve(pipeline, images):
    X, y = images
    sizes, _, scores = learning_curve(
        pipeline, X, y, cv=2, train_sizes=[50, 100, 150], shuffle=True, random_state=0
    )
    assert_array_equal(sizes, [50, 100, 150])
    assert scores[2].mean() > scores[0].mean()


@pytest.mark.parametrize("ensemble", [True, False])
def test_calibrated_classifier(pipeline, images, held_out, ensemble):
    calibrated = CalibratedClassifierCV(
        pipeline.set_params(mlp__learning_rate=0.01), cv=2, ensemble=ensemble
    )
    calibrated.fit(*images)
    probabilities = calibrated.predict_proba(held_out[0])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    assert calibrated.score(*held_out) > 0.75


@pytest.mark.parametrize("voting", ["soft", "hard"])
def test_voting_classifier(pipeline, images, held_out, voting):
    neighbors = make_pipeline(ImageNormalizer(), KNeighborsClassifier(3))
    members = [("mlp", pipeline), ("neighbors", neighbors)]
    voted = VotingClassifier(members, voting=voting).fit(*images)
    assert voted.score(*held_out) > 0.75


def test_permutation_importance(sample_digits, fitted_pipeline):
    X, y = sample_digits.data[::30], sample_digits.target[::30]
    importances = permutation_importance(
        fitted_pipeline, X, y, scoring="neg_log_loss", n_repeats=1, random_state=0
    ).importances_mean
    assert importances.shape == (784,)
    border = np.zeros((28, 28), dtype=bool)
    border[[0, -1], :] = border[:, [0, -1]] = True
    assert not importances[border.ravel()].any()
    assert importances.max() > 0


@pytest.mark.parametrize("resource", ["n_samples", "mlp__epochs"])
def test_halving_grid_search(pipeline, images, resource):
    most = {"n_samples": "auto", "mlp__epochs": 6}[resource]
    search = HalvingGridSearchCV(
        pipeline,
        {"mlp__learning_rate": [1e-5, 1e-3, 1e-2]},
        resource=resource,
        min_resources={"n_samples": 100, "mlp__epochs": 2}[resource],
        max_resources=most,
        cv=2,
        random_state=0,
    ).fit(*images)
    assert search.best_params_["mlp__learning_rate"] == 1e-2


def test_repeated_searches_agree(pipeline, images):
    first, second = (
        GridSearchCV(pipeline, {"mlp__epochs": [2, 4]}, cv=2).fit(*images)
        for _ in range(2)
    )
    assert_array_equal(
        first.cv_results_["mean_test_score"], second.cv_results_["mean_test_score"]
    )


@pytest.fixture(scope="module")
def search(images):
    """A parallel search over shapes of the network."""
    pipeline = Pipeline(
        [
            ("normalize", ImageNormalizer()),
            ("mlp", MNISTMLPClassifier(random_state=0)),
        ]
    )
    grid = {"mlp__hidden_units": [8, 16, (16, 8)], "mlp__epochs": [2, 5]}
    return GridSearchCV(pipeline, grid, cv=3, n_jobs=2, error_score="raise").fit(
        *images
    )


def test_parallel_grid_search(search, images):
    X, y = images
    assert len(search.cv_results_["params"]) == 6
    assert search.best_params_ == {"mlp__hidden_units": 16, "mlp__epochs": 5}
    serial = GridSearchCV(
        search.estimator,
        {name: [value] for name, value in search.best_params_.items()},
        cv=3,
    ).fit(X, y)
    # Workers have a thread each; another number of threads rounds otherwise.
    np.testing.assert_allclose(serial.best_score_, search.best_score_, atol=0.01)


PREDICT_IN_A_FRESH_PROCESS = """
import sys
import joblib, numpy as np
model = joblib.load(sys.argv[1])
np.save(sys.argv[3], model.predict(np.load(sys.argv[2])))
assert "tensorflow" not in sys.modules and "keras" not in sys.modules
"""


def test_best_pipeline_predicts_in_a_fresh_process_without_tensorflow(
    search, held_out, tmp_path, run_python
):
    X, _ = held_out
    joblib.dump(search.best_estimator_, tmp_path / "best.joblib")
    np.save(tmp_path / "X.npy", X)
    completed = run_python(
        PREDICT_IN_A_FRESH_PROCESS,
        *(tmp_path / name for name in ("best.joblib", "X.npy", "labels.npy")),
    )
    assert completed.returncode == 0, completed.stderr
    assert completed.stderr == ""
    assert_array_equal(np.load(tmp_path / "labels.npy"), search.predict(X))


def fit_and_tell_threads(pipeline, X, y):
    pipeline.fit(X, y)
    import tensorflow as tf

    return tf.config.threading.get_intra_op_parallelism_threads()


def test_worker_uses_its_share_of_threads(pipeline, images):
    # Workers of other tests may have imported Keras before sk_mnist could set it.
    get_reusable_executor().shutdown(wait=True)
    share = max(joblib.cpu_count() // 2, 1)
    threads = joblib.Parallel(n_jobs=2)(
        joblib.delayed(fit_and_tell_threads)(pipeline, *images) for _ in range(2)
    )
    assert threads == [share, share]


@pytest.mark.mnist
def test_five_epochs_on_mnist(mnist):
    (X_train, y_train), (X_test, y_test) = mnist
    pipeline = Pipeline(
        [
            ("normalize", ImageNormalizer()),
            ("mlp", MNISTMLPClassifier(epochs=5, random_state=0)),
        ]
    )
    assert pipeline.fit(X_train, y_train).score(X_test, y_test) >= 0.975
