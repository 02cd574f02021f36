"""Pictures of a network: how it trained, what it misreads, what its units look for.

People look before they read. The displays follow scikit-learn's plotting API: the
``from_*`` methods compute, ``plot`` only draws, into axes of yours if you give it some,
and every artist is kept as an attribute to restyle. Matplotlib is imported when
something is drawn, and its global settings are left as they are.
"""

from collections.abc import Mapping, Sequence
from math import ceil, isqrt
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, is_classifier
from sklearn.pipeline import Pipeline
from sklearn.utils import check_array, check_consistent_length, check_random_state
from sklearn.utils._optional_dependencies import check_matplotlib_support
from sklearn.utils._param_validation import (
    Interval,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import check_is_fitted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

Which = Literal["first", "random", "errors", "most_confident_errors", "least_confident"]

# Okabe and Ito, "Color Universal Design" (2008), https://jfly.uni-koeln.de/color/,
# without the yellow and the black, which vanish on a light and on a dark page.
_COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
_ERROR_COLOR = "#D55E00"

_COUNT = [Interval(Integral, 1, None, closed="left")]
_CONSTRAINTS: dict[str, list[Any]] = {
    "which": [StrOptions(set(get_args(Which)))],
    "n_images": _COUNT,
    "n_units": _COUNT,
    "n_columns": _COUNT,
    "random_state": ["random_state"],
}


def _fitted_attribute(estimator: BaseEstimator, attribute: str) -> Any:
    """What the network inside a pipeline or a search has learned."""
    if hasattr(estimator, "best_estimator_"):
        return _fitted_attribute(estimator.best_estimator_, attribute)
    if isinstance(estimator, Pipeline):
        return _fitted_attribute(estimator[-1], attribute)
    check_is_fitted(estimator)
    if not hasattr(estimator, attribute):
        raise ValueError(
            f"The estimator parameter must have a {attribute}, as a fitted "
            "MNISTMLPClassifier has, or be a pipeline or a search with refit=True that "
            f"ends in one; {type(estimator).__name__} has none."
        )
    return getattr(estimator, attribute)


def _best_epoch(history: Mapping[str, Sequence[float]]) -> int | None:
    """The epoch, from 1, of the lowest validation loss; None without validation."""
    val_loss = np.asarray(history.get("val_loss", []), dtype=float)
    if np.isnan(val_loss).all():
        return None
    return int(np.nanargmin(val_loss)) + 1


def _as_image(pixels: ArrayLike, input_name: str) -> NDArray[Any]:
    """One image, (height, width) or in color, from its pixels, flat or not."""
    image = np.asarray(pixels)
    if image.ndim == 1 and isqrt(image.size) ** 2 == image.size:
        return image.reshape(isqrt(image.size), -1)
    if image.ndim == 2 or (image.ndim == 3 and image.shape[-1] in (1, 3, 4)):
        return image
    raise ValueError(
        f"{input_name} must hold images of shape (n_samples, height, width), or "
        f"square ones of shape (n_samples, height * width); got a sample of shape "
        f"{image.shape}. Reshape images that are not square, and give a single one "
        "as image[np.newaxis]."
    )


def _as_images(X: Any, input_name: str) -> list[NDArray[Any]]:
    """Images from what estimators accept; a list may hold images of several sizes."""
    if issparse(X):
        X = X.toarray()
    samples = X if isinstance(X, (list, tuple)) else np.asarray(X)
    return [_as_image(pixels, input_name) for pixels in samples]


def _select(
    which: Which,
    is_error: NDArray[np.bool_],
    confidence: NDArray[Any] | None,
    random_state: Any,
) -> NDArray[np.intp]:
    """The indices of all samples that ``which`` asks for, the first to show first."""
    if which == "first":
        return np.arange(len(is_error))
    if which == "random":
        return np.asarray(check_random_state(random_state).permutation(len(is_error)))
    if which == "errors":
        return np.flatnonzero(is_error)
    if confidence is None:
        raise ValueError(f"which={which!r} needs y_proba, the predicted probabilities.")
    if which == "least_confident":
        return np.argsort(confidence, kind="stable")
    errors = np.flatnonzero(is_error)
    return errors[np.argsort(-confidence[errors], kind="stable")]


def _percent(confidence: float) -> str:
    # A softmax never reaches 1: a certainty of 100 % would come from rounding.
    return ">99%" if confidence >= 0.995 else f"{confidence:.0%}"


def _captions(display: "DigitGridDisplay") -> list[str]:
    """What stands above each image: label, misreading, confidence, as far as known."""
    if display.y_true is None:
        return []
    true = np.asarray(display.y_true)
    predicted = true if display.y_pred is None else np.asarray(display.y_pred)
    readings = [
        f"{t}" if t == p else f"{t} → {p}" for t, p in zip(true, predicted, strict=True)
    ]
    if display.confidence is None:
        return readings
    percents = map(_percent, np.asarray(display.confidence))
    return [f"{r}  {p}" for r, p in zip(readings, percents, strict=True)]


def _draw_grid(
    images: Sequence[NDArray[Any]] | NDArray[Any],
    captions: Sequence[str],
    *,
    title: str,
    n_columns: int,
    ax: "Axes | None",
    caller_name: str,
    **imshow_kw: Any,
) -> "tuple[Axes, list[AxesImage], list[Text]]":
    """Draw images row by row into one axes, each in a square of side 1."""
    check_matplotlib_support(caller_name)
    validate_parameter_constraints(_CONSTRAINTS, {"n_columns": n_columns}, caller_name)
    import matplotlib.pyplot as plt

    n_columns = max(1, min(n_columns, len(images)))
    n_rows = ceil(len(images) / n_columns)
    gap, caption_height = 0.1, 0.25 if captions else 0.0
    width, height = n_columns * (1 + gap), n_rows * (1 + gap + caption_height)
    if ax is None:
        side = 0.85  # of an image, in inches
        figsize = (max(4.5, side * width), side * height + 0.4)
        ax = plt.subplots(figsize=figsize, layout="constrained")[1]
    else:
        box = ax.get_window_extent()
        side = min(box.width / width, box.height / max(height, 1)) / ax.figure.dpi

    artists = []
    corners = []
    for k, image in enumerate(images):
        row, column = divmod(k, n_columns)
        left = column * (1 + gap)
        top = row * (1 + gap + caption_height) + caption_height
        corners.append((left, top))
        image_height, image_width = np.divide(image.shape[:2], max(image.shape[:2]))
        x, y = left + (1 - image_width) / 2, top + (1 - image_height) / 2
        extent = (x, x + image_width, y + image_height, y)
        artists.append(ax.imshow(image, extent=extent, **imshow_kw))
    ax.set(xlim=(-gap, width), ylim=(height, -gap), aspect="equal", title=title)
    ax.set_axis_off()

    # A letter is about 0.6 em wide: the longest caption fits above its image.
    fontsize = min(9.0, 72 * side / (0.6 * max(map(len, captions), default=1)))
    texts = [
        ax.text(left + 0.5, top - 0.05, caption, ha="center", fontsize=fontsize)
        for (left, top), caption in zip(corners, captions, strict=False)
    ]
    return ax, artists, texts


class TrainingHistoryDisplay:
    """Loss and accuracy per epoch, in training and in validation.

    Create it with :meth:`from_estimator` or :meth:`from_history`. All parameters are
    stored as attributes. Each network has one color: its training is dashed, its
    validation solid, with a ring at the epoch of the lowest validation loss. Without
    validation no epoch is marked, since the training loss says nothing about which
    epoch reads new digits best.

    Parameters
    ----------
    history : dict of str to list of float
        ``loss`` and ``accuracy`` of each epoch and, if there was a validation,
        ``val_loss`` and ``val_accuracy``, NaN in epochs that were not validated.
    best_epoch : int, default=None
        The epoch to mark, counted from 1.
    name : str, default=None
        Name of the network in the legend.

    Attributes
    ----------
    ax_ : ndarray of shape (2,) of matplotlib Axes
        The axes of the loss and of the accuracy.
    figure_ : matplotlib Figure
        Figure containing the curves.
    lines_ : dict of str to matplotlib Line2D
        The curves, by their key in ``history``.

    See Also
    --------
    sklearn.model_selection.LearningCurveDisplay : Score against the number of
        training samples.

    Examples
    --------
    >>> from sk_mnist import TrainingHistoryDisplay
    >>> history = {"loss": [0.9, 0.4], "accuracy": [0.75, 0.88]}
    >>> display = TrainingHistoryDisplay(history, name="two epochs").plot()
    >>> sorted(display.lines_)
    ['accuracy', 'loss']
    """

    def __init__(
        self,
        history: Mapping[str, Sequence[float]],
        *,
        best_epoch: int | None = None,
        name: str | None = None,
    ) -> None:
        self.history = history
        self.best_epoch = best_epoch
        self.name = name

    def plot(self, ax: Any = None) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : array-like of two matplotlib Axes, default=None
            The axes of the loss and of the accuracy, ``ax_`` of another display to
            compare networks. If None, a new figure is created.

        Returns
        -------
        TrainingHistoryDisplay
            The display itself.

        Raises
        ------
        ValueError
            If ``ax`` is not two axes.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sk_mnist import TrainingHistoryDisplay
        >>> history = {"loss": [0.9, 0.4], "accuracy": [0.75, 0.88]}
        >>> figure, ax = plt.subplots(2, 1)
        >>> display = TrainingHistoryDisplay(history).plot(ax=ax)
        >>> display.figure_ is figure
        True
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        import matplotlib.pyplot as plt
        from matplotlib.ticker import MaxNLocator

        if ax is None:
            ax = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")[1]
        axes = np.ravel(np.asarray(ax, dtype=object))
        if axes.size != 2:
            raise ValueError(
                "The ax parameter must be two axes, for the loss and the accuracy, as "
                f"from plt.subplots(1, 2)[1] or another display's ax_; got {axes.size}."
            )
        self.lines_: dict[str, Line2D] = {}
        for panel, metric in zip(axes, ("loss", "accuracy"), strict=True):
            if not panel.has_data():
                panel.set_prop_cycle(color=_COLORS)
            training = self._plot_curve(panel, metric, "training", linestyle="--")
            if f"val_{metric}" in self.history:
                color = training.get_color()
                self._plot_curve(panel, f"val_{metric}", "validation", color=color)
            panel.set(xlabel="Epoch", ylabel=metric.capitalize())
            panel.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            panel.grid(alpha=0.3)
            panel.legend(fontsize="small")
        self.ax_ = axes
        self.figure_ = axes[0].figure
        return self

    def _plot_curve(self, ax: "Axes", key: str, label: str, **line_kw: Any) -> "Line2D":
        values = np.asarray(self.history[key], dtype=float)
        (epochs,) = np.nonzero(~np.isnan(values))
        if self.name is not None:
            label = f"{self.name}, {label}"
        if key.startswith("val_") and self.best_epoch is not None:
            best = self.best_epoch - 1
            label += f", best epoch {self.best_epoch}: {values[best]:.4g}"
            ring = {"marker": "o", "markersize": 8, "markerfacecolor": "none"}
            line_kw |= {**ring, "markevery": [int(np.searchsorted(epochs, best))]}
        elif len(epochs) == 1:
            line_kw["marker"] = "."
        (line,) = ax.plot(epochs + 1, values[epochs], label=label, **line_kw)
        self.lines_[key] = line
        return line

    @classmethod
    def from_estimator(
        cls, estimator: BaseEstimator, *, name: str | None = None, ax: Any = None
    ) -> Self:
        """Draw how a fitted network trained.

        Parameters
        ----------
        estimator : estimator instance
            A fitted :class:`~sk_mnist.MNISTMLPClassifier`, or a fitted pipeline or
            search (its best estimator) that ends in one.
        name : str, default=None
            Name of the network in the legend.
        ax : array-like of two matplotlib Axes, default=None
            The axes of the loss and of the accuracy, ``ax_`` of another display to
            compare networks. If None, a new figure is created.

        Returns
        -------
        TrainingHistoryDisplay
            The display, drawn.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If the estimator has no ``history_``, or ``ax`` is not two axes.

        Examples
        --------
        >>> from sk_mnist import MNISTMLPClassifier, TrainingHistoryDisplay
        >>> from sk_mnist import load_sample_digits
        >>> X, y = load_sample_digits(return_X_y=True)
        >>> options = {"epochs": 3, "validation_split": 0.1, "random_state": 0}
        >>> wide = MNISTMLPClassifier(hidden_units=64, **options).fit(X / 255, y)
        >>> slim = MNISTMLPClassifier(hidden_units=16, **options).fit(X / 255, y)
        >>> display = TrainingHistoryDisplay.from_estimator(wide, name="wide")
        >>> both = TrainingHistoryDisplay.from_estimator(
        ...     slim, name="slim", ax=display.ax_
        ... )
        >>> len(both.ax_[0].lines)
        4
        """
        history = _fitted_attribute(estimator, "history_")
        return cls.from_history(history, name=name, ax=ax)

    @classmethod
    def from_history(
        cls,
        history: Mapping[str, Sequence[float]],
        *,
        name: str | None = None,
        ax: Any = None,
    ) -> Self:
        """Draw a history, such as the ``history`` of a Keras ``History``.

        Parameters
        ----------
        history : dict of str to list of float
            ``loss`` and ``accuracy`` of each epoch and, if there was a validation,
            ``val_loss`` and ``val_accuracy``, NaN in epochs that were not validated.
        name : str, default=None
            Name of the network in the legend.
        ax : array-like of two matplotlib Axes, default=None
            The axes of the loss and of the accuracy, ``ax_`` of another display to
            compare networks. If None, a new figure is created.

        Returns
        -------
        TrainingHistoryDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If ``history`` lacks ``loss`` or ``accuracy``, or ``ax`` is not two axes.

        Examples
        --------
        >>> from sk_mnist import TrainingHistoryDisplay
        >>> display = TrainingHistoryDisplay.from_history({
        ...     "loss": [0.9, 0.4, 0.2], "accuracy": [0.75, 0.88, 0.94],
        ...     "val_loss": [0.5, 0.3, 0.4], "val_accuracy": [0.86, 0.92, 0.91],
        ... })
        >>> display.best_epoch
        2
        """
        if not {"loss", "accuracy"} <= history.keys():
            raise ValueError(
                "The history parameter must have the keys 'loss' and 'accuracy'; got "
                f"{sorted(history)}. In Keras, compile with metrics=['accuracy']."
            )
        return cls(history, best_epoch=_best_epoch(history), name=name).plot(ax=ax)


class DigitGridDisplay:
    """A grid of digits with what they are, what was read and how surely.

    Create it with :meth:`from_estimator`, :meth:`from_predictions` or
    :meth:`from_images`. All parameters are stored as attributes. Above each digit
    stands its label; above a misread one, in orange, ``true → predicted``; then the
    confidence, the largest predicted probability.

    Parameters
    ----------
    images : list of ndarray of shape (height, width) or (height, width, channels)
        The images to show. Each is drawn from its own minimum (black) to its own
        maximum (white).
    y_true : array-like of shape (n_images,), default=None
        Their true labels.
    y_pred : array-like of shape (n_images,), default=None
        Their predicted labels.
    confidence : array-like of shape (n_images,), default=None
        The confidence of each prediction, in [0, 1].
    indices : array-like of shape (n_images,), default=None
        Where the images stand in the data they were chosen from.
    title : str, default=""
        Title of the grid.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the whole grid.
    figure_ : matplotlib Figure
        Figure containing the grid.
    images_ : list of matplotlib AxesImage
        The digits as drawn.
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
        self, ax: "Axes | None" = None, *, n_columns: int = 8, cmap: Any = "gray"
    ) -> Self:
        """Draw the grid.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw the whole grid on. If None, a new figure is created.
        n_columns : int, default=8
            Number of digits in a row.
        cmap : str or matplotlib Colormap, default="gray"
            Colormap of images without color; ``"gray_r"`` shows bright ink as dark.

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
        self.ax_, self.images_, self.texts_ = _draw_grid(
            self.images,
            _captions(self),
            title=self.title,
            n_columns=n_columns,
            ax=ax,
            caller_name=f"{type(self).__name__}.plot",
            cmap=cmap,
        )
        for text in self.texts_:
            if "→" in text.get_text():
                text.set_color(_ERROR_COLOR)
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
        """Draw digits as a fitted classifier reads them.

        Parameters
        ----------
        estimator : estimator instance
            A fitted classifier, or a fitted pipeline or search that ends in one.
            Without ``predict_proba`` no confidence is shown.
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
            Draws the digits of ``which="random"``.
        **plot_options : dict
            Options of :meth:`plot`: ``ax``, ``n_columns``, ``cmap``.

        Returns
        -------
        DigitGridDisplay
            The display, drawn.

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
        y_proba = None
        if hasattr(estimator, "predict_proba"):
            y_proba = estimator.predict_proba(X)
        return cls.from_predictions(
            images,
            y,
            estimator.predict(X),
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
        """Draw digits with predictions made before.

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
            Draws the digits of ``which="random"``.
        **plot_options : dict
            Options of :meth:`plot`: ``ax``, ``n_columns``, ``cmap``.

        Returns
        -------
        DigitGridDisplay
            The display, drawn.

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
        name = which.replace("_", " ")
        title = f"{name.capitalize()} (true → predicted), {len(shown)} of {len(chosen)}"
        return cls(
            [images[index] for index in shown],
            y_true=true[shown],
            y_pred=predicted[shown],
            confidence=None if confidence is None else confidence[shown],
            indices=shown,
            title=title if len(chosen) else f"No errors among {len(images)} images",
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
        """Draw digits before anything has read them.

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
            Draws the images of ``which="random"``.
        **plot_options : dict
            Options of :meth:`plot`: ``ax``, ``n_columns``, ``cmap``.

        Returns
        -------
        DigitGridDisplay
            The display, drawn.

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
            _CONSTRAINTS | {"which": [StrOptions({"first", "random"})]},
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
        ).plot(**plot_options)


class HiddenUnitsDisplay:
    """What the first layer looks for: the weights of each unit as an image.

    Create it with :meth:`from_estimator`. All parameters are stored as attributes.
    Where weights are red, ink excites the unit; where they are blue, it inhibits it.
    All units share one color scale, symmetric about zero.

    Parameters
    ----------
    weights : ndarray of shape (n_units, height, width)
        The weights from every pixel to each unit shown.
    title : str, default=""
        Title of the grid.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the whole grid.
    colorbar_ : matplotlib Colorbar
        The color scale.
    figure_ : matplotlib Figure
        Figure containing the grid.
    images_ : list of matplotlib AxesImage
        The units as drawn.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_mnist import HiddenUnitsDisplay
    >>> weights = np.random.default_rng(0).normal(size=(6, 28, 28))
    >>> display = HiddenUnitsDisplay(weights, title="before training").plot()
    >>> len(display.images_)
    6
    """

    def __init__(self, weights: NDArray[Any], *, title: str = "") -> None:
        self.weights = weights
        self.title = title

    def plot(
        self, ax: "Axes | None" = None, *, n_columns: int = 8, cmap: Any = "RdBu_r"
    ) -> Self:
        """Draw the units.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw the whole grid on. If None, a new figure is created.
        n_columns : int, default=8
            Number of units in a row.
        cmap : str or matplotlib Colormap, default="RdBu_r"
            A diverging colormap.

        Returns
        -------
        HiddenUnitsDisplay
            The display itself.

        Examples
        --------
        >>> import numpy as np
        >>> from sk_mnist import HiddenUnitsDisplay
        >>> weights = np.random.default_rng(0).normal(size=(6, 28, 28))
        >>> display = HiddenUnitsDisplay(weights).plot(n_columns=3, cmap="PuOr")
        >>> display.images_[0].get_cmap().name
        'PuOr'
        """
        limit = np.abs(self.weights).max()
        self.ax_, self.images_, _ = _draw_grid(
            self.weights,
            [],
            title=self.title,
            n_columns=n_columns,
            ax=ax,
            caller_name=f"{type(self).__name__}.plot",
            cmap=cmap,
            vmin=-limit,
            vmax=limit,
        )
        self.figure_ = self.ax_.figure
        scale = self.ax_.inset_axes((1.02, 0, 0.025, 1))
        self.colorbar_ = self.figure_.colorbar(self.images_[0], cax=scale)
        return self

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        *,
        n_units: int = 32,
        image_shape: tuple[int, int] | None = None,
        **plot_options: Any,
    ) -> Self:
        """Draw the first-layer weights of a fitted network.

        Parameters
        ----------
        estimator : estimator instance
            A fitted :class:`~sk_mnist.MNISTMLPClassifier`, or a fitted pipeline or
            search (its best estimator) that ends in one.
        n_units : int, default=32
            Number of units to show at most, the first ones of the layer; the title
            says of how many.
        image_shape : tuple (height, width), default=None
            Shape of the images in pixels. If None, they are square.
        **plot_options : dict
            Options of :meth:`plot`: ``ax``, ``n_columns``, ``cmap``.

        Returns
        -------
        HiddenUnitsDisplay
            The display, drawn.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If the estimator has no ``coefs_``, or the features it was fitted on are
            not the pixels of an image of ``image_shape``.

        Examples
        --------
        >>> from sk_mnist import HiddenUnitsDisplay, MNISTMLPClassifier
        >>> from sk_mnist import load_sample_digits
        >>> X, y = load_sample_digits(return_X_y=True)
        >>> clf = MNISTMLPClassifier(hidden_units=64, epochs=2, random_state=0)
        >>> display = HiddenUnitsDisplay.from_estimator(clf.fit(X / 255, y))
        >>> display.weights.shape
        (32, 28, 28)
        """
        validate_parameter_constraints(
            _CONSTRAINTS,
            {"n_units": n_units},
            caller_name=f"{cls.__name__}.from_estimator",
        )
        weights = _fitted_attribute(estimator, "coefs_")[0].T
        all_units, n_features = weights.shape
        if image_shape is None:
            image_shape = (isqrt(n_features), isqrt(n_features))
        if image_shape[0] * image_shape[1] != n_features:
            raise ValueError(
                f"The estimator was fitted on {n_features} features, which are not the "
                f"pixels of an image of {image_shape[0]} x {image_shape[1]}. Give the "
                "image_shape parameter the images' (height, width)."
            )
        shown = weights[:n_units].reshape(-1, *image_shape)
        title = f"{len(shown)} of {all_units} units: weight of each pixel"
        return cls(shown, title=title).plot(**plot_options)
