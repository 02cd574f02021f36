"""The first layer's weights, as a grid of images."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from .._images._pixels import image_shape_of
from .._sklearn import validate_parameter_constraints
from ._common import CONSTRAINTS, fitted_attribute
from ._image_grid import plot_image_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class HiddenUnitsDisplay:
    """The weights from the pixels to each unit of the first layer, as images.

    Create it with :meth:`from_estimator`. All parameters are stored as attributes.
    Strokes where weights are red excite the unit; where they are blue, they inhibit it.
    All units share one color scale, symmetric about zero.

    Parameters
    ----------
    weights : ndarray of shape (n_units, height, width)
        The weights from every pixel to each unit shown.
    names : sequence of str, default=()
        Names of the units, to be shown above them.
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
        The units as plotted.
    texts_ : list of matplotlib Text
        The names above them; empty without names.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_mnist import HiddenUnitsDisplay
    >>> weights = np.random.default_rng(0).normal(size=(6, 28, 28))
    >>> display = HiddenUnitsDisplay(weights, title="before training").plot()
    >>> len(display.images_)
    6
    """

    # Where users import it from.
    __module__ = "sk_mnist"

    def __init__(
        self, weights: NDArray[Any], *, names: Sequence[str] = (), title: str = ""
    ) -> None:
        self.weights = weights
        self.names = names
        self.title = title

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        n_columns: int | None = None,
        cmap: Any = "RdBu_r",
    ) -> Self:
        """Plot the units.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to plot the whole grid on. If None, a new figure is created.
        n_columns : int, default=None
            Number of units in a row. None takes 8, or more if there are many units.
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
        self.ax_, self.images_, self.texts_ = plot_image_grid(
            self.weights,
            self.names,
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
        """Plot the first-layer weights of a fitted network.

        Without hidden layers the units are the outputs, each named by its class.

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
            The plotted display.

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
            CONSTRAINTS,
            {"n_units": n_units},
            caller_name=f"{cls.__name__}.from_estimator",
        )
        coefs = fitted_attribute(estimator, "coefs_")
        weights = coefs[0].T
        all_units, n_features = weights.shape
        height, width = image_shape_of(n_features, image_shape)
        shown = weights[:n_units].reshape(-1, height, width)
        kind, names = "hidden unit" if all_units == 1 else "hidden units", []
        if len(coefs) == 1:
            kind, names = "classes", fitted_attribute(estimator, "classes_")[:n_units]
        first = f"{len(shown):,} of " if len(shown) < all_units else ""
        return cls(
            shown,
            names=[str(name) for name in names],
            title=f"{first}{all_units:,} {kind}: weights of the pixels",
        ).plot(**plot_options)
