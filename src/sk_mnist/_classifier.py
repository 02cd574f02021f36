"""The estimator: scikit-learn's conventions around a network trained elsewhere.

Checks what comes in, encodes labels, hands a plan to Keras training and keeps the
arrays that come back. It knows no Keras: that import happens inside ``fit``.
"""

import contextlib
import copy
import warnings
from collections.abc import Iterator, Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ._augmentation import ElasticDeformation
from ._images._pixels import image_shape_of
from ._network import (
    ACTIVATIONS,
    FloatArray,
    Network,
    forward_pass,
    log_softmax,
    softmax,
)
from ._plan import (
    Deformation,
    OptimizerState,
    TrainedNetwork,
    TrainingData,
    TrainingPlan,
    ValidationData,
)
from ._random import make_generator
from ._sklearn import (
    HasMethods,
    Interval,
    InvalidParameterError,
    StrOptions,
    check_partial_fit_first_call,
    check_sample_weight,
    validate_before,
    validate_estimator,
)
from ._version import __version__

_NORMALIZER_MEND = (
    "Put sk_mnist.ImageNormalizer() before the classifier in a pipeline: it brings "
    "images of shape (n_samples, height, width) and their pixels of 0 to 255 to rows "
    "of numbers between 0 and 1."
)


@contextlib.contextmanager
def _unchanged_on_failure(estimator: BaseEstimator) -> Iterator[None]:
    """Leave an estimator as it was when a fit fails or is interrupted."""
    before = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


def _is_of_bytes(X: Any) -> bool:
    """Whether an array, or every column of a DataFrame, holds unsigned bytes."""
    dtypes = X.dtypes if hasattr(X, "dtypes") else [getattr(X, "dtype", None)]
    return all(dtype == "uint8" for dtype in dtypes)


def _refuse_images(X: Any) -> None:
    shape = X.shape if hasattr(X, "shape") else np.asarray(X).shape
    if len(shape) > 2:
        raise ValueError(
            f"Found array with dim {len(shape)}, of shape {shape}, while "
            "MNISTMLPClassifier expects rows of shape (n_samples, n_features). "
            + _NORMALIZER_MEND
        )


def _refuse_one_hot(y: Any) -> None:
    shape = np.asarray(y).shape
    if len(shape) == 2 and shape[1] > 1:
        raise ValueError(
            "y should be a 1d array of class labels, got an array of shape "
            f"{shape} instead. Of one-hot labels pass y.argmax(axis=1)."
        )


def _appended_history(
    before: dict[str, list[float]], after: dict[str, list[float]]
) -> dict[str, list[float]]:
    """One list over all epochs; NaN where a figure was not measured."""

    def epochs(history: dict[str, list[float]], name: str) -> list[float]:
        return history.get(name, [np.nan] * len(history.get("loss", ())))

    names = [*before, *(name for name in after if name not in before)]
    return {name: epochs(before, name) + epochs(after, name) for name in names}


