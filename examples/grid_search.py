"""
Search hidden units and epochs
==============================

How many units does the network need, and how many epochs? A grid search tries all
combinations, and pandas makes a table of the results.
"""

# %%
# Parameters of a step of the pipeline are named `step__parameter`. `()` is a network
# without a hidden layer, `(64, 32)` one with two.

from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from sk_mnist import ImageNormalizer, MNISTMLPClassifier, load_sample_digits

X, y = load_sample_digits(return_X_y=True)
pipe = Pipeline(
    [("normalize", ImageNormalizer()), ("mlp", MNISTMLPClassifier(random_state=0))]
)
grid = {
    "mlp__hidden_units": [(), 16, 64, (64, 32)],
    "mlp__epochs": [2, 5, 15],
}
search = GridSearchCV(pipe, grid, cv=3).fit(X, y)
print(search.best_params_)

# %%
# `cv_results_` has a row for each of the twelve networks. A table of the mean
# accuracies has one parameter in its rows and the other in its columns.

import matplotlib.pyplot as plt
import pandas as pd

results = pd.DataFrame(search.cv_results_)
accuracy = results.assign(
    units=results["param_mlp__hidden_units"].astype(str),
    epochs=results["param_mlp__epochs"].astype(int),
).pivot(index="units", columns="epochs", values="mean_test_score")
accuracy = accuracy.loc[[str(units) for units in grid["mlp__hidden_units"]]]

fig, ax = plt.subplots(layout="constrained")
image = ax.imshow(accuracy, aspect="auto")
ax.set(
    xticks=range(accuracy.shape[1]),
    xticklabels=accuracy.columns,
    xlabel="Epochs",
    yticks=range(accuracy.shape[0]),
    yticklabels=accuracy.index,
    ylabel="Hidden units",
    title="Mean accuracy of three folds",
)
middle = sum(image.get_clim()) / 2
for row, values in enumerate(accuracy.to_numpy()):
    for column, value in enumerate(values):
        color = "black" if value > middle else "white"
        ax.text(column, row, f"{value:.1%}", ha="center", va="center", color=color)
_ = fig.colorbar(image, ax=ax)

# %%
# More units and more epochs help up to a point. Compare differences with the standard
# deviation over the three folds: smaller differences mean nothing.

columns = {
    "param_mlp__hidden_units": "units",
    "param_mlp__epochs": "epochs",
    "mean_test_score": "accuracy",
    "std_test_score": "deviation",
    "mean_fit_time": "seconds",
}
best = results.sort_values("rank_test_score").head(6)
print(best[list(columns)].rename(columns=columns).round(3).to_string(index=False))
