"""Recipes trained and measured beside what their sources claim.

Some networks take minutes, so each is kept when it is finished, together with what was
measured, and a run that was stopped goes on with what is missing.
"""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any, NamedTuple

import joblib
from numpy.typing import NDArray
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from .. import recipes
from .._files import replacing
from .._session import clear_session
from .._version import __version__
from ._digits import Digits

Figures = dict[str, float]

# Enough rows for a full batch of any recipe, few enough to take no time.
ROWS_TO_COMPILE_WITH = 1000


class Run(NamedTuple):
    """One training: of a recipe, from a seed."""

    recipe: str
    seed: int


@dataclass(frozen=True)
class Result:
    """The figures of a recipe over its seeds.

    Parameters
    ----------
    name : str
        The recipe.
    claimed : float or None
        Test accuracy that its source claims.
    test_accuracy : float
        Mean over the networks.
    test_accuracy_std : float
        Standard deviation over the networks, as NumPy and scikit-learn's searches
        compute it; 0 for one network, and for a committee, which votes once.
    difference : float or None
        Measured less claimed test accuracy.
    test_accuracies : list of float
        That of each network.
    fit_seconds : float
        Mean time of a fit in a process that has imported TensorFlow, compiling
        included; of a committee the sum over its members.
    seeds : list of int
        Of the networks, in the order of `test_accuracies`, or of a committee's members.
    data : str
        Name of the digits.
    parameters : mapping of str to object
        Those that the recipe sets.
    claims : mapping of str to float
        All figures that the source claims; see `Recipe`.
    measured : mapping of str to float
        The same figures as measured, means over the networks.
    version : str
        Of this package.
    """

    name: str
    claimed: float | None
    test_accuracy: float
    test_accuracy_std: float
    difference: float | None
    test_accuracies: list[float]
    fit_seconds: float
    seeds: list[int]
    data: str
    parameters: Mapping[str, Any]
    claims: Mapping[str, float]
    measured: Mapping[str, float]
    version: str = __version__


def runs_of(names: Iterable[str], seeds: Sequence[int]) -> list[Run]:
    """List the networks to be trained, a committee's members once.

    Raises
    ------
    ValueError
        If there is no recipe of one of the names.
    """
    trained = (recipes.get(name).members_of or name for name in names)
    return list(dict.fromkeys(Run(name, seed) for name in trained for seed in seeds))


def as_plain(value: Any) -> Any:
    """Convert a parameter that JSON cannot hold to one that it can."""
    return value.get_params() if hasattr(value, "get_params") else repr(value)


def seconds_to_fit(pipeline: Pipeline, X: NDArray[Any], y: NDArray[Any]) -> float:
    """Fit a pipeline and return the time that it took."""
    start = time.perf_counter()
    pipeline.fit(X, y)
    return time.perf_counter() - start


def training_figures(history: Mapping[str, Sequence[float]]) -> Figures:
    """The figures that notebooks print: of the first and the last epoch."""
    figures = {
        "train_accuracy": history["accuracy"][-1],
        "first_loss": history["loss"][0],
        "last_loss": history["loss"][-1],
    }
    if "val_accuracy" in history:
        figures["validation_accuracy"] = history["val_accuracy"][-1]
    return figures


