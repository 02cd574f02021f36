"""
Callbacks and early stopping
============================

Early stopping ends training when it no longer helps. Any Keras callback can observe or
change the training.
"""

# %%
# `early_stopping` watches the loss of the images that `validation_split` holds out,
# waits `patience` epochs for it to fall again, and restores the weights of the best
# epoch.

from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sk_mnist import (
    ImageNormalizer,
    MNISTMLPClassifier,
    TrainingHistoryDisplay,
    load_sample_digits,
)

X, y = load_sample_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

options = {"epochs": 30, "validation_split": 0.2, "random_state": 0}
stopped = make_pipeline(
    ImageNormalizer(),
    MNISTMLPClassifier(early_stopping=True, patience=3, **options),
).fit(X_train, y_train)
print(f"stopped after {stopped[-1].n_iter_} of {options['epochs']} epochs")

_ = TrainingHistoryDisplay.from_estimator(stopped)

# %%
# Callbacks are Keras's own. This one halves the learning rate whenever the validation
# loss has not improved for two epochs. `history_` has the learning rate of each epoch.

import keras

slowed = make_pipeline(
    ImageNormalizer(),
    MNISTMLPClassifier(
        callbacks=[keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=2)],
        **options,
    ),
).fit(X_train, y_train)
rates = slowed[-1].history_["learning_rate"]
print(f"learning rate {rates[0]:.4f} at first, {rates[-1]:.0e} in the end")

display = TrainingHistoryDisplay.from_estimator(stopped, name="stopped")
_ = TrainingHistoryDisplay.from_estimator(slowed, name="slowed", ax=display.ax_)

# %%
# A callback of your own can act after each epoch. The estimator trains with a copy of
# it, so that one fit leaves no state in another. To keep a result, write it into the
# logs, which become `history_`, or into a file.


class LargestWeight(keras.callbacks.Callback):
    """Record the largest weight of the network after each epoch."""

    def on_epoch_end(self, epoch, logs):
        logs["largest_weight"] = max(abs(w).max() for w in self.model.get_weights())


watched = make_pipeline(
    ImageNormalizer(),
    MNISTMLPClassifier(epochs=5, callbacks=[LargestWeight()], random_state=0),
).fit(X_train, y_train)
print([round(weight, 3) for weight in watched[-1].history_["largest_weight"]])

# %%
# Give `fit` validation data of your own, such as digits by other writers. They must be
# normalized like the training images.

X_fit, X_val, y_fit, y_val = train_test_split(
    X_train, y_train, test_size=0.2, stratify=y_train, random_state=0
)
normalizer = ImageNormalizer().fit(X_fit)
clf = MNISTMLPClassifier(epochs=60, early_stopping=True, random_state=0)
clf.fit(
    normalizer.transform(X_fit),
    y_fit,
    X_val=normalizer.transform(X_val),
    y_val=y_val,
)
lowest = min(clf.history_["val_loss"])
print(f"stopped after {clf.n_iter_} epochs, lowest validation loss {lowest:.3f}")
