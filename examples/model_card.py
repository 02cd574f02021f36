"""
A model and its card
====================

Users of a model want to know what it was trained on, how well it reads and where it
fails. skops writes a card that says so, and saves the model in a format that runs no
code when it is loaded.
"""

# %%
# A model, and digits that it has not seen.

from pathlib import Path
from tempfile import TemporaryDirectory

from sklearn.model_selection import train_test_split

from sk_mnist import DigitGridDisplay, load_sample_digits, recipes

X, y = load_sample_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
pipeline = recipes.build("fast", random_state=0).fit(X_train, y_train)
y_pred = pipeline.predict(X_test)

# %%
# Its two files lie in one folder: the model, and the figures for the card.

import skops.io
from sklearn.metrics import ConfusionMatrixDisplay

folder = TemporaryDirectory()
here = Path(folder.name)
skops.io.dump(pipeline, here / "model.skops")
confusion = ConfusionMatrixDisplay.from_predictions(y_test, y_pred, colorbar=False)
confusion.figure_.savefig(here / "confusion_matrix.png", bbox_inches="tight")
misread = y_pred != y_test
errors = DigitGridDisplay.from_images(X_test[misread], y_pred[misread])
errors.figure_.savefig(here / "errors.png", bbox_inches="tight")

# %%
# The card is Markdown. skops fills in the parameters and a diagram of the pipeline.

from sklearn.metrics import accuracy_score, f1_score
from skops import card

model_card = card.Card(pipeline, template=None)
model_card.add(
    **{
        "Reads": "One handwritten digit, as 28 x 28 pixels in MNIST's frame.",
        "Reads/Does not read": "Letters, several digits, digits that are not framed.",
        "Training data": f"{len(X_train)} of scikit-learn's digits, enlarged.",
        "How to use it": "`skops.io.load('model.skops', trusted=[...]).predict(X)`",
    }
)
model_card.add_metrics(
    section="Results",
    description=f"On {len(X_test)} digits that were kept apart.",
    accuracy=round(accuracy_score(y_test, y_pred), 4),
    f1_macro=round(f1_score(y_test, y_pred, average="macro"), 4),
)
for name, file in [
    ("Confusion matrix", "confusion_matrix.png"),
    ("All errors", "errors.png"),
]:
    model_card.add_plot(alt_text=name, **{f"Results/{name}": file})
model_card.add_hyperparams(section="Parameters")
model_card.save(here / "README.md")
print(model_card.render()[:800])

# %%
# To load the model, name the classes that you trust.

received = skops.io.load(
    here / "model.skops",
    trusted=[
        "sk_mnist.ElasticDeformation",
        "sk_mnist.ImageNormalizer",
        "sk_mnist.MNISTMLPClassifier",
    ],
)
print((received.predict(X_test) == y_pred).all())
folder.cleanup()
