"""What the displays share: colors, limits of parameters, access to a fitted network.

The displays follow scikit-learn's plotting API: the ``from_*`` methods compute,
``plot`` only plots, into the user's axes if given, and every artist is an attribute.
Matplotlib is imported when something is plotted; its global settings stay as they are.
"""

from numbers import Integral
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from .._sklearn import Interval

# Okabe and Ito, "Color Universal Design" (2008), https://jfly.uni-koeln.de/color/,
# with gray for the yellow and the black, which vanish on a light and on a dark page.
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#808080"]
ERROR_COLOR = "#D55E00"

_COUNT = [Interval(Integral, 1, None, closed="left")]
CONSTRAINTS: dict[str, list[Any]] = {
    "n_images": _COUNT,
    "n_units": _COUNT,
    "n_columns": [*_COUNT, None],
    "random_state": ["random_state"],
}


def fitted_attribute(estimator: BaseEstimator, attribute: str) -> Any:
    """Get a fitted attribute of the network inside a pipeline or a search."""
    if hasattr(estimator, "best_estimator_"):
        return fitted_attribute(estimator.best_estimator_, attribute)
    if isinstance(estimator, Pipeline):
        return fitted_attribute(estimator[-1], attribute)
    check_is_fitted(estimator)
    if not hasattr(estimator, attribute):
        raise ValueError(
            f"The estimator parameter must have a {attribute}, as a fitted "
            "MNISTMLPClassifier has, or be a pipeline or a search with refit=True that "
            f"ends in one; {type(estimator).__name__} has none."
        )
    return getattr(estimator, attribute)
