"""
Search with Optuna
==================

Optuna chooses the next settings from the results so far. After each epoch a Keras
callback reports the accuracy to it, so that weak candidates are stopped early.
"""

# %%
# The callback reports the validation accuracy, and ends the fit when Optuna says so.
# The estimator copies its callbacks for each fit; this one must stay the same object,
# because it holds the trial.

import keras
import optuna
from sklearn.model_selection import train_test_split

from sk_mnist import ImageNormalizer, MNISTMLPClassifier, load_sample_digits


class Report(keras.callbacks.Callback):
    """Tell a trial the validation accuracy of each epoch, and stop if it is weak."""

    def __init__(self, trial):
        super().__init__()
        self.trial = trial

    def __deepcopy__(self, memo):
        return self

    def on_epoch_end(self, epoch, logs=None):
        self.trial.report(logs["val_accuracy"], epoch)
        if self.trial.should_prune():
            raise optuna.TrialPruned


# %%
# The validation data of each fit choose the settings. The test digits are used only at
# the end.

X, y = load_sample_digits(return_X_y=True)
X = ImageNormalizer().fit_transform(X)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)


def objective(trial):
    """Validation accuracy of a network with the settings of a trial."""
    network = MNISTMLPClassifier(
        trial.suggest_categorical("hidden_units", [32, 128]),
        learning_rate=trial.suggest_float("learning_rate", 1e-5, 1e-1, log=True),
        dropout=trial.suggest_float("dropout", 0, 0.5),
        validation_split=0.25,
        callbacks=[Report(trial)],
        random_state=0,
    )
    return network.fit(X_train, y_train).history_["val_accuracy"][-1]


optuna.logging.set_verbosity(optuna.logging.WARNING)
study = optuna.create_study(
    direction="maximize",
    sampler=optuna.samplers.TPESampler(seed=0),
    pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=2),
)
study.optimize(objective, n_trials=12)
n_pruned = sum(t.state == optuna.trial.TrialState.PRUNED for t in study.trials)
print(f"{n_pruned} of {len(study.trials)} trials were stopped early")
print(f"The best one reads {study.best_value:.1%} of the validation digits:")
for name, value in study.best_params.items():
    print(f"  {name}: {value:.3g}")

# %%
# Each line is a trial. Lines end where Optuna stopped the trial.

import matplotlib.pyplot as plt

fig, ax = plt.subplots(layout="constrained")
for trial in study.trials:
    best = trial.number == study.best_trial.number
    ax.plot(
        [epoch + 1 for epoch in trial.intermediate_values],
        list(trial.intermediate_values.values()),
        color="tab:blue" if best else "lightgray",
        marker=".",
        zorder=3 if best else 2,
        label="best trial" if best else None,
    )
ax.set(xlabel="Epoch", ylabel="Validation accuracy")
_ = ax.legend(loc="lower right")

# %%
# The chosen settings, trained on all training digits and measured on the test digits.
# `optuna_integration.OptunaSearchCV` searches as `GridSearchCV` does, without stopping
# early; it takes the pipeline as it is.

chosen = MNISTMLPClassifier(**study.best_params, random_state=0).fit(X_train, y_train)
print(f"{chosen.score(X_test, y_test):.1%} of the test digits")
