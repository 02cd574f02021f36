"""The estimator: scikit-learn's conventions around a network that Keras trains.

`fit` checks what comes in, hands a plan and arrays to Keras training and keeps the
arrays that come back. This file knows no Keras: that is imported inside `fit`.
"""

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from ._augmentation import ElasticDeformation, make_deformation
from ._deformation import Deformation
from ._images._pixels import check_image_shape, image_shape_of
from ._network import (
    ACTIVATIONS,
    Network,
    forward_pass,
    log_softmax,
    softmax,
)
from ._plan import (
    Codes,
    CompileSettings,
    OptimizerState,
    Rows,
    TrainedNetwork,
    TrainingData,
    TrainingPlan,
    ValidationData,
)
from ._random import generator_of_state, make_generator
from ._rows import FloatArray
from ._sklearn import (
    HasMethods,
    Interval,
    InvalidParameterError,
    StrOptions,
    check_partial_fit_first_call,
    clone_parameters,
    validate_before,
    validate_estimator,
    validate_parameter_constraints,
)
from ._test_time_augmentation import average_log_proba
from ._training_data import (
    USE_NORMALIZER,
    add_drawn_digits,
    check_class_weight,
    check_classes,
    check_number_of_classes,
    check_rows,
    check_rows_and_labels,
    check_validation_data,
    encode,
    hold_out,
    refuse_overflow,
    training_data,
    warn_of_bytes,
    weigh,
)
from ._version import __version__
from ._warnings import warn

# Layout of the saved state: raised when a version saves what earlier ones cannot load.
_STATE_LAYOUT = 1

# Keras trains in float32, whose greatest number this is.
_LARGEST_FLOAT = float(np.finfo(np.float32).max)

# Products of larger weights overflow float32 in a network of four hidden layers.
_LARGEST_WEIGHT = 1e9

# Parameters that may be objects of Keras.
_KERAS_OBJECTS = ("optimizer", "loss")


def _snapshot(estimator: "MNISTMLPClassifier") -> "MNISTMLPClassifier":
    """Return the estimator as it is now, whatever a fit in another thread does."""
    snapshot = object.__new__(type(estimator))
    snapshot.__dict__ = estimator.__dict__
    return snapshot


_taking_over = threading.Lock()


@contextlib.contextmanager
def _fitted_at_once(
    estimator: "MNISTMLPClassifier",
) -> Iterator["MNISTMLPClassifier"]:
    """Lend a copy to be fitted, and take over all that it has learned at the end.

    Until then, and if the fit fails, the estimator is as it was before.

    Raises
    ------
    RuntimeError
        If another thread has fitted the estimator meanwhile.
    """
    attributes = estimator.__dict__
    before = attributes.copy()
    copy = object.__new__(type(estimator))
    copy.__dict__.update(before)
    yield copy
    missing = object()
    with _taking_over:
        if estimator.__dict__ is not attributes:
            raise RuntimeError(
                "Another thread has fitted this estimator at the same time. Its result "
                "is kept, this one is not. Fit a clone in each thread, or use a lock."
            )
        set_by_callbacks = {
            name: value
            for name, value in attributes.items()
            if before.get(name, missing) is not value
        }
        estimator.__dict__ = copy.__dict__ | set_by_callbacks


def _float_or_none(number: float | None) -> float | None:
    """A plain float: Keras knows neither NumPy's longest ones nor fractions."""
    return None if number is None else float(number)


def _partial_fit_is_available(classifier: "MNISTMLPClassifier") -> bool:
    """Whether one pass can do what the parameters ask for.

    Raises
    ------
    AttributeError
        If it cannot, with the reason: scikit-learn hides the method then.
    """
    if classifier.early_stopping:
        raise AttributeError(
            "partial_fit does not support early_stopping=True: one pass has nothing to "
            "stop. Set early_stopping=False or call fit."
        )
    if classifier.learning_rate_schedule is not None or classifier.warmup_epochs:
        raise AttributeError(
            "partial_fit does not support learning_rate_schedule and warmup_epochs: it "
            "does not know how many passes will follow. Leave them out or call fit."
        )
    if classifier.class_weight == "balanced":
        raise AttributeError(
            "class_weight='balanced' is not supported for partial_fit, which does not "
            "see all samples. Pass the weights as a dict, computed with "
            "sklearn.utils.class_weight.compute_class_weight."
        )
    return True


