"""Data passed between the estimator and Keras training: plain values and arrays.

A plan, the data and the network to start from go into ``_keras._training.train``; the
trained network comes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

from ._deformation import Deformation
from ._network import Network
from ._rows import FloatArray, Matrix

Codes: TypeAlias = NDArray[np.int32]  # positions in the sorted classes
Rows: TypeAlias = NDArray[np.intp]  # indices of samples


@dataclass(frozen=True)
class CompileSettings:
    """The parameters that a Keras model is compiled with."""

    optimizer: Any
    learning_rate: float | None
    weight_decay: float | None
    ema_momentum: float | None
    loss: Any
    label_smoothing: float


@dataclass(frozen=True)
class TrainingPlan:
    """The parameters of one training."""

    network: Network
    compile_settings: CompileSettings
    learning_rate_schedule: str | None
    warmup_epochs: float
    batch_size: int
    epochs: int
    early_stopping_patience: int | None
    deformation: Deformation | None
    callbacks: Sequence[Any]
    verbose: int


@dataclass(frozen=True)
class ValidationData:
    """Rows of `X` to validate on, with their classes as codes.

    `rows` selects from `X` instead of copying a part of it.
    """

    X: Matrix
    codes: Codes
    rows: Rows
    sample_weight: FloatArray | None = None


@dataclass(frozen=True)
class TrainingData:
    """Rows of `X` to train on, with their classes as codes and their weights."""

    X: Matrix
    codes: Codes
    sample_weight: FloatArray
    rows: Rows
    validation: ValidationData | None


class OptimizerState(TypedDict):
    """An optimizer's variables, and which optimizer they belong to.

    A plain dict: saved models hold no object of this package but the estimator.
    """

    identity: str
    learning_rate: float | None
    variables: list[NDArray[Any]]


@dataclass(frozen=True)
class TrainedNetwork:
    """Weights, and what is needed to continue exactly where the last epoch ended."""

    coefs: list[FloatArray]
    intercepts: list[FloatArray]
    history: dict[str, list[float]]
    optimizer_state: OptimizerState | None
