"""All that this package uses of scikit-learn's private names, under public ones.

A release of scikit-learn that moves one of them breaks this file alone.
"""

from typing import Any

from sklearn.base import BaseEstimator, _fit_context
from sklearn.base import _clone_parametrized as clone_parameters
from sklearn.utils._optional_dependencies import check_matplotlib_support
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    InvalidParameterError,
    StrOptions,
    validate_parameter_constraints,
    validate_params,
)
from sklearn.utils.multiclass import (
    _check_partial_fit_first_call as check_partial_fit_first_call,
)
from sklearn.utils.validation import _check_sample_weight as check_sample_weight

__all__ = [
    "HasMethods",
    "Interval",
    "InvalidParameterError",
    "StrOptions",
    "check_matplotlib_support",
    "check_partial_fit_first_call",
    "check_sample_weight",
    "clone_parameters",
    "validate_before",
    "validate_estimator",
    "validate_parameter_constraints",
    "validate_params",
]

# Decorates `fit`: checks the estimator's parameters before it runs.
validate_before = _fit_context(prefer_skip_nested_validation=True)


def validate_estimator(estimator: BaseEstimator) -> Any:
    """Check the parameters of an estimator by its `_parameter_constraints`."""
    return estimator._validate_params()
