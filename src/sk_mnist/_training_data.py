"""Check the data of a fit, encode labels, weigh samples and hold out a part."""

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite, isnan
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from ._handwriting._digits import (
    BOX,
    SIZE,
    get_digit_form_names,
    make_handwritten_digits,
)
from ._handwriting._forms import digit_of
from ._images._pixels import refuse_masked, refuse_no_numbers
from ._plan import Codes, Rows, TrainingData, ValidationData
from ._rows import FloatArray, Matrix, append_rows, dense
from ._sklearn import check_sample_weight
from ._warnings import warn

USE_NORMALIZER = (
    "Put sk_mnist.ImageNormalizer() before the classifier in a pipeline: it converts "
    "images of shape (n_samples, height, width) and pixels of 0 to 255 to rows of "
    "numbers between 0 and 1."
)

_LARGEST_FLOAT64 = float(np.finfo(np.float64).max)

# Rows that are looked at to find out whether pixels are whole numbers.
_ROWS_LOOKED_AT = 100


def _refuse_other_than_rows(X: Any) -> None:
    """Refuse what scikit-learn would take for rows of numbers, or has no words for."""
    array = X if isinstance(getattr(X, "shape", None), tuple) else np.asarray(X)
    if len(array.shape) > 2:
        raise ValueError(
            f"Found array with dim {len(array.shape)}, of shape {array.shape}, while "
            "MNISTMLPClassifier expects rows of shape (n_samples, n_features). "
            + USE_NORMALIZER
        )
    refuse_no_numbers(array)


def _refuse_one_hot(y: Any, name: str) -> None:
    shape = np.asarray(y).shape
    if len(shape) == 2 and shape[1] > 1:
        raise ValueError(
            f"{name} should be a 1d array of class labels, got an array of shape "
            f"{shape} instead. For one-hot labels, pass {name}.argmax(axis=1)."
        )


def _are_bytes(rows: Matrix) -> bool:
    """Whether pixels are whole numbers from 0 to 255, whatever their dtype."""
    few = dense(rows[:_ROWS_LOOKED_AT])
    if (few != np.rint(few)).any() or few.min() < 0:
        return False
    return bool(16 < rows.max() <= 255)


def warn_of_bytes(X: Any, rows: Matrix) -> None:
    """Warn if the pixels are whole numbers from 0 to 255."""
    is_uint8 = getattr(X, "dtype", None) == np.uint8 and rows.max() > 1
    if is_uint8 or _are_bytes(rows):
        warn(
            "X holds pixels of 0 to 255. A network learns slowly and badly on them. "
            + USE_NORMALIZER
        )


def _passes_unchanged(estimator: BaseEstimator, X: Any) -> bool:
    """Whether scikit-learn's check, which takes longer than one row, would return `X`.

    A sum of squares is finite only if all numbers are.
    """
    return bool(
        type(X) is np.ndarray
        and X.dtype == np.float32
        and X.flags.c_contiguous
        and X.ndim == 2
        and len(X) > 0
        and X.shape[1] == estimator.n_features_in_
        and not hasattr(estimator, "feature_names_in_")
        and np.isfinite(np.vdot(X, X))
    )


def _validate(estimator: BaseEstimator, *data: Any, reset: bool) -> Any:
    """Let scikit-learn check rows, or rows and labels, and convert rows to float32."""
    # What is too large for float32 is an error; NumPy's warning would come before it.
    with np.errstate(over="ignore"):
        return validate_data(
            estimator,
            *data,
            reset=reset,
            accept_sparse="csr",
            dtype=np.float32,
            order="C",
        )


def check_rows(estimator: BaseEstimator, X: Any) -> Matrix:
    """Check rows of pixels, and convert them to float32 if they are not.

    Raises
    ------
    ValueError
        If `X` does not hold rows of finite numbers, as many in each as in `fit`.
    """
    if _passes_unchanged(estimator, X):
        return X
    _refuse_other_than_rows(X)
    rows: Matrix = _validate(estimator, X, reset=False)
    return rows


