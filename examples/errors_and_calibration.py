"""
Errors and calibration
======================

Of the digits that a network reads with a probability of 90 %, nine of ten should be
right. Look first at the errors that it makes with a high probability.
"""

# %%
# Most of the digits are kept for the test, so that there are enough errors to look at.

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
# The errors that the network was most sure of, and the digits that it was least sure
# of. The first are often badly written, badly framed or have a wrong label. The second
# are the ones to label next, if you label more digits.

_ = DigitGridDisplay.from_estimator(
    pipe, X_test, y_test, which="most_confident_errors", n_images=16
)

# %%

_ = DigitGridDisplay.from_estimator(
    pipe, X_test, y_test, which="least_confident", n_images=16
)

# %%
# Calibration compares the probability of each reading with how often such readings are
# right. Label smoothing gives a higher accuracy here, but probabilities that are too
# low, since the network is trained never to be certain. `CalibratedClassifierCV` learns
# a correction on folds of the training data: a single temperature that sharpens or
# softens all probabilities (`method="temperature"` came with scikit-learn 1.8).

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
# If a wrong reading costs more than none, leave digits below a threshold of probability
# to a person: fewer digits are read, and fewer of them wrongly.

y_proba = calibrated.predict_proba(X_test)
y_pred, confidence = calibrated.classes_[y_proba.argmax(axis=1)], y_proba.max(axis=1)
for threshold in (0.0, 0.5, 0.9, 0.99):
    read = confidence >= threshold
    accuracy = (y_pred == y_test)[read].mean()
    print(f"at {threshold:4}: {read.mean():.1%} read, {accuracy:.1%} of them right")
