"""
First steps
===========

From images to a trained network, its errors and a saved file.
"""

# %%
# The sample digits are arrays as scikit-learn's loaders give them: a row of 784 pixels
# for each image of 28 x 28.

from sk_mnist import DigitGridDisplay, load_sample_digits

X, y = load_sample_digits(return_X_y=True)
print(X.shape, X.dtype, y.shape)

_ = DigitGridDisplay.from_images(X, y, n_images=16)

# %%
# A pipeline brings the pixels to numbers between 0 and 1 and trains the network. A
# tenth of the training images is held out to validate on after each epoch.

from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sk_mnist import ImageNormalizer, MNISTMLPClassifier

X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
pipe = make_pipeline(
    ImageNormalizer(),
    MNISTMLPClassifier(
        hidden_units=128, epochs=15, validation_split=0.1, random_state=0
    ),
)
pipe.fit(X_train, y_train)

# %%
# Loss and accuracy of each epoch are in `history_`.

from sk_mnist import TrainingHistoryDisplay

_ = TrainingHistoryDisplay.from_estimator(pipe)

# %%
# scikit-learn does the rest of the evaluation.

from sklearn.metrics import ConfusionMatrixDisplay, classification_report

print(classification_report(y_test, pipe.predict(X_test), digits=3))
_ = ConfusionMatrixDisplay.from_estimator(pipe, X_test, y_test, colorbar=False)

# %%
# The misread digits, with the probability that the network gave to its reading.

_ = DigitGridDisplay.from_estimator(pipe, X_test, y_test, which="errors")

# %%
# The file holds arrays and plain values. Another process loads it and predicts without
# TensorFlow.

from pathlib import Path
from tempfile import TemporaryDirectory

import joblib

with TemporaryDirectory() as folder:
    path = Path(folder, "digits.joblib")
    joblib.dump(pipe, path)
    print(f"{path.stat().st_size / 1000:.0f} kB")
    print(joblib.load(path).predict(X_test[:10]), y_test[:10])