def _refuse_labels(y: Any) -> None:
    """Refuse labels, missing ones among them, for which scikit-learn has no words."""
    if y is None:  # scikit-learn has words for this
        return
    refuse_masked(y, "y")
    labels = np.asarray(y)
    if labels.dtype.kind == "T":
        raise TypeError(
            f"y holds labels of dtype {labels.dtype}, which scikit-learn does not take."
            " Convert them, for example by y.astype(str)."
        )
    if labels.dtype.kind in "mM":
        is_missing = np.isnat(labels).any()
    elif labels.dtype.kind == "O":
        is_missing = any(
            label is None or type(label).__name__ == "NAType" for label in labels.flat
        )
    else:
        is_missing = (
            isinstance(y, list | tuple)
            and labels.dtype.kind == "U"
            and any(isinstance(label, float) and isnan(label) for label in y)
        )
    if is_missing:
        raise ValueError(
            "Input y contains NaN or other missing labels. Leave out these samples."
        )


def _check_labels(labels: NDArray[Any]) -> None:
    try:
        check_classification_targets(labels)
    except TypeError as error:
        if labels.dtype.kind in "SV" or isinstance(labels[0], bytes):
            raise TypeError(
                f"y holds labels of dtype {labels.dtype}. Convert them to texts or "
                "numbers, for example by y.astype(str)."
            ) from error
        raise TypeError(
            "y mixes labels that cannot be sorted, such as strings and numbers. "
            "Convert them to one type, for example by y.astype(str)."
        ) from error


def check_rows_and_labels(
    estimator: BaseEstimator, X: Any, y: Any, *, reset: bool
) -> tuple[Matrix, NDArray[Any]]:
    """Check rows of pixels, as `check_rows` does, together with their labels.

    Raises
    ------
    ValueError
        If `X` or `y` cannot be trained on, or if they differ in length.
    """
    _refuse_other_than_rows(X)
    _refuse_one_hot(y, "y")
    _refuse_labels(y)
    rows, labels = _validate(estimator, X, y, reset=reset)
    _check_labels(labels)
    warn_of_bytes(X, rows)
    return rows, labels


def check_number_of_classes(classes: NDArray[Any]) -> None:
    """Refuse data of a single class."""
    if len(classes) < 2:
        raise ValueError(
            "MNISTMLPClassifier needs samples of at least 2 classes, but the data "
            f"contains only one class: {classes.tolist()[0]!r}."
        )


def refuse_overflow(rows: Matrix, logits: FloatArray) -> None:
    """Refuse rows of finite pixels that are too large for the network's sums.

    Raises
    ------
    ValueError
        If a logit is not finite.
    """
    # Most are told in half a microsecond: a sum of squares is finite only if all are.
    if not isfinite(np.vdot(logits, logits)) and not np.isfinite(logits).all():
        raise ValueError(
            f"X holds values as large as {float(abs(rows).max()):g}, which do not give "
            "finite probabilities. Bring X to the range that was trained on. "
            + USE_NORMALIZER
        )


def _has_nan(labels: NDArray[Any]) -> bool:
    return labels.dtype.kind == "f" and bool(np.isnan(labels).any())


def check_classes(classes: Any, n_outputs: int) -> NDArray[Any]:
    """Refuse labels other than one of its own for each output of a network.

    Raises
    ------
    ValueError
        If they are too few or many, the same, missing, or cannot be sorted.
    """
    try:
        labels = np.asarray(classes)
        _refuse_labels(classes)
        are_labels = labels.dtype.kind not in "cSV" and not _has_nan(labels)
        n_different = len(np.unique(labels))
        if are_labels and labels.shape == (n_outputs,) and n_different == n_outputs:
            return labels
        reason: Exception | None = None
    except (TypeError, ValueError) as error:
        reason = error
    raise ValueError(
        f"classes must hold a different label for each of the {n_outputs} outputs of "
        f"the model, all texts or all whole numbers. Got {classes!r} instead."
    ) from reason


def encode(labels: NDArray[Any], classes: NDArray[Any], name: str) -> Codes:
    """Find the position of each label in the sorted classes, and refuse others."""
    try:
        codes = np.searchsorted(classes, labels)
        codes[codes == len(classes)] = 0
        unknown = labels[classes[codes] != labels]
    except TypeError:  # texts among numbers, or the reverse
        unknown = labels
    if len(unknown):
        raise ValueError(
            f"`{name}` has classes not in `self.classes_`: {np.unique(unknown)}. "
            f"`self.classes_` has {classes}."
        )
    return codes.astype(np.int32)


