"""``sk-mnist train``: train a network, measure its accuracy and save it."""

import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from .._files import check_writable, replacing
from ._default_network import parameters_for
from ._digits import HOW_TO_GIVE_MNIST, Data, Digits, load
from ._model_files import check_model_file, save_model

_NETWORK = "Network"
_TRAINING = "Training"


def parse_hidden_units(sizes: Sequence[str]) -> tuple[int, ...]:
    """Parse the sizes of the hidden layers: "128,64", "128" and "64", or "none".

    Raises
    ------
    typer.BadParameter
        If the sizes are anything else.
    """
    if list(sizes) == ["none"]:
        return ()
    try:
        return tuple(int(size) for several in sizes for size in several.split(","))
    except ValueError:
        raise typer.BadParameter(
            f"{' '.join(sizes)!r} is neither a list of whole numbers, such as 128,64, "
            "nor none.",
            param_hint="'--hidden-units'",
        ) from None


def plot_training(network: Any) -> Any:
    """Plot the training history of a network, or of each member of a committee."""
    from .._plot._training_history import TrainingHistoryDisplay

    display: Any = None
    for name, member in getattr(network, "named_estimators_", {None: network}).items():
        display = TrainingHistoryDisplay.from_estimator(
            member, name=name, ax=display and display.ax_
        )
    return display


def write_report(folder: Path, model: Any, y_true: Any, y_pred: Any) -> list[Path]:
    """Write the confusion matrix and the training curves as PNG files."""
    import matplotlib

    matplotlib.use("agg")  # needs no screen
    import matplotlib.pyplot as plt
    from sklearn.metrics import ConfusionMatrixDisplay

    displays = {
        "confusion_matrix": ConfusionMatrixDisplay.from_predictions(
            y_true, y_pred, cmap="Blues", colorbar=False
        ),
        "training_curves": plot_training(model[-1]),
    }
    paths = [folder / f"{name}.png" for name in displays]
    for path, display in zip(paths, displays.values(), strict=True):
        with replacing(path) as part:
            display.figure_.savefig(part, format="png", dpi=150, bbox_inches="tight")
        plt.close(display.figure_)
    return paths


def in_words_of_the_command(message: str, options: Iterable[str]) -> str:
    """Replace parameters of the classifier by the options that set them.

    >>> in_words_of_the_command("The 'epochs' parameter of X must be 1.", ["epochs"])
    '--epochs must be 1.'
    >>> in_words_of_the_command("Got batch_size=0, width=1.", ["batch_size"])
    'Got --batch-size 0, width=1.'
    """
    for name in options:
        option = "--" + name.replace("_", "-")
        message = re.sub(rf"The '{name}' parameter of \w+", option, message)
        message = re.sub(rf"\b{name}=", f"{option} ", message)
    return message


def check_parameters(recipe: str, options: Mapping[str, Any]) -> None:
    """Refuse parameters that cannot be trained, before any data are loaded.

    Raises
    ------
    typer.BadParameter
        If there is no such recipe, or its network cannot be trained so.
    """
    from .. import recipes
    from .._sklearn import validate_estimator

    try:
        recipes.get(recipe)
    except ValueError as error:
        raise typer.BadParameter(f"--{error}") from error
    network = recipes.build(recipe, **options)["mlp"]
    if hasattr(network, "estimators"):  # the members of a committee are all alike
        _, network = network.estimators[0]
    if network.early_stopping and not network.validation_split:
        raise typer.BadParameter(
            "--early-stopping needs images to validate on: add --validation-split 0.1."
        )
    try:
        validate_estimator(network)
        network._check_parameters(network.epochs)
    except ValueError as error:
        message = in_words_of_the_command(str(error), options)
        raise typer.BadParameter(message) from error


def own_name() -> str:
    """Write how this command is started from here."""
    if shutil.which("sk-mnist"):
        return "sk-mnist"
    started_as = Path(sys.argv[0])
    return str(started_as) if started_as.stem == "sk-mnist" else "python -m sk_mnist"


def next_steps(out: Path, digits: Digits) -> str:
    """Write what can be done with the model, and what would make it better."""
    name = f"{own_name()} {{}} {typer.format_filename(out)}"
    steps = (
        "\nRead images of your own, or draw a digit in the browser:\n"
        f"  {name.format('predict')} photo.jpg --show seen.png\n"
        f"  {name.format('draw')}"
    )
    if not digits.why_not_mnist:
        return steps
    return (
        f"{steps}\n\n{digits.why_not_mnist} The model learned from {digits.name} "
        f"instead, and will misread more. {HOW_TO_GIVE_MNIST}"
    )


def train(
    data: Annotated[
        Data,
        typer.Option(
            help="What to train on. auto is MNIST if it is here or can be downloaded, "
            "else the 1,797 sample digits, which are always here."
        ),
    ] = Data.AUTO,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            help="Where to write the trained model. A name that ends in .skops makes a "
            "file that runs no code when it is loaded.",
        ),
    ] = Path("model.joblib"),
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Where to write the confusion matrix and the training curves, as PNG.",
        ),
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            show_default="fast; deforms the digits if they are few",
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
            show_default="256",
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
            show_default="0.2",
            help="Share of hidden units that is dropped while training.",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            show_default="10",
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
    check_model_file(out)
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)
        check_writable(report / "confusion_matrix.png")

    def tell(line: object) -> None:
        if not quiet:
            typer.echo(line)

    if out.exists():
        tell(f"{typer.format_filename(out)} is there, and will be replaced.")
    tell("TensorFlow takes some seconds to start.")

    from ..recipes import DEFAULT_RECIPE, make_digit_reader

    chosen = {name: value for name, value in options.items() if value is not None}
    name = recipe or DEFAULT_RECIPE
    check_parameters(name, chosen)
    digits = load(data)
    tell(f"Data: {digits}.")
    added = {} if recipe else parameters_for(digits)
    if added:
        tell("Few digits are deformed while training: reading those is harder.")
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