class MNISTMLPClassifier(ClassifierMixin, BaseEstimator):
    """Multilayer perceptron for images of digits, trained by Keras.

    A stack of dense layers ending in a softmax. Keras trains it, whole blocks of
    batches in one compiled call; predicting is done in NumPy and needs no TensorFlow.

    Parameters
    ----------
    hidden_units : int or sequence of int, default=128
        Number of units of each hidden layer. ``()`` means no hidden layer, which is
        a softmax regression.

    activation : {"relu", "tanh", "sigmoid", "elu", "selu", "gelu", "softplus", \
            "softmax"}, default="relu"
        Activation of the hidden layers. The output is always a softmax over the
        classes, also for two of them.

    dropout : float, default=0.0
        Share of each hidden layer's units that is dropped while training, in [0, 1).

    optimizer : str or keras.optimizers.Optimizer, default="adam"
        Name of a Keras optimizer, or one of its objects, of which a copy is used.

    learning_rate : float, default=None
        Overrides the optimizer's learning rate. None leaves the optimizer's own.

    learning_rate_schedule : {"cosine"}, default=None
        ``"cosine"`` lets the learning rate fall along half a cosine, from its full
        value to 0 over the `epochs` of a fit. Callbacks that set the rate have no
        effect beside it.

    warmup_epochs : float, default=0
        Epochs, or a part of one, over which the learning rate rises linearly from 0.

    weight_decay : float, default=None
        Share of each weight, times the learning rate, that every step takes away
        (decoupled, as in AdamW). None leaves the optimizer's own.

    ema_momentum : float, default=None
        When given, the fitted weights are an exponential moving average of those of
        each step, with this momentum, in (0, 1). Validation uses the average too, and
        training that goes on starts from it.

    loss : str, callable or keras.losses.Loss, \
            default="sparse_categorical_crossentropy"
        Any Keras loss for class probabilities. Labels are encoded as it needs them:
        integers for the sparse ones, one-hot for all others. The mean over a batch is
        weighted by `sample_weight`, whatever the loss object's own reduction.

    label_smoothing : float, default=0.0
        Share of each label's probability that is spread evenly over all classes, in
        [0, 1), for the cross-entropy losses.

    batch_size : int, default=32
        Number of samples per gradient step. The last batch of an epoch may be smaller.

    epochs : int, default=10
        Number of passes over the training data.

    validation_split : float, default=0.0
        Share of the samples that is held out to validate on after each epoch, in
        [0, 1): a stratified, shuffled part drawn with `random_state`. `partial_fit`
        holds out nothing.

    early_stopping : bool, default=False
        Stop when the validation loss has not fallen for `patience` epochs, and restore
        the weights of the best epoch. Needs `validation_split`, or `X_val` and `y_val`
        in `fit`.

    patience : int, default=5
        Number of epochs without improvement after which `early_stopping` stops.

    class_weight : dict or "balanced", default=None
        Weights of the classes, ``{label: weight}``; multiplied with `sample_weight`.
        ``"balanced"`` weighs each class by the inverse of its frequency.

    callbacks : list of keras.callbacks.Callback, default=None
        Deep-copied for each fit, so that one fit leaves no state in another; what they
        learned is read from `history_` or from what they wrote. A callback that acts
        on batches (``on_train_batch_begin`` or ``_end``) is called for each of them,
        which costs the speed of training in blocks.

    augmentation : ElasticDeformation, default=None
        Deforms the training images anew for every batch, inside the compiled epoch.
        Images to validate on are not deformed.

    image_shape : tuple of (int, int), default=None
        Height and width of the images, for `augmentation`. None takes them to be
        square.

    warm_start : bool, default=False
        When True, `fit` goes on from the last epoch for `epochs` more, with the
        weights, the optimizer's state and the random stream as they were left.

    random_state : int, RandomState instance or None, default=None
        Draws the hold-out, the initial weights, the order of the samples and dropout.
        An int gives the same weights, bit for bit, in every process with the same
        number of threads. None is seeded by the system; nobody's global random state
        is used or changed.

    verbose : int, default=0
        1 shows a progress bar over the epochs, or a line per epoch where the output is
        no terminal or notebook.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.

    n_features_in_ : int
        Number of features seen during `fit`.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen during `fit`, if they all are strings.

    coefs_ : list of ndarray of shape (fan_in, fan_out), float32
        Weights of each layer.

    intercepts_ : list of ndarray of shape (fan_out,), float32
        Biases of each layer.

    history_ : dict of str to list of float
        ``loss`` and ``accuracy`` of each epoch, and ``val_loss`` and ``val_accuracy``
        if it was validated (NaN for epochs that were not), as well as what callbacks
        add. Loss and accuracy are means over the epoch while the weights move.

    n_iter_ : int
        Number of epochs run, those of earlier calls included if this one went on from
        them.

    loss_ : float
        Training loss of the last epoch.

    n_layers_ : int
        Number of layers, input and output included.

    n_outputs_ : int
        Number of classes.

    out_activation_ : str
        Always ``"softmax"``.

    See Also
    --------
    ImageNormalizer : Brings images to the rows of numbers that this estimator takes.
    sklearn.neural_network.MLPClassifier : scikit-learn's own multilayer perceptron.

    Notes
    -----
    After a plain `fit` the optimizer's state is not kept, and `partial_fit` starts with
    a fresh one; with `warm_start`, and after `partial_fit`, it is, also in a file.

    Examples
    --------
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from sk_mnist import ImageNormalizer, MNISTMLPClassifier, load_sample_digits
    >>> X, y = load_sample_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(
    ...     X, y, stratify=y, random_state=0
    ... )
    >>> pipe = make_pipeline(ImageNormalizer(), MNISTMLPClassifier(random_state=0))
    >>> pipe.fit(X_train, y_train).score(X_test, y_test) > 0.9
    True
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "hidden_units": [
            Interval(Integral, 1, None, closed="left"),
            list,
            tuple,
            np.ndarray,
        ],
        "activation": [StrOptions(set(ACTIVATIONS))],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "optimizer": [str, HasMethods(["apply", "get_config"])],
        "learning_rate": [Interval(Real, 0, None, closed="neither"), None],
        "learning_rate_schedule": [StrOptions({"cosine"}), None],
        "warmup_epochs": [Interval(Real, 0, None, closed="left")],
        "weight_decay": [Interval(Real, 0, None, closed="left"), None],
        "ema_momentum": [Interval(Real, 0, 1, closed="neither"), None],
        "loss": [str, callable],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "validation_split": [Interval(Real, 0, 1, closed="left")],
        "early_stopping": ["boolean"],
        "patience": [Interval(Integral, 0, None, closed="left")],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "callbacks": [list, tuple, None],
        "augmentation": [ElasticDeformation, None],
        "image_shape": ["array-like", None],
        "warm_start": ["boolean"],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }
    _optimizer_state: OptimizerState | None

    def __init__(
        self,
        hidden_units: int | Sequence[int] = 128,
        *,
        activation: str = "relu",
        dropout: float = 0.0,
        optimizer: Any = "adam",
        learning_rate: float | None = None,
        learning_rate_schedule: str | None = None,
        warmup_epochs: float = 0,
        weight_decay: float | None = None,
        ema_momentum: float | None = None,
        loss: Any = "sparse_categorical_crossentropy",
        label_smoothing: float = 0.0,
        batch_size: int = 32,
        epochs: int = 10,
        validation_split: float = 0.0,
        early_stopping: bool = False,
        patience: int = 5,
        class_weight: dict[Any, float] | str | None = None,
        callbacks: Sequence[Any] | None = None,
        augmentation: ElasticDeformation | None = None,
        image_shape: tuple[int, int] | None = None,
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.hidden_units = hidden_units
        self.activation = activation
        self.dropout = dropout
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.warmup_epochs = warmup_epochs
        self.weight_decay = weight_decay
        self.ema_momentum = ema_momentum
        self.loss = loss
        self.label_smoothing = label_smoothing
        self.batch_size = batch_size
        self.epochs = epochs
        self.validation_split = validation_split
        self.early_stopping = early_stopping
        self.patience = patience
        self.class_weight = class_weight
        self.callbacks = callbacks
        self.augmentation = augmentation
        self.image_shape = image_shape
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    @validate_before
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
    ) -> Self:
        """Train the network.

        A fit that fails or is interrupted leaves the estimator as it was.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training images as rows, best between 0 and 1; cast to float32.

        y : array-like of shape (n_samples,)
            Labels: integers, strings or whatever scikit-learn takes.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples, not negative. A weight of 2 is the same as a sample
            that is there twice in a batch; samples of weight 0 are left out.

        X_val : array-like of shape (n_validation_samples, n_features), default=None
            Images to validate on after each epoch, instead of `validation_split`.

        y_val : array-like of shape (n_validation_samples,), default=None
            Their labels.

        Returns
        -------
        self : MNISTMLPClassifier
            The fitted estimator.

        Raises
        ------
        ValueError
            If the data or parameters cannot be trained on, or if training ends in
            weights that are not finite.
        """
        with _unchanged_on_failure(self):
            resume = self.warm_start and hasattr(self, "coefs_")
            X, y = self._check_training_data(X, y, reset=not resume)
            self._set_or_check_classes(y, resume)
            generator = self._next_generator(resume)
            rows, held_out = self._split(y, generator, resume)
            if held_out is None:
                validation = self._check_validation_data(X_val, y_val)
            elif X_val is None and y_val is None:
                validation = ValidationData(X, self._encode(y), held_out)
            else:
                raise ValueError(
                    "X_val and y_val cannot be given together with "
                    f"validation_split={self.validation_split!r}: set one of the two."
                )
            if self.early_stopping and validation is None:
                raise ValueError(
                    "early_stopping=True needs data to validate on: set "
                    "validation_split, for example to 0.1, or pass X_val and y_val to "
                    "fit."
                )
            weights = self._weights(X, y, sample_weight, rows)
            self._train(X, y, weights, rows, validation, generator, resume, self.epochs)
            if not self.warm_start:
                self._optimizer_state = None  # large, and seldom needed
        return self

    @validate_before
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Train for one pass over these samples, going on from where training ended.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training images as rows, best between 0 and 1. A C-contiguous float32
            array, or memory map, is not copied.

        y : array-like of shape (n_samples,)
            Labels, all of them in `classes`.

        classes : array-like of shape (n_classes,), default=None
            All labels that calls may bring. Needed in the first call.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples, not negative.

        Returns
        -------
        self : MNISTMLPClassifier
            The fitted estimator.

        Raises
        ------
        ValueError
            If `early_stopping` or `learning_rate_schedule` is set, if `class_weight`
            is ``"balanced"``, if `classes` is missing in the first call, or if labels
            are not in it.
        """
        if self.early_stopping:
            raise ValueError(
                "partial_fit does not support early_stopping=True: one pass has "
                "nothing to stop. Set early_stopping=False or call fit."
            )
        if self.learning_rate_schedule is not None or self.warmup_epochs:
            raise ValueError(
                "partial_fit does not support learning_rate_schedule and "
                "warmup_epochs: it does not know how many passes will follow. Leave "
                "them out or call fit."
            )
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' is not supported for partial_fit, which does "
                "not see all samples. Pass the weights as a dict, computed with "
                "sklearn.utils.class_weight.compute_class_weight."
            )
        with _unchanged_on_failure(self):
            resume = hasattr(self, "coefs_")
            X, y = self._check_training_data(X, y, reset=not resume)
            check_partial_fit_first_call(self, classes)
            self._check_n_classes()
            unknown = np.setdiff1d(y, self.classes_)
            if len(unknown):
                raise ValueError(
                    f"`y` has classes not in `self.classes_`. `self.classes_` has "
                    f"{self.classes_}. 'y' has {np.unique(y)}."
                )
            generator = self._next_generator(resume)
            rows = np.arange(len(y))
            weights = self._weights(X, y, sample_weight, rows)
            self._train(X, y, weights, rows, None, generator, resume, epochs=1)
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict the labels of images.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Images as rows, in the range that was trained on.

        Returns
        -------
        ndarray of shape (n_samples,)
            The most probable label of each.
        """
        codes = self._logits(X).argmax(axis=1)
        return self.classes_[codes]

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Predict the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Images as rows, in the range that was trained on.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), float32
            Columns in the order of `classes_`.
        """
        return softmax(self._logits(X))

    def predict_log_proba(self, X: ArrayLike) -> FloatArray:
        """Predict the logarithm of the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Images as rows, in the range that was trained on.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), float32
            Columns in the order of `classes_`; finite also where the probability is
            too small for a float.
        """
        return log_softmax(self._logits(X))

    @classmethod
    def from_keras(cls, model_or_path: Any, classes: ArrayLike | None = None) -> Self:
        """Adopt a Keras multilayer perceptron as a fitted estimator.

        Parameters
        ----------
        model_or_path : keras.Model, str or path-like
            A model, or a ``.keras`` or ``.h5`` file, which is read in Keras's safe
            mode. It may hold `Flatten`, `Rescaling` (folded into the weights), `Dense`,
            `Dropout`, `Activation`, `ReLU` and `Softmax` layers, with one activation
            for all hidden layers; it may end in logits.

        classes : array-like of shape (n_classes,), default=None
            Label of each output. None numbers them from 0.

        Returns
        -------
        MNISTMLPClassifier
            Fitted, with an empty `history_` and an `n_iter_` of 0. It takes what the
            model took, as rows.

        Raises
        ------
        ValueError
            If a layer cannot be carried over; the message names it.
        """
        from ._keras._conversion import adopted_network

        adopted = adopted_network(model_or_path)
        coefs, intercepts = adopted.coefs, adopted.intercepts
        n_classes = len(intercepts[-1])
        labels = np.arange(n_classes) if classes is None else np.asarray(classes)
        if len(np.unique(labels)) != n_classes or labels.shape != (n_classes,):
            raise ValueError(
                f"classes must name each of the model's {n_classes} outputs once. Got "
                f"{classes!r} instead."
            )
        order = np.argsort(labels)
        coefs[-1], intercepts[-1] = coefs[-1][:, order], intercepts[-1][order]
        estimator = cls(
            tuple(len(intercept) for intercept in intercepts[:-1]),
            activation=adopted.activation,
            dropout=adopted.dropout,
        )
        estimator.classes_ = labels[order]
        estimator.n_features_in_ = len(coefs[0])
        estimator._generator = make_generator(None)
        network = estimator._planned_network()
        estimator._keep(network, coefs, intercepts, history={})
        return estimator

    def to_keras(self) -> Any:
        """Build the Keras model with these weights.

        Returns
        -------
        keras.Sequential
            A new model that predicts the same as `predict_proba`, compiled with this
            estimator's optimizer and loss.
        """
        check_is_fitted(self)
        from ._keras._conversion import to_keras

        return to_keras(self)

    def save_keras(self, path: Any) -> None:
        """Write the network to a file that Keras opens with no knowledge of sk-mnist.

        The labels are not kept: output ``i`` of the model is that of ``classes_[i]``.

        Parameters
        ----------
        path : str or path-like
            Ends in ``.keras`` or ``.h5``. A file that is there already is replaced
            when the new one is complete.
        """
        check_is_fitted(self)
        from ._keras._conversion import save_keras

        save_keras(self, path)

    def to_scikeras(self) -> Any:
        """Build a fitted SciKeras classifier around the same network and weights.

        Returns
        -------
        scikeras.wrappers.KerasClassifier
            Its model function is `build_mlp`.

        Warns
        -----
        UserWarning
            If it predicts but cannot train on: SciKeras encodes labels one-hot for
            ``"categorical_crossentropy"`` alone.
        """
        check_is_fitted(self)
        from ._keras._conversion import to_scikeras

        return to_scikeras(self)

    def _hidden_units(self) -> tuple[int, ...]:
        """The hidden layers' sizes as a tuple, checked one by one."""
        given: Any = self.hidden_units
        units = (given,) if isinstance(given, Integral) else tuple(given)
        if not all(isinstance(u, Integral) and int(u) >= 1 for u in units):
            raise InvalidParameterError(
                "The 'hidden_units' parameter of MNISTMLPClassifier must be an int in "
                "the range [1, inf) or a sequence of such ints, one for each hidden "
                f"layer. Got {given!r} instead."
            )
        return tuple(int(u) for u in units)

    def _check_rows(self, X: Any, y: Any = "no_validation", *, reset: bool) -> Any:
        _refuse_images(X)
        checked = validate_data(self, X, y, reset=reset, dtype=np.float32, order="C")
        rows = checked[0] if isinstance(checked, tuple) else checked
        if _is_of_bytes(X) and rows.max() > 1:
            warnings.warn(
                "X holds unsigned bytes, on which a network learns slowly and badly. "
                + _NORMALIZER_MEND,
                UserWarning,
                stacklevel=4,
            )
        return checked

    def _check_training_data(
        self, X: Any, y: Any, *, reset: bool
    ) -> tuple[FloatArray, NDArray[Any]]:
        _refuse_one_hot(y)
        X, y = self._check_rows(X, y, reset=reset)
        check_classification_targets(y)
        return X, y

    def _check_n_classes(self) -> None:
        if len(self.classes_) < 2:
            raise ValueError(
                "MNISTMLPClassifier needs samples of at least 2 classes, but the data "
                f"contains only one class: {self.classes_[0]!r}."
            )

    def _set_or_check_classes(self, y: NDArray[Any], resume: bool) -> None:
        classes = np.unique(y)
        if not resume:
            self.classes_ = classes
            self._check_n_classes()
        elif not np.array_equal(classes, self.classes_):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the "
                f"previous call to fit. Previously got {self.classes_}, `y` has "
                f"{classes}."
            )

    def _encode(self, y: NDArray[Any]) -> NDArray[np.int32]:
        return np.searchsorted(self.classes_, y).astype(np.int32)

    def _next_generator(self, resume: bool) -> np.random.Generator:
        """The random stream, as a copy so that a fit that fails leaves it in place."""
        if resume:
            return copy.deepcopy(self._generator)
        return make_generator(self.random_state)

    def _split(
        self, y: NDArray[Any], generator: np.random.Generator, resume: bool
    ) -> tuple[NDArray[np.intp], NDArray[np.intp] | None]:
        """Rows to train on, and rows held out to validate on.

        Training that goes on holds out the same rows of the same data.
        """
        rows = np.arange(len(y))
        if not self.validation_split:
            return rows, None
        if not (resume and hasattr(self, "_split_seed")):
            self._split_seed = int(generator.integers(2**31))
        # Imported here because predicting, which must start fast, does without it.
        from sklearn.model_selection import train_test_split

        return tuple(
            train_test_split(
                rows,
                test_size=self.validation_split,
                stratify=y,
                random_state=self._split_seed,
            )
        )

    def _check_validation_data(self, X_val: Any, y_val: Any) -> ValidationData | None:
        if X_val is None and y_val is None:
            return None
        if X_val is None or y_val is None:
            missing = "X_val" if X_val is None else "y_val"
            raise ValueError(f"X_val and y_val go together, but {missing} is missing.")
        _refuse_one_hot(y_val)
        X_val, y_val = self._check_rows(X_val, y_val, reset=False)
        unknown = np.setdiff1d(y_val, self.classes_)
        if len(unknown):
            raise ValueError(
                f"y_val has classes that y does not have: {unknown}. y has "
                f"{self.classes_}."
            )
        return ValidationData(X_val, self._encode(y_val), np.arange(len(y_val)))

    def _weights(
        self,
        X: FloatArray,
        y: NDArray[Any],
        sample_weight: ArrayLike | None,
        rows: NDArray[np.intp],
    ) -> FloatArray:
        """Weight of every sample, those of its class multiplied in."""
        weights: FloatArray = check_sample_weight(
            sample_weight, X, dtype=np.float32, ensure_non_negative=True, copy=True
        )
        weights *= self._class_weights(y)
        if not weights[rows].any():
            raise ValueError(
                "All samples have a sample_weight of 0, which leaves none to train on."
            )
        return weights

    def _class_weights(self, y: NDArray[Any]) -> Any:
        """Weight of each sample by its class."""
        if not isinstance(self.class_weight, dict):
            return compute_sample_weight(self.class_weight, y)
        # Not by scikit-learn, which takes the label "3" for the number 3.
        weights = np.ones(len(self.classes_), dtype=np.float32)
        unnamed = set(self.classes_.tolist()).difference(self.class_weight)
        for label, weight in self.class_weight.items():
            if label not in self.classes_ and unnamed:
                raise ValueError(
                    f"class_weight has the label {label!r}, which y does not have, and "
                    f"none for {unnamed}."
                )
            if not weight >= 0:
                raise ValueError(
                    "The weights of class_weight must be 0 or more. Got "
                    f"{weight!r} for {label!r}."
                )
            weights[self.classes_ == label] = weight
        return weights[self._encode(y)]

    def _planned_network(self) -> Network:
        return Network(
            n_features=self.n_features_in_,
            hidden_units=self._hidden_units(),
            activation=self.activation,
            dropout=float(self.dropout),
            n_classes=len(self.classes_),
        )

    def _deformation(self) -> Deformation | None:
        if self.augmentation is None:
            return None
        validate_estimator(self.augmentation)
        return Deformation(
            **self.augmentation.get_params(),
            image_shape=image_shape_of(self.n_features_in_, self.image_shape),
        )

    def _plan(self, epochs: int) -> TrainingPlan:
        if self.learning_rate_schedule and self.warmup_epochs >= epochs:
            raise ValueError(
                f"warmup_epochs={self.warmup_epochs!r} must be less than "
                f"epochs={epochs!r}, so that the learning rate can fall."
            )
        rate = self.learning_rate
        for callback in self.callbacks or ():
            if not hasattr(callback, "on_train_batch_end"):
                raise InvalidParameterError(
                    "The 'callbacks' parameter of MNISTMLPClassifier must be a list of "
                    f"keras.callbacks.Callback. Got {callback!r} in it."
                )
        return TrainingPlan(
            network=self._planned_network(),
            optimizer=self.optimizer,
            learning_rate=None if rate is None else float(rate),
            learning_rate_schedule=self.learning_rate_schedule,
            warmup_epochs=float(self.warmup_epochs),
            weight_decay=self.weight_decay,
            ema_momentum=self.ema_momentum,
            loss=self.loss,
            label_smoothing=float(self.label_smoothing),
            batch_size=int(self.batch_size),
            epochs=int(epochs),
            early_stopping_patience=int(self.patience) if self.early_stopping else None,
            deformation=self._deformation(),
            callbacks=tuple(self.callbacks or ()),
            verbose=int(self.verbose),
        )

    def _start(
        self, plan: TrainingPlan, generator: np.random.Generator, resume: bool
    ) -> TrainedNetwork:
        """The network to train from: new weights, or where training last ended."""
        if not resume:
            return TrainedNetwork(*plan.network.initial_weights(generator), {}, None)
        for name in ("hidden_units", "activation"):
            before, now = getattr(self._network, name), getattr(plan.network, name)
            if before != now:
                raise ValueError(
                    f"{name} cannot change while training goes on: the network has "
                    f"{before!r}, the parameter is {now!r}. Clone the estimator, or "
                    "set warm_start=False, to train a new network."
                )
        return TrainedNetwork(
            self.coefs_, self.intercepts_, self.history_, self._optimizer_state
        )

    def _train(
        self,
        X: FloatArray,
        y: NDArray[Any],
        weights: FloatArray,
        rows: NDArray[np.intp],
        validation: ValidationData | None,
        generator: np.random.Generator,
        resume: bool,
        epochs: int,
    ) -> None:
        from ._keras._training import train

        plan = self._plan(epochs)
        start = self._start(plan, generator, resume)
        rows = rows[weights[rows] > 0]
        data = TrainingData(X, self._encode(y), weights, rows, validation)
        trained = train(plan, data, start, generator)
        if not all(np.isfinite(coef).all() for coef in trained.coefs):
            raise ValueError(
                "Training ended in weights that are not finite. The learning_rate "
                f"({self.learning_rate!r}) may be too high, or X may hold large "
                "values. " + _NORMALIZER_MEND
            )
        self._keep(
            plan.network,
            trained.coefs,
            trained.intercepts,
            history=_appended_history(start.history, trained.history),
        )
        self._generator = generator
        self._optimizer_state = trained.optimizer_state

    def _keep(
        self,
        network: Network,
        coefs: list[FloatArray],
        intercepts: list[FloatArray],
        history: dict[str, list[float]],
    ) -> None:
        """Set the fitted attributes that describe a network."""
        losses = history.get("loss", [])
        self._network = network  # whatever set_params does later
        self.coefs_ = coefs
        self.intercepts_ = intercepts
        self.history_ = history
        self.n_iter_ = len(losses)
        self.loss_ = losses[-1] if losses else np.nan
        self.n_layers_ = len(coefs) + 1
        self.n_outputs_ = len(self.classes_)
        self.out_activation_ = "softmax"
        self._optimizer_state = None

    def _logits(self, X: Any) -> FloatArray:
        check_is_fitted(self, "coefs_")  # named, which saves a part of a row's time
        X = self._check_rows(X, reset=False)
        return forward_pass(X, self.coefs_, self.intercepts_, self._network.activation)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_sk_mnist_version": __version__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        version = state.pop("_sk_mnist_version", None)
        if version != __version__:
            warnings.warn(
                f"This MNISTMLPClassifier was saved by sk-mnist {version} and is "
                f"loaded by sk-mnist {__version__}. It may behave otherwise; to be "
                "sure, train it again or install the version that saved it.",
                UserWarning,
                stacklevel=2,
            )
        super().__setstate__(state)
