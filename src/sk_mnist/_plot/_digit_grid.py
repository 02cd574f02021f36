"""A grid of digits with their labels, predictions and confidences."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, is_classifier
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils.multiclass import unique_labels

from .._images._pixels import as_image
from .._percent import percent
from .._random import make_generator
from .._sklearn import StrOptions, validate_parameter_constraints
from ._common import CONSTRAINTS, ERROR_COLOR
from ._image_grid import plot_image_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Which = Literal["first", "random", "errors", "most_confident_errors", "least_confident"]

_CONSTRAINTS = CONSTRAINTS | {"which": [StrOptions(set(get_args(Which)))]}


def _as_images(X: Any, input_name: str) -> list[NDArray[Any]]:
    """Convert data to images; a list may hold images of several sizes."""
    if issparse(X):
        X = X.toarray()
    samples = X if isinstance(X, (list, tuple)) else np.asarray(X)
    try:
        return [as_image(pixels) for pixels in samples]
    except ValueError as error:
        raise ValueError(
            f"{input_name} must be a set of images (give a single one as [image]): "
            f"{error}"
        ) from error


def _select(
    which: Which,
    is_error: NDArray[np.bool_],
    confidence: NDArray[Any] | None,
    random_state: Any,
) -> NDArray[np.intp]:
    """List the indices of the samples that ``which`` selects, in order."""
    if which == "first":
        return np.arange(len(is_error))
    if which == "random":
        return make_generator(random_state).permutation(len(is_error))
    errors = np.flatnonzero(is_error)
    if which == "errors":
        return errors
    if confidence is None:
        raise ValueError(f"which={which!r} needs y_proba, the predicted probabilities.")
    if which == "least_confident":
        return np.argsort(confidence, kind="stable")
    return errors[np.argsort(-confidence[errors], kind="stable")]


def _captions(display: "DigitGridDisplay") -> list[str]:
    """Write above each image its label, wrong prediction and confidence, if known."""
    if display.y_true is None:
        return []
    true = np.asarray(display.y_true)
    predicted = true if display.y_pred is None else np.asarray(display.y_pred)
    readings = [
        f"{t}" if t == p else f"{t} → {p}" for t, p in zip(true, predicted, strict=True)
    ]
    if display.confidence is None:
        return readings
    percents = map(percent, np.asarray(display.confidence))
    return [f"{r}  {p}" for r, p in zip(readings, percents, strict=True)]


def _title(which: Which, n_shown: int, n_all: int) -> str:
    """Say which digits are shown.

    >>> _title("most_confident_errors", 24, 1234)
    'The 24 most confident of 1,234 errors'
    >>> _title("first", 16, 16)
    '16 images'
    >>> _title("errors", 1, 1)
    '1 error'
    """
    images, errors, predictions = (
        f"{n_all:,} {noun}{'' if n_all == 1 else 's'}"
        for noun in ("image", "error", "prediction")
    )
    if n_shown == n_all:
        return {
            "first": images,
            "random": f"{images} in random order",
            "errors": errors,
            "most_confident_errors": f"{errors}, the most confident first",
            "least_confident": f"{predictions}, the least confident first",
        }[which]
    return {
        "first": f"The first {n_shown} of {images}",
        "random": f"{n_shown} random ones of {images}",
        "errors": f"{n_shown} of {errors}",
        "most_confident_errors": f"The {n_shown} most confident of {errors}",
        "least_confident": f"The {n_shown} least confident of {predictions}",
    }[which]


def _predict_once(estimator: Any, X: Any) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Predict labels and, if the estimator can, probabilities, in one pass over X."""
    if not hasattr(estimator, "predict_proba"):
        return estimator.predict(X), None
    y_proba = estimator.predict_proba(X)
    return estimator.classes_[y_proba.argmax(axis=1)], y_proba


