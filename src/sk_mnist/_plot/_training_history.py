"""The training history of a network: loss and accuracy of each epoch."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator

from .._sklearn import check_matplotlib_support
from ._common import COLORS, fitted_attribute

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

_NAME_LETTERS = 48  # that a line of a legend has room for
_LEGEND_LINES = 4  # that have room beside the curves
_XLABEL_INCHES = 0.5  # height of the ticks and the label below the axes


def _best_epoch(history: Mapping[str, Sequence[float]]) -> int | None:
    """Find the epoch, from 1, of the lowest validation loss; None without one."""
    val_loss = np.asarray(history.get("val_loss", []), dtype=float)
    if np.isnan(val_loss).all():
        return None
    return int(np.nanargmin(val_loss)) + 1


def _add_legend(ax: "Axes", title: str | None) -> None:
    """Put a short legend beside the curves, and a long one below them."""
    from matplotlib.transforms import ScaledTranslation

    _, labels = ax.get_legend_handles_labels()
    is_long = sum(label.count("\n") + 1 for label in labels) > _LEGEND_LINES
    place: dict[str, Any] = {}
    if is_long and ax.figure.get_layout_engine() is not None:  # it makes room
        below = ScaledTranslation(0, -_XLABEL_INCHES, ax.figure.dpi_scale_trans)
        place = {
            "loc": "upper center",
            "bbox_to_anchor": (0.5, 0),
            "bbox_transform": ax.transAxes + below,
        }
    ax.legend(fontsize="small", title=title, title_fontsize="small", **place)


class TrainingHistoryDisplay:
    """Loss and accuracy per epoch, in training and in validation.

    Create it with :meth:`from_estimator` or :meth:`from_history`. All parameters are
    stored as attributes. Each network has one color: its training is dashed, its
    validation solid, with a ring at the epoch of the lowest validation loss. Without
    validation no epoch is marked: the training loss does not tell which epoch is best
    on new digits.

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

    # Where users import it from.
    __module__ = "sk_mnist"

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
        """Plot the curves.

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
                panel.set_prop_cycle(color=COLORS)
            training = self._plot_curve(panel, metric, "training", linestyle="--")
            if f"val_{metric}" in self.history:
                color = training.get_color()
                self._plot_curve(panel, f"val_{metric}", "validation", color=color)
                if self.name is not None:  # one entry of the legend for each network
                    training.set_label("_training")
            panel.set(xlabel="Epoch", ylabel=metric.capitalize())
            panel.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            panel.grid(alpha=0.3)
            _add_legend(panel, title=None if self.name is None else "dashed: training")
        self.ax_ = axes
        self.figure_ = axes[0].figure
        return self

    def _plot_curve(self, ax: "Axes", key: str, label: str, **line_kw: Any) -> "Line2D":
        values = np.asarray(self.history[key], dtype=float)
        (epochs,) = np.nonzero(~np.isnan(values))
        if self.name is not None:
            label = textwrap.fill(self.name, _NAME_LETTERS)
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
        """Plot the training history of a fitted network.

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
            The plotted display.

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
        history = fitted_attribute(estimator, "history_")
        return cls.from_history(history, name=name, ax=ax)

    @classmethod
    def from_history(
        cls,
        history: Mapping[str, Sequence[float]],
        *,
        name: str | None = None,
        ax: Any = None,
    ) -> Self:
        """Plot a history, such as the ``history`` of a Keras ``History``.

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
            The plotted display.

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
