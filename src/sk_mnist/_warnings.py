"""Warnings that point at the user's line, however many frames of ours lie between."""

import os
import sys
import warnings
from pathlib import Path
from types import FrameType

import joblib
import sklearn

# Estimators are called by scikit-learn's wrappers and pipelines, which joblib may run.
_LIBRARY_FOLDERS = tuple(
    f"{folder}{os.sep}"
    for folder in (
        Path(__file__).parent,
        Path(sklearn.__file__).parent,
        Path(joblib.__file__).parent,
    )
)


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the innermost line outside this package, scikit-learn and joblib.

    Python 3.12's ``skip_file_prefixes`` does the same; Python 3.11 lacks it.
    """
    frame: FrameType | None = sys._getframe(1)
    level = 2
    while frame is not None and frame.f_code.co_filename.startswith(_LIBRARY_FOLDERS):
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=level)
