"""The report of ``sk-mnist train``: confusion matrix and training curves."""

from pathlib import Path
from typing import Any

from .._files import check_writable, replacing

_PICTURES = ("confusion_matrix.png", "training_curves.png")


def prepare_report(folder: Path) -> None:
    """Make the folder of a report, and check that files can be written there.

    Raises
    ------
    OSError
        If they cannot, or if there is a file in place of the folder.
    """
    if folder.exists() and not folder.is_dir():
        raise OSError(f"{folder} is a file, but a report needs a folder.")
    folder.mkdir(parents=True, exist_ok=True)
    for name in _PICTURES:
        check_writable(folder / name)


def plot_training(network: Any) -> Any:
    """Plot the training history of a network, or of each member of a committee."""
    from .._plot._training_history import TrainingHistoryDisplay

    display: Any = None
    for name, member in getattr(network, "named_estimators_", {None: network}).items():
        display = TrainingHistoryDisplay.from_estimator(
            member, name=name, ax=display and display.ax_
        )
    return display


def write_report(folder: Path, model: Any, y_true: Any, y_pred: Any) -> list[Path]:
    """Write the confusion matrix and the training curves as PNG files."""
    import matplotlib

    matplotlib.use("agg")  # needs no screen
    import matplotlib.pyplot as plt
    from sklearn.metrics import ConfusionMatrixDisplay

    displays = (
        ConfusionMatrixDisplay.from_predictions(
            y_true, y_pred, cmap="Blues", colorbar=False
        ),
        plot_training(model[-1]),
    )
    paths = [folder / name for name in _PICTURES]
    for path, display in zip(paths, displays, strict=True):
        with replacing(path) as part:
            display.figure_.savefig(part, format="png", dpi=150, bbox_inches="tight")
        plt.close(display.figure_)
    return paths
