"""``sk-mnist train``: train a network, measure its accuracy and save it."""

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from ._default_network import parameters_for
from ._digits import HOW_TO_GIVE_MNIST, Data, Digits, load
from ._model_files import check_model_file, save_model
from ._parameters import check_parameters, parse_hidden_units
from ._quiet import teller
from ._report import prepare_report, write_report

_NETWORK = "Network"
_TRAINING = "Training"


def own_name() -> str:
    """Name this command as the user's terminal finds it."""
    if shutil.which("sk-mnist"):
        return "sk-mnist"
    started_as = Path(sys.argv[0])
    return str(started_as) if started_as.stem == "sk-mnist" else "python -m sk_mnist"


def next_steps(out: Path, digits: Digits) -> str:
    """Name the commands that come next and, if MNIST is missing, how to give it."""
    name = f"{own_name()} {{}} {typer.format_filename(out)}"
    steps = (
        "\nRead images of your own, or draw a digit in the browser:\n"
        f"  {name.format('predict')} photo.jpg --show seen.png\n"
        f"  {name.format('draw')}"
    )
    if not digits.why_not_mnist:
        return steps
    return (
        f"{steps}\n\n{digits.why_not_mnist} The model learned from the {digits.name} "
        f"instead, and will misread more. {HOW_TO_GIVE_MNIST}"
    )


def train(
    data: Annotated[
        Data,
        typer.Option(
            help="Digits to train on. auto takes MNIST if it is on this machine or can "
            "be downloaded, else the 1,797 sample digits of scikit-learn."
        ),
    ] = Data.AUTO,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            help="File to save the model in. A name that ends in .skops makes a file "
            "that runs no code when it is loaded.",
        ),
    ] = Path("model.joblib"),
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Folder for the confusion matrix and the training curves, as PNG.",
        ),
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            show_default="fast; deforms the digits more if they are few",
            help="Settings to start from: plain, fast, strong (a few minutes), best or "
            "another of sk-mnist reproduce. The options below override them; their "
            "defaults are those of fast.",
        ),
    ] = None,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="Print nothing but warnings and errors."),
    ] = False,
    hidden_units: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SIZES",
            show_default="384,128",
            help="Units of each hidden layer: 128,64 or none. Can be repeated.",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            show_default="relu",
            help="Activation of the hidden layers, such as relu, tanh or gelu.",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    dropout: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            show_default="0.0",
            help="Share of hidden units that is dropped while training.",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            show_default="5",
            help="Passes over the training images.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            show_default="128",
            help="Images for each step of the optimizer.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    optimizer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            show_default="adamw",
            help="Any optimizer of Keras, such as adamw, adam or sgd.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            metavar="RATE",
            show_default="0.004",
            help="Learning rate of the optimizer.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            show_default="sparse_categorical_crossentropy",
            help="Any loss of Keras for class probabilities.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    validation_split: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            show_default="0.0",
            help="Share of the training images that is held out to validate on.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    early_stopping: Annotated[
        bool | None,
        typer.Option(
            "--early-stopping",
            show_default=False,
            help="Stop when the validation loss no longer falls, and take the best "
            "epoch. Needs --validation-split.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            metavar="EPOCHS",
            show_default="5",
            help="Epochs without improvement after which --early-stopping stops.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    random_state: Annotated[
        int | None,
        typer.Option(
            "--random-state",
            "--seed",
            metavar="SEED",
            show_default="another one each time",
            help="Seed of all random choices; the same one gives the same network.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
) -> None:
    """Train a network, say how well it reads images it has not seen, and save it."""
    options = {
        "hidden_units": parse_hidden_units(hidden_units) if hidden_units else None,
        "activation": activation,
        "dropout": dropout,
        "epochs": epochs,
        "batch_size": batch_size,
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "loss": loss,
        "validation_split": validation_split,
        "early_stopping": early_stopping,
        "patience": patience,
        "random_state": random_state,
    }
    tell = teller(quiet)
    check_model_file(out)
    if report is not None:
        prepare_report(report)
    if out.exists():
        tell(f"{typer.format_filename(out)} exists, and will be replaced.")
    tell("TensorFlow takes some seconds to start.")

    from ..recipes import DEFAULT_RECIPE, make_digit_reader

    chosen = {name: value for name, value in options.items() if value is not None}
    name = recipe or DEFAULT_RECIPE
    check_parameters(name, chosen)
    digits = load(data, quiet)
    tell(f"Data: {digits}.")
    added = {} if recipe else parameters_for(digits)
    if added:
        tell(
            "These are few images, so training deforms them more. The accuracy of each "
            "epoch is measured on deformed digits, and lower than on real ones."
        )
    parameters = {"verbose": 0 if quiet else 1, **added, **chosen}
    model = make_digit_reader(name, **parameters)
    model.fit(digits.X_train, digits.y_train)

    from sklearn.metrics import accuracy_score, classification_report

    save_model(model, out)
    y_true, y_pred = digits.y_test, model.predict(digits.X_test)
    pictures = [] if report is None else write_report(report, model, y_true, y_pred)

    tell(f"Test accuracy: {accuracy_score(y_true, y_pred):.2%}\n")
    tell(classification_report(y_true, y_pred, digits=4, zero_division=0))
    tell(f"Model: {typer.format_filename(out)}")
    for picture in pictures:
        tell(f"Report: {typer.format_filename(picture)}")
    tell(next_steps(out, digits))
