"""``sk-mnist reproduce``: train published networks and ours, and compare figures."""

import dataclasses
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .._files import check_writable, replacing
from ._digits import Data, load
from ._quiet import teller
from ._results_markdown import as_page, duration

if TYPE_CHECKING:
    from ._reproduction import Reproduction, Run


def train_missing(
    reproduction: "Reproduction", runs: "Sequence[Run]", tell: Callable[[object], None]
) -> None:
    """Train the networks that no earlier run has kept, and tell how long it takes."""
    missing = [run for run in runs if reproduction.kept(run) is None]
    if n_kept := len(runs) - len(missing):
        tell(
            f"{n_kept} of {len(runs)} networks were trained before and are taken from "
            f"{reproduction.folder}; delete what is there to train it again."
        )
    if not missing:
        return
    tell("Estimated time, from an epoch of each recipe (TensorFlow starts first):")
    n_networks = Counter(run.recipe for run in missing)
    seconds = {}
    for name, n in n_networks.items():
        seconds[name] = reproduction.estimate_seconds(name)
        tell(f"  {name}: {n} x {duration(seconds[name])}")
    to_go = sum(seconds[run.recipe] for run in missing)
    tell(
        f"  together: {duration(to_go)}. Ctrl-C stops; the same command goes on with "
        "the networks that are missing then."
    )
    for number, run in enumerate(missing, start=1):
        figures = reproduction.train(run)
        to_go -= seconds[run.recipe]
        rest = f"; about {duration(to_go)} to go" if number < len(missing) else ""
        tell(
            f"[{number}/{len(missing)}] {run.recipe}, seed {run.seed}: "
            f"{figures['test_accuracy']:.2%} in {duration(figures['fit_seconds'])}"
            f"{rest}"
        )


def reproduce(
    recipe: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RECIPE",
            help="Names of recipes, such as fast or softmax-sgd; none means all. The "
            "command says first how long it will take.",
            show_default=False,
        ),
    ] = None,
    seeds: Annotated[
        int,
        typer.Option(
            metavar="N", min=1, help="Networks of each recipe, from the seeds 0 to N-1."
        ),
    ] = 3,
    data: Annotated[
        Data,
        typer.Option(
            help="Digits to train on. auto takes MNIST if it is on this machine or can "
            "be downloaded, else the 1,797 sample digits, on which nothing is claimed."
        ),
    ] = Data.AUTO,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write the results as JSON, too."),
    ] = None,
    markdown: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write what is printed to a file, too."),
    ] = None,
    folder: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER",
            help="Folder in which finished networks are kept, for sk-mnist predict and "
            "for the next run, which trains only the missing ones.",
        ),
    ] = Path("reproduced"),
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet", "-q", help="Print nothing but the table, warnings and errors."
        ),
    ] = False,
) -> None:
    """Train published networks and ours; print claimed and measured figures.

    Prints a Markdown table to standard output, and progress to standard error.
    """
    for file in filter(None, (json_file, markdown)):
        check_writable(file)

    from ..recipes import RECIPES
    from ._reproduction import Reproduction, as_plain, runs_of

    tell = teller(quiet, err=True)  # apart from the table
    names = list(dict.fromkeys(recipe or RECIPES))
    try:
        runs = runs_of(names, range(seeds))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="RECIPE") from error
    digits = load(data, quiet)
    tell(f"Data: {digits}.")
    folder /= digits.name.lower().replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    check_writable(folder / "any")
    has_bars = sys.stderr.isatty() and not quiet
    reproduction = Reproduction(digits, folder, verbose=int(has_bars))
    train_missing(reproduction, runs, tell)

    results = [reproduction.result(name, range(seeds)) for name in names]
    page = as_page(results, digits, range(seeds))
    typer.echo(page)
    if json_file is not None:
        with replacing(json_file) as part:
            records = [dataclasses.asdict(result) for result in results]
            part.write_text(json.dumps(records, indent=2, default=as_plain), "utf-8")
    if markdown is not None:
        with replacing(markdown) as part:
            part.write_text(page + "\n", "utf-8")
