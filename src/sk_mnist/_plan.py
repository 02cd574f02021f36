"""What crosses the seam between the scikit-learn half and the Keras half.

Plain values and arrays: a plan, the data and the network to start from go into
``training.train``, the trained network comes back. This module knows neither library.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._network import FloatArray, Network


@dataclass(frozen=True)
class Deformation:
    """The settings of an ElasticDeformation, and the shape of the images it deforms."""

    rotation: float
    scale: float
    shift: float
    alpha: float
    sigma: float
    normalization: float
    thickness: float
    image_shape: tuple[int, int]


@dataclass(frozen=True)
class TrainingPlan:
    """What the estimator's parameters ask of one training."""

    network: Network
    optimizer: Any
    learning_rate: float | None
    learning_rate_schedule: str | None
    warmup_epochs: float
    weight_decay: float | None
    ema_momentum: float | None
    loss: Any
    label_smoothing: float
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

    X: FloatArray
    codes: NDArray[np.int32]
    rows: NDArray[np.intp]


@dataclass(frozen=True)
class TrainingData:
    """Rows of `X` to train on, with their classes as codes and their weights."""

    X: FloatArray
    codes: NDArray[np.int32]
    sample_weight: FloatArray
    rows: NDArray[np.intp]
    validation: ValidationData | None


@dataclass(frozen=True)
class OptimizerState:
    """An optimizer's variables as arrays, and which optimizer they belong to."""

    identity: str
    learning_rate: float | None
    variables: list[NDArray[Any]]


@dataclass(frozen=True)
class TrainedNetwork:
    """Weights, and what is needed to train on exactly where the last epoch ended."""

    coefs: list[FloatArray]
    intercepts: list[FloatArray]
    history: dict[str, list[float]]
    optimizer_state: OptimizerState | None