def hold_out(
    codes: Codes, classes: NDArray[Any], share: float, seed: int
) -> tuple[Rows, Rows]:
    """Split the rows into those to train on and those to validate on, by class.

    Raises
    ------
    ValueError
        If there are too few samples for a part of each class on both sides.
    """
    # Imported here because predicting, which must start fast, does without it.
    from sklearn.model_selection import train_test_split

    n_samples, n_classes = len(codes), len(classes)
    rarest = np.bincount(codes, minlength=n_classes).argmin()
    n_held_out = int(np.ceil(share * n_samples))
    if np.count_nonzero(codes == rarest) < 2:
        raise ValueError(
            f"validation_split={share!r} needs at least 2 samples of each class, but "
            f"class {classes.tolist()[rarest]!r} has only 1. Set validation_split=0, "
            "or pass X_val and y_val to fit."
        )
    if not n_classes <= n_held_out <= n_samples - n_classes:
        raise ValueError(
            f"validation_split={share!r} would hold out {n_held_out} of {n_samples} "
            f"samples, but both parts need at least one of each of the {n_classes} "
            "classes. Choose another share, or pass X_val and y_val to fit."
        )
    train, held_out = train_test_split(
        np.arange(n_samples), test_size=share, stratify=codes, random_state=seed
    )
    return train, held_out


