"""Rows on a trained model: predicting, starting up, and the size of its file."""

import copy
import timeit
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from .digits import test_digits, training_digits
from .measure import Conditions, in_fresh_process, in_turn, seconds_of_script
from .peers import KERAS, SCIKERAS, SCIKIT_LEARN, SK_MNIST, new_estimator
from .row import Row

N_DEFORMATIONS = 16
PREDICTIONS_A_ROUND = 3  # so short that more of them cost little
LOAD_AND_PREDICT = """
import sys
import joblib
import numpy
model = joblib.load(sys.argv[1])
model.predict_proba(numpy.load(sys.argv[2]))
"""


def save_trained(folder: Path, name: str, path: Path) -> None:
    """Train a contender shortly and save it with joblib, uncompressed."""
    estimator = new_estimator(name, batch_size=32, epochs=1)
    joblib.dump(estimator.fit(*training_digits(folder, 1_000)), path)


def _saved(conditions: Conditions, name: str) -> Path:
    """File of a trained contender, written when it is first asked for."""
    path = conditions.folder / f"{name}.joblib"
    if not path.exists():
        in_fresh_process(save_trained, conditions.folder, name, path)
    return path


def _seconds_a_call(model: Any, X: Any, _: int) -> float:
    """Mean time of predicting, over as many calls as fill a fifth of a second."""
    n_calls, duration = timeit.Timer(lambda: model.predict_proba(X)).autorange()
    return duration / n_calls


def predict_in_turn(
    folder: Path, peer: str, paths: Sequence[Path], n_rows: int, rounds: int
) -> list[list[float]]:
    """Time of predicting, in each round, with a saved sk-mnist and a saved peer."""
    new_estimator(peer, batch_size=32, epochs=1)  # imports its library quietly
    X = np.resize(test_digits(folder)[0], (n_rows, 784))
    models = [joblib.load(path) for path in paths]
    for model in models:
        model.predict_proba(X)  # Keras compiles at its first call
    return in_turn(rounds, [partial(_seconds_a_call, model, X) for model in models])


def _predict_row(
    conditions: Conditions, n_rows: int, name: str, at_least: float | None
) -> Row:
    """The two alone in a process, where no third library's threads disturb them."""
    ours, theirs = in_fresh_process(
        predict_in_turn,
        conditions.folder,
        name,
        [_saved(conditions, contender) for contender in (SK_MNIST, name)],
        n_rows,
        PREDICTIONS_A_ROUND * conditions.rounds,
    )
    what = f"predict_proba, {n_rows:,} digit{'s' if n_rows > 1 else ''}"
    return Row(what, name, "time", ours, theirs, at_least=at_least)


def predict_rows(conditions: Conditions) -> list[Row]:
    """One digit, and ten thousand at once."""
    targets = {1: 1.5, 10_000: 1.1}  # against scikit-learn
    return [
        _predict_row(conditions, n_rows, name, at_least)
        for n_rows, target in targets.items()
        for name, at_least in ((SCIKIT_LEARN, target), (KERAS, None), (SCIKERAS, None))
    ]


def predict_augmented_in_turn(
    folder: Path, n_rows: int, rounds: int
) -> list[list[float]]:
    """Time of reading digits once, and of reading them with test-time augmentation."""
    from sk_mnist import ElasticDeformation, MNISTMLPClassifier

    once = MNISTMLPClassifier((1024, 512), epochs=1, augmentation=ElasticDeformation())
    once.fit(*training_digits(folder, 1_000))
    augmented = copy.copy(once).set_params(test_time_augmentation=N_DEFORMATIONS)
    X = np.resize(test_digits(folder)[0], (n_rows, 784))
    models = (augmented, once)
    return in_turn(rounds, [partial(_seconds_a_call, model, X) for model in models])


def augmented_rows(conditions: Conditions) -> list[Row]:
    """Test-time augmentation, with a network as large as that of the recipe best."""

    def row(n_rows: int) -> Row:
        ours, once = in_fresh_process(
            predict_augmented_in_turn, conditions.folder, n_rows, conditions.rounds
        )
        what = (
            f"predict_proba, {n_rows:,} digit{'s' if n_rows > 1 else ''}, 1024-512 "
            f"units, test_time_augmentation={N_DEFORMATIONS}"
        )
        return Row(what, "sk-mnist, test_time_augmentation=0", "time", ours, once)

    return [row(n_rows) for n_rows in (1, 1_000)]


def start_rows(conditions: Conditions) -> list[Row]:
    """From starting Python to the first digit read by a saved model."""
    names = (SK_MNIST, SCIKERAS, SCIKIT_LEARN)
    digit = conditions.folder / "digit.npy"
    np.save(digit, test_digits(conditions.folder)[0][:1])

    def start(path: Path, _: int) -> float:
        return seconds_of_script(LOAD_AND_PREDICT, str(path), str(digit))

    starts = [partial(start, _saved(conditions, name)) for name in names]
    for first_start in starts:  # reads from the disk what later ones find in memory
        first_start(0)
    ours, scikeras, scikit_learn = in_turn(conditions.rounds, starts)
    what = "load and predict in a fresh process"
    return [
        Row(what, SCIKERAS, "time", ours, scikeras, at_least=4.2),
        Row(what, SCIKIT_LEARN, "time", ours, scikit_learn, at_most=1.2),
    ]


def size_rows(conditions: Conditions) -> list[Row]:
    """The file that joblib writes, uncompressed. It does not vary: once will do."""
    our_path = _saved(conditions, SK_MNIST)
    model = joblib.load(our_path)
    weights = sum(array.nbytes for array in (*model.coefs_, *model.intercepts_))
    ours = [our_path.stat().st_size]
    what = "file of a trained model"
    return [Row(what, "its weights", "memory", ours, [weights], at_most=1.1)] + [
        Row(what, name, "memory", ours, [_saved(conditions, name).stat().st_size])
        for name in (SCIKERAS, SCIKIT_LEARN)
    ]
