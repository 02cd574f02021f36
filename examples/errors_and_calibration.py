"""
Errors, and how sure they were
==============================

A network's probability is worth as much as it is right: of the digits read with 90 %,
nine of ten should be right. Some errors are made with certainty, though; these are the
ones to look at.
"""

# %%
# Most of the digits are left to test on, so that there are errors enough to look at.

from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sk_mnist import (
    DigitGridDisplay,
    ImageNormalizer,
    MNISTMLPClassifier,
    load_sample_digits,
)

X, y = load_sample_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, train_size=0.3, stratify=y, random_state=0
)
pipe = make_pipeline(ImageNormalizer(), MNISTMLPClassifier(epochs=100, random_state=0))
pipe.fit(X_train, y_train)
print(f"test accuracy {pipe.score(X_test, y_test):.3f}")

# %%
# The errors of which the network was surest, and the digits of which it was least sure:
# the first are often badly written, mislabeled or badly framed; the second are the
# ones to label next if there is labeling to be done.

_ = DigitGridDisplay.from_estimator(
    pipe, X_test, y_test, which="most_confident_errors", n_images=16
)

# %%

_ = DigitGridDisplay.from_estimator(
    pipe, X_test, y_test, which="least_confident", n_images=16
)

# %%
# Calibration compares the probability of each reading with how often such readings are
# right. Label smoothing makes a better reader here, but a timid one, since it was
# trained never to be certain. `CalibratedClassifierCV` learns a correction on folds of
# the training data: a single temperature that sharpens or softens all probabilities
# (`method="temperature"` came with scikit-learn 1.8).

import matplotlib.pyplot as plt
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.metrics import log_loss

smoothed = clone(pipe).set_params(mnistmlpclassifier__label_smoothing=0.1)
calibrated = CalibratedClassifierCV(smoothed, method="temperature", ensemble=False)
readers = {
    "plain": pipe,
    "label smoothing": smoothed.fit(X_train, y_train),
    "label smoothing, calibrated": calibrated.fit(X_train, y_train),
}
fig, ax = plt.subplots(layout="constrained")
for name, reader in readers.items():
    y_proba = reader.predict_proba(X_test)
    right = reader.classes_[y_proba.argmax(axis=1)] == y_test
    CalibrationDisplay.from_predictions(
        right, y_proba.max(axis=1), n_bins=5, strategy="quantile", name=name, ax=ax
    )
    # In float32, as the network computes them, probabilities add up to 1 less exactly.
    loss = log_loss(y_test, y_proba.astype("float32"))
    print(f"{name}: accuracy {right.mean():.3f}, log loss {loss:.3f}")
labels = {"xlabel": "Probability of the reading", "ylabel": "Share that is right"}
_ = ax.set(xlim=(0.5, 1.01), ylim=(0.5, 1.01), **labels)

# %%
# Where a wrong reading costs more than none, a threshold leaves the doubtful ones to a
# person: fewer digits are read, and those more reliably.

y_proba = calibrated.predict_proba(X_test)
y_pred, confidence = calibrated.classes_[y_proba.argmax(axis=1)], y_proba.max(axis=1)
for threshold in (0.0, 0.5, 0.9, 0.99):
    read = confidence >= threshold
    accuracy = (y_pred == y_test)[read].mean()
    print(f"at {threshold:4}: {read.mean():.1%} read, {accuracy:.1%} of them right")
