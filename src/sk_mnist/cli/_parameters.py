"""Check the options of ``sk-mnist train`` that become parameters of the classifier.

All are checked before any data are loaded, and errors are in the words of the options.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer

# Ranges as scikit-learn writes them, in words; and what no option can be.
_PLAINER = (
    (r" or None\b|, an instance of '[\w.]+'|, or an? \w+ object", ""),
    (r"an int in the range \[(\w+), inf\)", r"a whole number of at least \1"),
    (r"an int in the range \[(\w+), (\w+)\]", r"a whole number from \1 to \2"),
    (r"a float in the range \[(\S+), (\S+)\)", r"at least \1 and less than \2"),
    (r"a float in the range \((\S+), (\S+)\]", r"greater than \1 and at most \2"),
)


def parse_hidden_units(sizes: Sequence[str]) -> tuple[int, ...]:
    """Parse the sizes of the hidden layers: "128,64", "128" and "64", or "none".

    Raises
    ------
    typer.BadParameter
        If the sizes are anything else.
    """
    if list(sizes) == ["none"]:
        return ()
    parts = [size for several in sizes for size in several.split(",")]
    if not all(size.strip().isdecimal() and int(size) for size in parts):
        raise typer.BadParameter(
            f"{' '.join(sizes)!r} is neither a list of whole numbers above 0, such as "
            "128,64, nor none.",
            param_hint="'--hidden-units'",
        )
    return tuple(map(int, parts))


def in_words_of_the_command(message: str, options: Iterable[str]) -> str:
    """Replace parameters of the classifier by the options that set them.

    >>> message = "The 'epochs' parameter of X must be an int in the range [1, inf)."
    >>> in_words_of_the_command(message, ["epochs"])
    '--epochs must be a whole number of at least 1.'
    >>> in_words_of_the_command("It must be a str among {'b', 'a'}.", [])
    "It must be one of 'a', 'b'."
    >>> in_words_of_the_command("Got batch_size=0, width=1.", ["batch_size"])
    'Got --batch-size 0, width=1.'
    """
    for name in options:
        option = "--" + name.replace("_", "-")
        message = re.sub(rf"The '{name}' parameter of \w+", option, message)
        message = re.sub(rf"\b{name}=", f"{option} ", message)
    for theirs, plain in _PLAINER:
        message = re.sub(theirs, plain, message)
    return re.sub(r"a str among \{(.*?)\}", _list_choices, message)


def _list_choices(choices: re.Match[str]) -> str:
    return f"one of {', '.join(sorted(choices[1].split(', ')))}"


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
        validates = bool(network.validation_split)
        network._check_parameters(network.epochs, resume=False, validates=validates)
    except ValueError as error:
        message = in_words_of_the_command(str(error), options)
        raise typer.BadParameter(message) from error