def _scaled(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale weights by a power of 2, so that the largest is at least 1 and below 2.

    Only their ratios matter, and a power of 2 rounds nothing. So weights of any size
    can be multiplied and summed in float32.
    """
    return np.ldexp(weights, 1 - int(np.frexp(weights.max(initial=0))[1]))


def _is_size(number: Any) -> bool:
    """Whether a number, however long, is one that a float can hold, 0 or more."""
    return bool(0 <= number <= _LARGEST_FLOAT64)


def check_class_weight(class_weight: Any) -> None:
    """Refuse weights that are negative, not finite or no numbers."""
    if isinstance(class_weight, Mapping):
        for label, weight in class_weight.items():
            if not (isinstance(weight, Real) and _is_size(weight)):
                raise ValueError(
                    "The weights of class_weight must be finite numbers of 0 or more. "
                    f"Got {weight!r} for {label!r}."
                )


def _weights_of_labels(
    class_weight: Mapping[Any, float], classes: NDArray[Any]
) -> NDArray[np.float64]:
    """Weight of each class; scikit-learn would take the label "3" for the number 3."""
    weights = np.ones(len(classes))
    labels = classes.tolist()
    unnamed = set(labels).difference(class_weight)
    for label, weight in class_weight.items():
        if label not in labels and unnamed:
            raise ValueError(
                f"class_weight has a weight for {label!r}, which is not a label in y, "
                f"and none for {unnamed}."
            )
        weights[[label == other for other in labels]] = weight
    return weights


def weigh(
    sample_weight: ArrayLike | None,
    class_weight: Mapping[Any, float] | str | None,
    X: Matrix,
    codes: Codes,
    classes: NDArray[Any],
) -> FloatArray:
    """Multiply the weight of each sample by that of its class.

    Returns
    -------
    ndarray of shape (n_samples,), float32
        Scaled, so that they and their sums stay far from the limits of float32.

    Raises
    ------
    ValueError
        If a sample's weight is negative or not finite, or a class has no weight.
    """
    refuse_no_numbers(sample_weight, "sample_weight")
    try:
        given = check_sample_weight(
            sample_weight, X, dtype=np.float64, ensure_non_negative=True
        )
    except OverflowError as error:
        raise ValueError(f"sample_weight must hold floats: {error}.") from error
    if not np.isfinite(given).all():  # scikit-learn does not look at a single number
        raise ValueError(
            f"sample_weight must be finite. Got {sample_weight!r} instead."
        )
    weights: FloatArray = _scaled(given).astype(np.float32)
    if isinstance(class_weight, Mapping):
        of_classes = _scaled(_weights_of_labels(class_weight, classes))
        weights *= of_classes.astype(np.float32)[codes]
    elif class_weight is not None:
        weights *= _scaled(compute_sample_weight(class_weight, codes))
    return weights


def _refuse_no_weight(weights: FloatArray, name: str) -> None:
    if not weights.any():
        raise ValueError(
            f"All samples have a {name} of 0, which leaves none to use. Give some of "
            "them a larger weight."
        )


def check_validation_data(
    estimator: BaseEstimator,
    X_val: Any,
    y_val: Any,
    sample_weight_val: ArrayLike | None,
    classes: NDArray[Any],
) -> ValidationData:
    """Check data to validate on, and encode their labels.

    Raises
    ------
    ValueError
        If they do not fit the data to train on, or differ in length.
    """
    _refuse_one_hot(y_val, "y_val")
    rows, labels = check_rows_and_labels(estimator, X_val, y_val, reset=False)
    codes = encode(labels, classes, "y_val")
    weights = None
    if sample_weight_val is not None:
        weights = weigh(sample_weight_val, None, rows, codes, classes)
        _refuse_no_weight(weights, "sample_weight_val")
        weights /= weights.mean()  # Keras divides by the number of rows
    return ValidationData(rows, codes, np.arange(len(codes)), weights)


def training_data(
    X: Matrix,
    codes: Codes,
    weights: FloatArray,
    rows: Rows,
    validation: ValidationData | None,
) -> TrainingData:
    """Put together what is trained on: samples of a weight above 0, at least one."""
    rows = rows[weights[rows] > 0]
    _refuse_no_weight(weights[rows], "sample_weight, or a class_weight,")
    return TrainingData(X, codes, weights, rows, validation)


def _digits_in(classes: NDArray[Any]) -> list[int] | None:
    """The digit that each class is, as a number or as text; None if one is no digit."""
    if classes.dtype.kind == "b":
        return None
    try:
        numbers = classes.astype(np.float64)
    except ValueError:
        return None
    return numbers.astype(int).tolist() if np.isin(numbers, range(10)).all() else None


def _are_framed_digits(X: Matrix) -> bool:
    """Whether the first images are in MNIST's frame, with pixels from 0 to 1."""
    if X.shape[1] != SIZE**2:
        return False
    from ._images._framing import are_framed  # imports Pillow

    few = dense(X[:_ROWS_LOOKED_AT])
    if few.min() < 0 or few.max() > 1:
        return False
    return bool(are_framed(few.reshape(-1, SIZE, SIZE), BOX).mean() > 0.5)


def add_drawn_digits(
    data: TrainingData, classes: NDArray[Any], share: float, seed: int
) -> TrainingData:
    """Add digits that `make_handwritten_digits` draws, as a share of those there are.

    Their weights are the mean weights of their classes.

    Warns
    -----
    UserWarning
        If the labels are no digits, or the images not in MNIST's frame: nothing is
        added then.
    """
    digits = _digits_in(classes)
    if digits is None or not _are_framed_digits(data.X):
        why = (
            f"y has labels other than the digits 0 to 9: {classes}"
            if digits is None
            else "X is not made of digits in MNIST's frame with pixels from 0 to 1, as "
            "DigitFramer and ImageNormalizer make them"
        )
        warn(f"drawn_digits={share!r} adds nothing, because {why}. Set drawn_digits=0.")
        return data
    forms = [name for name in get_digit_form_names() if digit_of(name) in digits]
    n_drawn = round(share * len(data.rows))
    images, labels = make_handwritten_digits(n_drawn, forms=forms, random_state=seed)
    code_of = np.zeros(10, np.int32)
    code_of[digits] = np.arange(len(digits))
    codes = code_of[labels]
    here = data.codes[data.rows]
    totals = np.bincount(here, data.sample_weight[data.rows], minlength=len(classes))
    means = totals / np.maximum(np.bincount(here, minlength=len(classes)), 1)
    return replace(
        data,
        X=append_rows(data.X, images.astype(np.float32) / 255),
        codes=np.concatenate([data.codes, codes]),
        sample_weight=np.concatenate(
            [data.sample_weight, means[codes].astype(np.float32)]
        ),
        rows=np.concatenate([data.rows, len(data.codes) + np.arange(n_drawn)]),
    )