class MNISTMLPClassifier(ClassifierMixin, BaseEstimator):
    """Multilayer perceptron for images of digits, trained by Keras.

    Dense layers, and a softmax over the classes. Keras trains it, with many batches in
    one compiled call. NumPy predicts; that needs no TensorFlow.

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
        Fraction of each hidden layer's units that is dropped in training, in [0, 1).

    optimizer : str or keras.optimizers.Optimizer, default="adam"
        Name of a Keras optimizer, or an optimizer object, which is copied.

    learning_rate : float, default=None
        Overrides the optimizer's learning rate. None keeps the optimizer's value.

    learning_rate_schedule : {"cosine"}, default=None
        ``"cosine"`` reduces the learning rate along half a cosine, from its full value
        to 0 over the `epochs` of a fit. A callback that sets the rate sets the full
        value.

    warmup_epochs : float, default=0
        Number of epochs, or fraction of one, over which the learning rate rises
        linearly from 0.

    weight_decay : float, default=None
        Decoupled weight decay, as in AdamW: every step subtracts this fraction of each
        weight, times the learning rate. None keeps the optimizer's value.

    ema_momentum : float, default=None
        Momentum, in (0, 1), of an exponential moving average of the weights over the
        steps. The fitted weights are this average. Validation uses it, and training
        that continues starts from it. None takes no average.

    loss : str, callable or keras.losses.Loss, \
            default="sparse_categorical_crossentropy"
        Any Keras loss for class probabilities. Labels are encoded as the loss needs
        them: integers for sparse losses, one-hot for all others. The loss of a batch is
        the mean weighted by `sample_weight`; the reduction of a loss object is ignored.

    label_smoothing : float, default=0.0
        Fraction of each label's probability, in [0, 1), that is distributed evenly over
        all classes. For the cross-entropy losses.

    batch_size : int, default=32
        Number of samples per gradient step. The last batch of an epoch may be smaller.

    epochs : int, default=10
        Number of passes over the training data.

    validation_split : float, default=0.0
        Fraction of the samples, in [0, 1), that is held out to validate on after each
        epoch. It is stratified, and sampled with `random_state`. `partial_fit` holds
        out nothing.

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
        Each fit uses a deep copy, so that a fit does not change the state of another. A
        callback keeps its results by writing them into the logs, which become
        `history_`, or into a file. A callback that acts on batches
        (``on_train_batch_begin`` or ``_end``) is called for each batch, and training is
        slower.

    augmentation : ElasticDeformation, default=None
        Deforms the training images anew for every batch, inside the compiled epoch.
        Images to validate on are not deformed.

    image_shape : tuple of (int, int), default=None
        Height and width of the images, for `augmentation`. None means square images.

    drawn_digits : float, default=0.0
        Digits drawn by :func:`make_handwritten_digits`, in the forms of other schools
        than MNIST's writers', that `fit` trains on beside `X`, as a share of its
        samples. They need labels that are digits, from 0 to 9 or their texts, and
        images in MNIST's frame with pixels from 0 to 1; with others `fit` warns and
        adds none.

    test_time_augmentation : int, default=0
        Number of deformations of each image over which `predict`, `predict_proba`,
        `predict_log_proba` and `score` average the log-probabilities; 0 takes the image
        itself. The deformations are like those of `augmentation` but without
        `thickness`, and at half their strength except for `deskew`. They are the same
        for all images and all calls. It can be set after training too.

    warm_start : bool, default=False
        When True, `fit` continues after the last epoch for `epochs` more: weights,
        optimizer state and random stream continue where they were.

    random_state : int, RandomState instance or None, default=None
        Draws the hold-out, `drawn_digits`, the initial weights, the order of the
        samples and dropout. An int gives the same weights, bit for bit, in every
        process with the same number of threads. None is seeded by the system; nobody's
        global random state is used or changed.

    verbose : int, default=0
        1 shows a progress bar over the epochs in a terminal or notebook, and prints a
        line per epoch elsewhere.

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
        ``loss`` and ``accuracy`` of each epoch, with validation also ``val_loss`` and
        ``val_accuracy``, and the logs of callbacks. NaN for epochs without a value.
        Loss and accuracy are means over the epoch, while the weights change.

    n_iter_ : int
        Number of epochs run, with those of earlier calls if the last one continued
        them.

    loss_ : float
        Training loss of the last epoch or, with `early_stopping`, of the epoch whose
        weights were kept.

    best_epoch_ : int
        The epoch, from 1, of the lowest validation loss among those of the last call of
        `fit`. Defined only if there was validation.

    best_loss_ : float
        The validation loss of that epoch. Defined only if there was validation.

    n_layers_ : int
        Number of layers, input and output included.

    n_outputs_ : int
        Number of classes.

    activation_ : str
        Activation of the hidden layers, as it was in `fit`.

    out_activation_ : str
        Always ``"softmax"``.

    See Also
    --------
    ImageNormalizer : Brings images to the rows of numbers that this estimator takes.
    sklearn.neural_network.MLPClassifier : scikit-learn's own multilayer perceptron.

    Notes
    -----
    After a plain `fit` the optimizer's state is not kept, and `partial_fit` starts with
    a new one. With `warm_start`, and after `partial_fit`, it is kept, also in a file.

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

    # Where users import it from, and all that a saved model says of where it lies.
    __module__ = "sk_mnist"

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
        "learning_rate": [Interval(Real, 0, _LARGEST_FLOAT, closed="right"), None],
        "learning_rate_schedule": [StrOptions({"cosine"}), None],
        "warmup_epochs": [Interval(Real, 0, _LARGEST_FLOAT, closed="both")],
        "weight_decay": [Interval(Real, 0, _LARGEST_FLOAT, closed="both"), None],
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
        "drawn_digits": [Interval(Real, 0, None, closed="left")],
        "test_time_augmentation": [Interval(Integral, 0, None, closed="left")],
        "warm_start": ["boolean"],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }
    _optimizer_state: OptimizerState | None
    _random_stream: Mapping[str, Any]
    _split_seed: int
    # Whether the network converts pixels of 0 to 255 itself, as one from Keras may.
    _rescales_pixels = False

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
        drawn_digits: float = 0.0,
        test_time_augmentation: int = 0,
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
        self.drawn_digits = drawn_digits
        self.test_time_augmentation = test_time_augmentation
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Get the parameters.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include the parameters of `augmentation`.

        Returns
        -------
        dict of str to object

        Raises
        ------
        AttributeError
            If the ``__init__`` of a subclass has not set one of its parameters.
        """
        try:
            return super().get_params(deep)
        except AttributeError as error:
            raise AttributeError(
                f"{error}. Each parameter of {type(self).__name__}.__init__ must be "
                f"set as an attribute of the same name: self.{error.name} = "
                f"{error.name}."
            ) from error

    @validate_before
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> Self:
        """Train the network.

        A fit that fails or is interrupted leaves the estimator as it was. While it
        runs, other threads predict with what was fitted before.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training images as rows, best between 0 and 1; cast to float32.

        y : array-like of shape (n_samples,)
            Labels: integers, strings or any others that scikit-learn takes.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples, not negative. A weight of 2 is the same as a sample
            that is there twice in a batch; samples of weight 0 are left out.

        X_val : {array-like, sparse matrix} of shape \
                (n_validation_samples, n_features), default=None
            Images to validate on after each epoch, instead of `validation_split`.

        y_val : array-like of shape (n_validation_samples,), default=None
            Their labels.

        sample_weight_val : array-like of shape (n_validation_samples,), default=None
            Weights of `X_val` in the mean loss and accuracy. Samples that
            `validation_split` holds out are not weighted.

        Returns
        -------
        self : MNISTMLPClassifier
            The fitted estimator.

        Raises
        ------
        ValueError
            If the data or parameters cannot be trained on, or if training ends with
            weights that are infinite or very large.
        RuntimeError
            If another thread fitted the same estimator meanwhile: that fit is kept.

        Warns
        -----
        UserWarning
            If `drawn_digits` is set, but the data are not digits in MNIST's frame.
        """
        with _fitted_at_once(self) as fitted:
            resume = fitted.warm_start and hasattr(fitted, "coefs_")
            validates = bool(fitted.validation_split) or X_val is not None
            fitted._check_parameters(fitted.epochs, resume, validates)
            fitted._check_validation_arguments(X_val, y_val, sample_weight_val)
            X, y = check_rows_and_labels(fitted, X, y, reset=not resume)
            codes = fitted._learn_classes(y, resume)
            generator = fitted._continued_generator(resume)
            rows, held_out = fitted._split(codes, generator, resume)
            if held_out is not None:
                validation = ValidationData(X, codes, held_out)
            elif X_val is not None:
                validation = check_validation_data(
                    fitted, X_val, y_val, sample_weight_val, fitted.classes_
                )
            else:
                validation = None
            weights = weigh(
                sample_weight, fitted.class_weight, X, codes, fitted.classes_
            )
            data = training_data(X, codes, weights, rows, validation)
            if fitted.drawn_digits:
                seed = int(generator.integers(2**31))
                share = fitted.drawn_digits
                data = add_drawn_digits(data, fitted.classes_, share, seed)
            fitted._train(data, generator, resume, fitted.epochs)
            if not fitted.warm_start:
                fitted._optimizer_state = None  # large, and seldom needed
        return self

    @available_if(_partial_fit_is_available)
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
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
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
            If `classes` is missing in the first call, or if labels are not in it.
        AttributeError
            If `early_stopping`, `learning_rate_schedule` or `warmup_epochs` is set, or
            if `class_weight` is ``"balanced"``: there is no such method then.
        """
        with _fitted_at_once(self) as fitted:
            resume = hasattr(fitted, "coefs_")
            fitted._check_parameters(epochs=1, resume=resume, validates=False)
            X, y = check_rows_and_labels(fitted, X, y, reset=not resume)
            check_partial_fit_first_call(fitted, classes)
            check_number_of_classes(fitted.classes_)
            codes = encode(y, fitted.classes_, "y")
            generator = fitted._continued_generator(resume)
            weights = weigh(
                sample_weight, fitted.class_weight, X, codes, fitted.classes_
            )
            data = training_data(X, codes, weights, np.arange(len(codes)), None)
            fitted._train(data, generator, resume, epochs=1)
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict the labels of images.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Images as rows, in the range that was trained on.

        Returns
        -------
        ndarray of shape (n_samples,)
            The most probable label of each.
        """
        now = _snapshot(self)
        codes = now._logits(X).argmax(axis=1)
        return now.classes_[codes]

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Predict the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Images as rows, in the range that was trained on.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), float32
            Columns in the order of `classes_`.
        """
        return softmax(_snapshot(self)._logits(X))

    def predict_log_proba(self, X: ArrayLike) -> FloatArray:
        """Predict the logarithm of the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Images as rows, in the range that was trained on.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), float32
            Columns in the order of `classes_`; finite also where the probability is
            too small for a float.
        """
        return log_softmax(_snapshot(self)._logits(X))

    @classmethod
    def from_keras(cls, model_or_path: Any, classes: ArrayLike | None = None) -> Self:
        """Adopt a Keras multilayer perceptron as a fitted estimator.

        Parameters
        ----------
        model_or_path : keras.Model, str or path-like
            A model, or a ``.keras`` or ``.h5`` file, also of Keras 2, which is read in
            Keras's safe mode. It may hold `Flatten`, `Reshape`, `Rescaling` and
            `BatchNormalization` (both folded into the weights), `Dense`, `Dropout`,
            `Activation`, `ReLU` and `Softmax` layers, with one activation for all
            hidden layers; it may end in logits.

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
        labels = (
            np.arange(n_classes)
            if classes is None
            else check_classes(classes, n_classes)
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
        estimator._random_stream = make_generator(None).bit_generator.state
        estimator._rescales_pixels = adopted.rescales_pixels
        estimator._keep(coefs, intercepts, adopted.activation, history={})
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

        return to_keras(
            self._network(), self.coefs_, self.intercepts_, self._compile_settings()
        )

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

        save_keras(
            path,
            self._network(),
            self.coefs_,
            self.intercepts_,
            self._compile_settings(),
        )

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

        return to_scikeras(
            self._network(),
            self.coefs_,
            self.intercepts_,
            self._compile_settings(),
            classes=self.classes_,
            batch_size=self.batch_size,
            epochs=self.epochs,
        )

    def _hidden_units(self) -> tuple[int, ...]:
        """The hidden layers' sizes as a tuple, checked one by one."""
        units = np.atleast_1d(np.asarray(self.hidden_units, dtype=object))
        if units.ndim > 1 or not all(
            isinstance(u, Integral) and int(u) >= 1 for u in units
        ):
            raise InvalidParameterError(
                "The 'hidden_units' parameter of MNISTMLPClassifier must be an int in "
                "the range [1, inf) or a sequence of such ints, one for each hidden "
                f"layer. Got {self.hidden_units!r} instead."
            )
        return tuple(int(u) for u in units)

    def _check_parameters(self, epochs: int, resume: bool, validates: bool) -> None:
        """Refuse parameters that cannot be trained with, before any data are touched.

        `validates` says whether there will be data to validate on.
        """
        self._hidden_units()
        if resume:
            self._check_same_network()
        self._check_augmentation()
        if self.image_shape is not None:
            check_image_shape(self.image_shape)
        check_class_weight(self.class_weight)
        if self.learning_rate_schedule and self.warmup_epochs >= epochs:
            raise ValueError(
                f"warmup_epochs={self.warmup_epochs!r} must be less than "
                f"epochs={epochs!r}, so that the learning rate can fall."
            )
        from ._keras._callbacks import check_callbacks
        from ._keras._compile import check_compile_settings

        check_callbacks(
            self.callbacks or (),
            validates=validates,
            random_state=self.random_state,
            early_stopping=self.early_stopping,
        )
        check_compile_settings(
            self._compile_settings(),
            schedules_rate=bool(self.learning_rate_schedule or self.warmup_epochs),
        )

    def _check_augmentation(self) -> None:
        validate_parameter_constraints(
            self._parameter_constraints,
            {"test_time_augmentation": self.test_time_augmentation},
            caller_name=type(self).__name__,
        )
        if self.augmentation is not None:
            validate_estimator(self.augmentation)
        elif self.test_time_augmentation:
            raise ValueError(
                f"test_time_augmentation={self.test_time_augmentation!r} needs the "
                "deformations that the network was trained with. Set augmentation, "
                "for example to sk_mnist.ElasticDeformation()."
            )

    def _check_same_network(self) -> None:
        """Refuse to continue training with a network of another shape."""
        before, now = self._network(), self._hidden_units()
        for name, old, new in (
            ("hidden_units", before.hidden_units, now),
            ("activation", before.activation, self.activation),
        ):
            if old != new:
                raise ValueError(
                    f"{name} cannot change when training continues: the network has "
                    f"{old!r}, the parameter is {new!r}. Clone the estimator, or set "
                    "warm_start=False, to train a new network."
                )

    def _check_validation_arguments(
        self, X_val: Any, y_val: Any, sample_weight_val: Any
    ) -> None:
        if (X_val is None) != (y_val is None):
            missing = "X_val" if X_val is None else "y_val"
            raise ValueError(f"Pass both X_val and y_val to fit: {missing} is missing.")
        if sample_weight_val is not None and X_val is None:
            raise ValueError(
                "sample_weight_val holds weights for X_val and y_val, which are "
                "missing. Pass them to fit too, or leave sample_weight_val out."
            )
        if self.validation_split and X_val is not None:
            raise ValueError(
                "X_val and y_val cannot be given together with "
                f"validation_split={self.validation_split!r}: set one of the two."
            )
        if self.early_stopping and not self.validation_split and X_val is None:
            raise ValueError(
                "early_stopping=True needs data to validate on: set validation_split, "
                "for example to 0.1, or pass X_val and y_val to fit."
            )

    def _learn_classes(self, y: NDArray[Any], resume: bool) -> Codes:
        """Set `classes_`, or check that they are the same, and encode the labels."""
        classes = np.unique(y)
        if not resume:
            check_number_of_classes(classes)
            self.classes_ = classes
        elif not np.array_equal(classes, self.classes_):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the "
                f"previous call to fit. Previously got {self.classes_}, `y` has "
                f"{classes}."
            )
        return encode(y, self.classes_, "y")

    def _continued_generator(self, resume: bool) -> np.random.Generator:
        if resume:
            return generator_of_state(self._random_stream)
        return make_generator(self.random_state)

    def _split(
        self, codes: Codes, generator: np.random.Generator, resume: bool
    ) -> tuple[Rows, Rows | None]:
        """Rows to train on, and rows held out to validate on.

        Training that goes on holds out the same rows of the same data.
        """
        if not self.validation_split:
            return np.arange(len(codes)), None
        if not (resume and hasattr(self, "_split_seed")):
            self._split_seed = int(generator.integers(2**31))
        return hold_out(codes, self.classes_, self.validation_split, self._split_seed)

    def _network(self) -> Network:
        """The shape of the fitted network, whatever `set_params` did later."""
        hidden_units = tuple(len(intercept) for intercept in self.intercepts_[:-1])
        return self._network_of(hidden_units, self.activation_)

    def _network_of(self, hidden_units: tuple[int, ...], activation: str) -> Network:
        return Network(
            n_features=self.n_features_in_,
            hidden_units=hidden_units,
            activation=activation,
            dropout=float(self.dropout),
            n_classes=len(self.classes_),
        )

    def _deformation(self) -> Deformation | None:
        if self.augmentation is None and self.image_shape is None:
            return None
        image_shape = image_shape_of(self.n_features_in_, self.image_shape)
        if self.augmentation is None:
            return None
        return make_deformation(self.augmentation, image_shape)

    def _compile_settings(self) -> CompileSettings:
        return CompileSettings(
            optimizer=self.optimizer,
            learning_rate=_float_or_none(self.learning_rate),
            weight_decay=_float_or_none(self.weight_decay),
            ema_momentum=_float_or_none(self.ema_momentum),
            loss=self.loss,
            label_smoothing=float(self.label_smoothing),
        )

    def _plan(self, epochs: int) -> TrainingPlan:
        return TrainingPlan(
            network=self._network_of(self._hidden_units(), self.activation),
            compile_settings=self._compile_settings(),
            learning_rate_schedule=self.learning_rate_schedule,
            warmup_epochs=float(self.warmup_epochs),
            batch_size=int(self.batch_size),
            epochs=int(epochs),
            early_stopping_patience=int(self.patience) if self.early_stopping else None,
            deformation=self._deformation(),
            callbacks=tuple(self.callbacks or ()),
            verbose=int(self.verbose),
        )

    def _train(
        self,
        data: TrainingData,
        generator: np.random.Generator,
        resume: bool,
        epochs: int,
    ) -> None:
        """Train new weights, or from where training last ended, and keep them."""
        from ._keras._training import train

        plan = self._plan(epochs)
        if resume:
            start = TrainedNetwork(
                self.coefs_, self.intercepts_, self.history_, self._optimizer_state
            )
        else:
            self._rescales_pixels = False
            initial = plan.network.initial_weights(generator)
            start = TrainedNetwork(*initial, history={}, optimizer_state=None)
        trained = train(plan, data, start, generator)
        weights = trained.coefs + trained.intercepts
        if not all((abs(array) <= _LARGEST_WEIGHT).all() for array in weights):
            raise ValueError(
                "Training ended with weights that are infinite or very large. The "
                f"learning_rate ({self.learning_rate!r}) or the weight_decay "
                f"({self.weight_decay!r}) may be too high, or X may hold large values. "
                + USE_NORMALIZER
            )
        self._keep(trained.coefs, trained.intercepts, self.activation, trained.history)
        self._keep_best_epoch(since=len(start.history.get("loss", ())))
        self._random_stream = generator.bit_generator.state
        self._optimizer_state = trained.optimizer_state

    def _keep(
        self,
        coefs: list[FloatArray],
        intercepts: list[FloatArray],
        activation: str,
        history: dict[str, list[float]],
    ) -> None:
        """Set the fitted attributes that describe a network."""
        losses = history.get("loss", [])
        self.coefs_ = coefs
        self.intercepts_ = intercepts
        self.activation_ = activation
        self.history_ = history
        self.n_iter_ = len(losses)
        self.loss_ = losses[-1] if losses else np.nan
        self.n_layers_ = len(coefs) + 1
        self.n_outputs_ = len(self.classes_)
        self.out_activation_ = "softmax"
        self._optimizer_state = None

    def _keep_best_epoch(self, since: int) -> None:
        """Set which epoch of this call was the best, where there was validation."""
        for name in ("best_epoch_", "best_loss_"):
            if hasattr(self, name):
                delattr(self, name)
        losses = np.asarray(self.history_.get("val_loss", ())[since:], dtype=float)
        if np.isnan(losses).all():
            return
        best = since + int(np.nanargmin(losses))
        self.best_epoch_ = best + 1
        self.best_loss_ = self.history_["val_loss"][best]
        if self.early_stopping:
            self.loss_ = self.history_["loss"][best]

    def _logits(self, X: Any) -> FloatArray:
        check_is_fitted(self, "coefs_")  # Naming the attribute makes this check faster.
        rows = check_rows(self, X)
        if not self._rescales_pixels:
            warn_of_bytes(X, rows)
        # `refuse_overflow` says it better than NumPy's warnings.
        with np.errstate(over="ignore", invalid="ignore"):
            logits = self._average_logits(rows)
        refuse_overflow(rows, logits)
        return logits

    def _average_logits(self, rows: FloatArray) -> FloatArray:
        """Logits of the rows, or the average over their deformations."""
        deformation = None
        if self.test_time_augmentation:
            self._check_augmentation()  # `set_params` may have changed it since `fit`
            deformation = self._deformation()
        if deformation is None:
            return self._forward_pass(rows)
        return average_log_proba(
            rows, deformation, self.test_time_augmentation, self._forward_pass
        )

    def _forward_pass(self, rows: FloatArray) -> FloatArray:
        return forward_pass(rows, self.coefs_, self.intercepts_, self.activation_)

    def __sklearn_clone__(self) -> Self:
        """Copy the parameters; Keras objects are shared, since no fit changes them.

        scikit-learn would copy them by saving and loading, which fails for classes of
        the user's own.
        """
        parameters = self.get_params(deep=False)  # a subclass may fix some of them
        shared = {
            name: parameters[name] for name in _KERAS_OBJECTS if name in parameters
        }
        plain = super().__new__(type(self))
        vars(plain).update(vars(self))
        vars(plain).update(dict.fromkeys(shared))
        return clone_parameters(plain).set_params(**shared)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        saved_by = {"_sk_mnist_version": __version__, "_state_layout": _STATE_LAYOUT}
        state = {**super().__getstate__(), **saved_by}
        for name in _KERAS_OBJECTS:
            if hasattr(state.get(name), "get_config"):
                from ._keras._compile import Portable

                state[name] = Portable(state[name])
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        version = state.pop("_sk_mnist_version", None)
        layout = state.pop("_state_layout", None)
        if layout != _STATE_LAYOUT:
            raise ValueError(
                f"This MNISTMLPClassifier was saved by sk-mnist {version} in the "
                f"layout {layout}, which sk-mnist {__version__} does not know. Load it "
                "with the version that saved it, or a later one."
            )
        if version != __version__:
            warn(
                f"This MNISTMLPClassifier was saved by sk-mnist {version} and is "
                f"loaded by sk-mnist {__version__}. Results may differ. Retrain it, or "
                "install the version that saved it."
            )
        # Parameters that the version that saved it did not have.
        super().__setstate__({**MNISTMLPClassifier().get_params(deep=False), **state})
