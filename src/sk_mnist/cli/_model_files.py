"""Model files: joblib's, and skops's, which run no code when they are loaded."""

from functools import partial
from pathlib import Path
from typing import Any

from .._files import check_writable, replacing
from ._errors import reason

# All that a pipeline of ours holds beside what skops trusts by itself; the last is how
# scikit-learn's VotingClassifier lists the members of a committee.
TRUSTED = [
    "sk_mnist.DigitFramer",
    "sk_mnist.ElasticDeformation",
    "sk_mnist.ImageNormalizer",
    "sk_mnist.MNISTMLPClassifier",
    "sklearn.utils._bunch.Bunch",
]


def _skops_io() -> Any:
    try:
        import skops.io
    except ImportError as error:
        raise ValueError(
            "A file named .skops needs skops, which is not installed. Install it with "
            "pip install skops, or use a file named .joblib."
        ) from error
    return skops.io


def _is_skops(path: Path) -> bool:
    return path.suffix == ".skops"


def check_model_file(path: Path) -> None:
    """Check that a model can be saved there, before it is trained.

    Raises
    ------
    OSError
        If the file cannot be written.
    ValueError
        If it is named as a skops file, and skops is not installed.
    """
    check_writable(path)
    if _is_skops(path):
        _skops_io()


def save_model(model: Any, path: Path) -> None:
    """Save a model in the format that the name of the file asks for."""
    with replacing(path) as part:
        if _is_skops(path):
            _skops_io().dump(model, part)
        else:
            import joblib

            joblib.dump(model, part)


def load_model(path: Path) -> Any:
    """Load a model that was saved by `save_model`, joblib or skops.

    Raises
    ------
    ValueError
        If the file cannot be loaded, or if it is a skops file that holds types other
        than ours.
    """
    import joblib

    load = joblib.load
    if _is_skops(path):
        load = partial(_skops_io().load, trusted=TRUSTED)
    try:
        return load(path)
    except Exception as error:  # files that are no model raise many kinds of errors
        raise ValueError(
            f"{path} is not a model that sk-mnist train has saved, or it is damaged "
            f"({reason(error)})."
        ) from error
