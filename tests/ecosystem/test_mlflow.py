"""MLflow logs a pipeline of ours, and loads it."""

import pytest
from numpy.testing import assert_array_equal

mlflow_sklearn = pytest.importorskip("mlflow.sklearn", reason="MLflow is not installed")


def test_a_pipeline_is_saved_and_loaded(fitted_pipeline, sample_digits, tmp_path):
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'runs.db'}")
    experiment = mlflow.create_experiment("digits", (tmp_path / "files").as_uri())
    with mlflow.start_run(experiment_id=experiment):
        logged = mlflow_sklearn.log_model(
            fitted_pipeline, name="reader", serialization_format="cloudpickle"
        )
    loaded = mlflow_sklearn.load_model(logged.model_uri)
    X = sample_digits.data
    assert_array_equal(loaded.predict_proba(X), fitted_pipeline.predict_proba(X))
