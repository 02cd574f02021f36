"""Optuna searches, and a Keras callback stops what does not promise."""

from pathlib import Path

import pytest
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline

from networks import small
from sk_mnist import ImageNormalizer

optuna = pytest.importorskip("optuna", reason="optuna is not installed")


EXAMPLE = Path(__file__).parents[2] / "examples" / "optuna_search.py"


@pytest.fixture(scope="module")
def report_class():
    """The callback of the example, which its first cell defines."""
    _, first_cell, *_ = EXAMPLE.read_text("utf-8").split("# %%\n")
    names = {}
    exec(first_cell, names)
    return names["Report"]


@pytest.fixture(autouse=True)
def quiet():
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def test_a_callback_prunes_weak_trials(digits, report_class):
    rates = iter([0.03, 1e-6, 0.03])

    def objective(trial):
        network = small(
            epochs=4,
            learning_rate=next(rates),
            validation_split=0.25,
            callbacks=[report_class(trial)],
        )
        return network.fit(*digits).history_["val_accuracy"][-1]

    study = optuna.create_study(
        direction="maximize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=1, n_warmup_steps=1),
    )
    study.optimize(objective, n_trials=3)
    first, second, third = study.trials
    assert second.state == optuna.trial.TrialState.PRUNED
    assert len(second.intermediate_values) < 4
    assert first.value == third.value


@pytest.mark.filterwarnings("ignore:OptunaSearchCV is experimental")
@pytest.mark.filterwarnings("ignore:`optuna.terminator` module:FutureWarning")
def test_optuna_search_cv(sample_digits):
    integration = pytest.importorskip(
        "optuna_integration", reason="optuna-integration is not installed"
    )
    X, y = sample_digits.data[:200], sample_digits.target[:200]
    pipeline = make_pipeline(ImageNormalizer(), small(epochs=3))
    name = "mnistmlpclassifier__learning_rate"
    search = integration.OptunaSearchCV(
        pipeline,
        {name: optuna.distributions.CategoricalDistribution([1e-6, 0.01])},
        cv=StratifiedKFold(2),
        n_trials=4,
        random_state=0,
    ).fit(X, y)
    assert search.best_params_ == {name: 0.01}
    assert search.best_estimator_.score(X, y) > 0.5