@dataclass(frozen=True)
class Reproduction:
    """Recipes trained on some digits, and kept in a folder.

    Parameters
    ----------
    digits : Digits
        What to train on and to test on.
    folder : Path
        Where a fitted pipeline, ``<recipe>-<seed>.joblib``, and what was measured, a
        ``.json`` beside it, are kept of each run. It is made when it is missing.
    verbose : int, default=0
        1 shows the progress of each training.
    """

    digits: Digits
    folder: Path
    verbose: int = 0

    def kept(self, run: Run) -> Figures | None:
        """Read what was measured in a run that was finished, with the same settings."""
        record_file = self._file(run, ".json")
        if not (record_file.exists() and self._file(run, ".joblib").exists()):
            return None
        try:
            record = json.loads(record_file.read_text("utf-8"))
        except ValueError:
            return None  # damaged
        figures: Figures = record["figures"]
        return figures if record["settings"] == self._settings(run) else None

    def estimate_seconds(self, name: str) -> float:
        """Estimate how long one fit of a recipe takes here, from one epoch."""
        pipeline = recipes.build(name, epochs=1, warmup_epochs=0, random_state=0)
        X, y = self.digits.X_train, self.digits.y_train
        few = slice(ROWS_TO_COMPILE_WITH)
        compiling = seconds_to_fit(pipeline, X[few], y[few])
        one_epoch = seconds_to_fit(pipeline, X, y)
        epochs: int = recipes.build(name)["mlp"].epochs
        return compiling + epochs * one_epoch

    def train(self, run: Run) -> Figures:
        """Train and measure a network, and keep it."""
        # TensorFlow is imported here, before the clock starts. Every fit compiles, as
        # a user's does, also if another of the same shape went before.
        from .._keras import _training  # noqa: F401

        clear_session()
        pipeline = self._pipeline(run)
        fit_seconds = seconds_to_fit(pipeline, self.digits.X_train, self.digits.y_train)
        figures = {
            "test_accuracy": pipeline.score(self.digits.X_test, self.digits.y_test),
            "fit_seconds": fit_seconds,
            **training_figures(pipeline["mlp"].history_),
        }
        self._keep(run, pipeline, figures)
        return figures

    def result(self, name: str, seeds: Sequence[int]) -> Result:
        """Sum up a recipe whose runs are all kept."""
        recipe = recipes.get(name)
        runs = runs_of([name], seeds)
        figures = [figures for run in runs if (figures := self.kept(run))]
        if len(figures) < len(runs):
            raise ValueError(f"Not all runs of the recipe {name!r} are finished.")
        if recipe.members_of:
            figures = [self._committee_figures(runs, figures)]
        accuracies = [of_network["test_accuracy"] for of_network in figures]
        claimed = recipe.claims.get("test_accuracy")
        return Result(
            name=name,
            claimed=claimed,
            test_accuracy=fmean(accuracies),
            test_accuracy_std=pstdev(accuracies),
            difference=None if claimed is None else fmean(accuracies) - claimed,
            test_accuracies=accuracies,
            fit_seconds=fmean(of_network["fit_seconds"] for of_network in figures),
            seeds=list(seeds),
            data=self.digits.name,
            parameters=recipe.parameters,
            claims=recipe.claims,
            measured={
                figure: fmean(of_network[figure] for of_network in figures)
                for figure in recipe.claims
            },
        )

    def _committee_figures(
        self, runs: Sequence[Run], figures: Sequence[Figures]
    ) -> Figures:
        """Let networks that are trained already vote with their probabilities."""
        members = [
            (str(run.seed), FrozenEstimator(joblib.load(self._file(run, ".joblib"))))
            for run in runs
        ]
        committee = VotingClassifier(members, voting="soft")
        # Learns the labels, and trains nothing.
        committee.fit(self.digits.X_train, self.digits.y_train)
        return {
            "test_accuracy": committee.score(self.digits.X_test, self.digits.y_test),
            "fit_seconds": sum(member["fit_seconds"] for member in figures),
        }

    def _pipeline(self, run: Run) -> Pipeline:
        return recipes.build(run.recipe, random_state=run.seed, verbose=self.verbose)

    def _settings(self, run: Run) -> dict[str, Any]:
        """All that a run depends on, as JSON has it."""
        parameters = {**self._pipeline(run)["mlp"].get_params(deep=False), "verbose": 0}
        settings = {
            "data": str(self.digits),
            "version": __version__,
            "parameters": parameters,
        }
        plain: dict[str, Any] = json.loads(json.dumps(settings, default=as_plain))
        return plain

    def _file(self, run: Run, suffix: str) -> Path:
        return self.folder / f"{run.recipe}-{run.seed}{suffix}"

    def _keep(self, run: Run, pipeline: Pipeline, figures: Figures) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        record = {"figures": figures, "settings": self._settings(run)}
        # The record comes last: it says that the run is finished.
        with replacing(self._file(run, ".joblib")) as part:
            joblib.dump(pipeline, part)
        with replacing(self._file(run, ".json")) as part:
            part.write_text(json.dumps(record, indent=2), "utf-8")