class DigitGridDisplay:
    """A grid of digits with their labels, predictions and confidences.

    Create it with :meth:`from_estimator`, :meth:`from_predictions` or
    :meth:`from_images`. All parameters are stored as attributes. The caption of each
    digit is its label or, if it was misread, in orange, ``true → predicted``; then the
    confidence, the largest predicted probability.

    Parameters
    ----------
    images : list of ndarray of shape (height, width) or (height, width, channels)
        The images to show. The colors of each range from its own minimum (black) to
        its own maximum (white).
    y_true : array-like of shape (n_images,), default=None
        Their true labels.
    y_pred : array-like of shape (n_images,), default=None
        Their predicted labels.
    confidence : array-like of shape (n_images,), default=None
        The confidence of each prediction, in [0, 1].
    indices : array-like of shape (n_images,), default=None
        Their indices in the data from which they were selected.
    title : str, default=""
        Title of the grid.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the whole grid.
    figure_ : matplotlib Figure
        Figure containing the grid.
    images_ : list of matplotlib AxesImage
        The digits as plotted.
    texts_ : list of matplotlib Text
        The captions above them; empty without labels.

    See Also
    --------
    sklearn.metrics.ConfusionMatrixDisplay : Which digits are read as which.

    Examples
    --------
    >>> from sk_mnist import DigitGridDisplay, load_sample_digits
    >>> X, y = load_sample_digits(return_X_y=True)
    >>> display = DigitGridDisplay(X[:3].reshape(-1, 28, 28), y_true=y[:3])
    >>> [text.get_text() for text in display.plot().texts_]
    ['0', '1', '2']
    """

    # Where users import it from.
    __module__ = "sk_mnist"

    def __init__(
        self,
        images: Sequence[NDArray[Any]] | NDArray[Any],
        *,
        y_true: ArrayLike | None = None,
        y_pred: ArrayLike | None = None,
        confidence: ArrayLike | None = None,
        indices: ArrayLike | None = None,
        title: str = "",
    ) -> None:
        self.images = images
        self.y_true = y_true
        self.y_pred = y_pred
        self.confidence = confidence
        self.indices = indices
        self.title = title

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        n_columns: int | None = None,
        cmap: Any = "gray",
    ) -> Self:
        """Plot the grid.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to plot the whole grid on. If None, a new figure is created.
        n_columns : int, default=None
            Number of digits in a row. None takes 8, or more if there are many digits.
        cmap : str or matplotlib Colormap, default="gray"
            Colormap of images without color; ``"gray_r"`` shows dark strokes on white.

        Returns
        -------
        DigitGridDisplay
            The display itself.

        Examples
        --------
        >>> from sk_mnist import DigitGridDisplay, load_sample_digits
        >>> X, y = load_sample_digits(return_X_y=True)
        >>> display = DigitGridDisplay(X[:6].reshape(-1, 28, 28))
        >>> len(display.plot(n_columns=3, cmap="gray_r").images_)
        6
        """
        self.ax_, self.images_, self.texts_ = plot_image_grid(
            self.images,
            _captions(self),
            title=self.title,
            n_columns=n_columns,
            ax=ax,
            caller_name=f"{type(self).__name__}.plot",
            cmap=cmap,
        )
        if self.texts_ and self.y_pred is not None:
            is_error = np.asarray(self.y_true) != np.asarray(self.y_pred)
            for number in np.flatnonzero(is_error):
                self.texts_[number].set_color(ERROR_COLOR)
        self.figure_ = self.ax_.figure
        return self

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        X: Any,
        y: ArrayLike,
        *,
        which: Which = "errors",
        n_images: int = 24,
        random_state: int | np.random.RandomState | None = None,
        **plot_options: Any,
    ) -> Self:
        """Plot digits with the predictions of a fitted classifier.

        Parameters
        ----------
        estimator : estimator instance
            A fitted classifier, or a fitted pipeline or search that ends in one. If it
            has ``predict_proba``, the most probable label is the prediction and its
            probability the confidence; else ``predict`` is used, and no confidence is
            shown.
        X : array-like of shape (n_samples, height, width) or \
                (n_samples, height * width)
            Images as the estimator takes them; flat ones must be square. They are
            shown as given, before a pipeline changes them.
        y : array-like of shape (n_samples,)
            True labels.
        which : {"first", "random", "errors", "most_confident_errors", \
                "least_confident"}, default="errors"
            Which digits to show. ``"first"`` and ``"errors"`` keep the order of
            ``X``; without errors, the title says so above an empty grid.
        n_images : int, default=24
            Number of digits to show at most.
        random_state : int, RandomState instance or None, default=None
            Selects the digits of ``which="random"``; an int selects the same ones each
            time.
        **plot_options : dict
            Options of :meth:`plot`: ``ax``, ``n_columns``, ``cmap``.

        Returns
        -------
        DigitGridDisplay
            The plotted display.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If the estimator is not a classifier, ``X`` does not hold images or
            ``which`` needs probabilities that the estimator does not predict.

        Examples
        --------
        >>> from sklearn.pipeline import make_pipeline
        >>> from sk_mnist import DigitGridDisplay, ImageNormalizer
        >>> from sk_mnist import MNISTMLPClassifier, load_sample_digits
        >>> X, y = load_sample_digits(return_X_y=True)
        >>> network = MNISTMLPClassifier(epochs=2, random_state=0)
        >>> pipe = make_pipeline(ImageNormalizer(), network).fit(X, y)
        >>> display = DigitGridDisplay.from_estimator(
        ...     pipe, X, y, which="least_confident", n_images=16, n_columns=4
        ... )
        >>> len(display.images_)
        16
        """
        if not is_classifier(estimator):
            raise ValueError(
                "The estimator parameter must be a classifier; got "
                f"{type(estimator).__name__}."
            )
        images = _as_images(X, "X")
        y_pred, y_proba = _predict_once(estimator, X)
        return cls.from_predictions(
            images,
            y,
            y_pred,
            y_proba,
            which=which,
            n_images=n_images,
            random_state=random_state,
            **plot_options,
        )

    @classmethod
    def from_predictions(
        cls,
        images: Any,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        y_proba: ArrayLike | None = None,
        *,
        which: Which = "errors",
        n_images: int = 24,
        random_state: int | np.random.RandomState | None = None,
        **plot_options: Any,
    ) -> Self:
        """Plot digits with given predictions.

        Parameters
        ----------
        images : array-like of shape (n_samples, height, width) or \
                (n_samples, height * width), or list of images
            The images; flat ones must be square, those of a list may differ in size.
        y_true : array-like of shape (n_samples,)
            True labels.
        y_pred : array-like of shape (n_samples,)
            Predicted labels.
        y_proba : array-like of shape (n_samples, n_classes), default=None
            Predicted probabilities, for the confidence.
        which : {"first", "random", "errors", "most_confident_errors", \
                "least_confident"}, default="errors"
            Which digits to show. ``"first"`` and ``"errors"`` keep the order of
            ``images``; without errors, the title says so above an empty grid.
        n_images : int, default=24
            Number of digits to show at most.
        random_state : int, RandomState instance or None, default=None
            Selects the digits of ``which="random"``; an int selects the same ones each
            time.
        **plot_options : dict
            Options of :meth:`plot`: ``ax``, ``n_columns``, ``cmap``.

        Returns
        -------
        DigitGridDisplay
            The plotted display.

        Raises
        ------
        ValueError
            If ``images`` does not hold images, lengths or kinds of labels differ, or
            ``which`` needs ``y_proba`` and there is none.

        Examples
        --------
        >>> from sk_mnist import DigitGridDisplay, load_sample_digits
        >>> X, y = load_sample_digits(return_X_y=True)
        >>> y_pred = y.copy()
        >>> y_pred[7] = 1
        >>> display = DigitGridDisplay.from_predictions(X, y, y_pred)
        >>> display.indices, display.texts_[0].get_text()
        (array([7]), '7 → 1')
        """
        validate_parameter_constraints(
            _CONSTRAINTS,
            {"which": which, "n_images": n_images, "random_state": random_state},
            caller_name=f"{cls.__name__}.from_predictions",
        )
        images = _as_images(images, "images")
        check_consistent_length(images, y_true, y_pred, y_proba)
        unique_labels(y_true, y_pred)  # refuses '7' beside 7
        true, predicted = np.asarray(y_true), np.asarray(y_pred)
        confidence = None
        if y_proba is not None:
            confidence = check_array(y_proba, input_name="y_proba").max(axis=1)
        chosen = _select(which, true != predicted, confidence, random_state)
        shown = chosen[:n_images]
        title = _title(which, len(shown), len(chosen)) + ": true → predicted"
        return cls(
            [images[index] for index in shown],
            y_true=true[shown],
            y_pred=predicted[shown],
            confidence=None if confidence is None else confidence[shown],
            indices=shown,
            title=title if len(chosen) else f"No errors among {len(images):,} images",
        ).plot(**plot_options)

    @classmethod
    def from_images(
        cls,
        images: Any,
        labels: ArrayLike | None = None,
        *,
        which: Literal["first", "random"] = "first",
        n_images: int = 24,
        random_state: int | np.random.RandomState | None = None,
        **plot_options: Any,
    ) -> Self:
        """Plot digits without predictions.

        Parameters
        ----------
        images : array-like of shape (n_samples, height, width) or \
                (n_samples, height * width), or list of images
            The images; flat ones must be square, those of a list may differ in size.
        labels : array-like of shape (n_samples,), default=None
            What to write above them.
        which : {"first", "random"}, default="first"
            Which images to show.
        n_images : int, default=24
            Number of images to show at most.
        random_state : int, RandomState instance or None, default=None
            Selects the images of ``which="random"``; an int selects the same ones each
            time.
        **plot_options : dict
            Options of :meth:`plot`: ``ax``, ``n_columns``, ``cmap``.

        Returns
        -------
        DigitGridDisplay
            The plotted display.

        Raises
        ------
        ValueError
            If ``images`` does not hold images or ``labels`` has another length.

        Examples
        --------
        >>> from sk_mnist import DigitGridDisplay, load_sample_digits
        >>> X, y = load_sample_digits(return_X_y=True)
        >>> display = DigitGridDisplay.from_images(
        ...     X, y, which="random", n_images=8, random_state=0
        ... )
        >>> len(display.images_)
        8
        """
        validate_parameter_constraints(
            CONSTRAINTS | {"which": [StrOptions({"first", "random"})]},
            {"which": which, "n_images": n_images, "random_state": random_state},
            caller_name=f"{cls.__name__}.from_images",
        )
        images = _as_images(images, "images")
        check_consistent_length(images, labels)
        no_errors = np.zeros(len(images), dtype=bool)
        shown = _select(which, no_errors, None, random_state)[:n_images]
        return cls(
            [images[index] for index in shown],
            y_true=None if labels is None else np.asarray(labels)[shown],
            indices=shown,
            title=_title(which, len(shown), len(images)),
        ).plot(**plot_options)
