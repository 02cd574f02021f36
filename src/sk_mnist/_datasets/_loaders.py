"""Digits to learn from: MNIST, found or downloaded, and a sample that needs neither."""

from __future__ import annotations

import contextlib
import os
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path
from sklearn.datasets import load_digits
from sklearn.utils import Bunch

from .._files import check_writable, remove_abandoned
from .._images._pixels import pixel_names
from .._sklearn import StrOptions, validate_params
from .._warnings import warn
from ._download import MIRRORS, download
from ._mnist_files import ARCHIVE, Pixels, find_arrays

SUBSETS = {"all": ("train", "test"), "train": ("train",), "test": ("test",)}


def cache_folder() -> Path:
    """Name the folder to download into when the user names none."""
    return user_cache_path("sk-mnist")


def _as_path(folder: str | os.PathLike[str], source: str) -> Path:
    """Put the user's home folder for the ``~`` in a path, and check that it is one."""
    try:
        path = Path(folder).expanduser()
    except RuntimeError:
        raise ValueError(
            f"{source} names the home folder of a user that this machine does not "
            f"know: {os.fspath(folder)!r}. Give the full path."
        ) from None
    try:
        with contextlib.suppress(OSError):
            path.stat()
    except ValueError as error:
        raise ValueError(
            f"{source} is not the path of a folder: {os.fspath(folder)!r} ({error})."
        ) from None
    return path


def search_folders(data_home: str | os.PathLike[str] | None) -> list[Path]:
    """List the folders where MNIST may be, in the order in which they are searched.

    Raises
    ------
    ValueError
        If one of them is no path, or in the home folder of an unknown user.
    """
    given = {
        "data_home": data_home,
        "The environment variable SK_MNIST_DATA": os.environ.get("SK_MNIST_DATA"),
    }
    folders = [_as_path(folder, source) for source, folder in given.items() if folder]
    # As Keras finds its own.
    keras_home = os.path.expanduser(os.environ.get("KERAS_HOME", "~/.keras"))
    return [*folders, cache_folder(), Path(keras_home, "datasets")]


def not_found_message(folders: list[Path], downloads: list[str]) -> str:
    """Tell a user where MNIST was looked for and what can be done."""
    return "\n  ".join(
        [
            "MNIST was neither found nor downloaded.",
            "Folders searched for mnist.npz and for the four IDX files:",
            *(f"  {folder}" for folder in folders),
            "Downloads:",
            *(f"  {download}" for download in downloads),
            "What helps:",
            "  a network connection, and download_if_missing=True;",
            f"  or {next(iter(MIRRORS))}mnist.npz, downloaded on another machine "
            "and put into a folder that data_home or the environment variable "
            "SK_MNIST_DATA names;",
            "  or load_sample_digits(), which needs no network.",
        ]
    )


class MNISTNotFoundError(OSError):
    """MNIST is not on this machine, and could not be downloaded.

    Parameters
    ----------
    folders : list of Path
        The folders that were searched.
    failures : dict of str to str
        Why nothing was downloaded, by the address or folder that is at fault.
    """

    def __init__(self, folders: list[Path], failures: dict[str, str]) -> None:
        downloads = [f"{place}: {reason}" for place, reason in failures.items()]
        super().__init__(not_found_message(folders, downloads))
        self.reason = "; ".join(failures.values())


def download_from_any_mirror(
    destination: Path, folders: list[Path], *, show_progress: bool = True
) -> dict[str, Pixels]:
    """Download MNIST from the first mirror that has it.

    Raises
    ------
    MNISTNotFoundError
        If no mirror has it. It names the folders, which were searched before.
    """
    try:
        destination.mkdir(parents=True, exist_ok=True)
        check_writable(destination / ARCHIVE)
    except (OSError, ValueError) as error:
        raise MNISTNotFoundError(folders, {str(destination): str(error)}) from error
    failures = {}
    for mirror in MIRRORS:
        try:
            return download(mirror, destination, show_progress=show_progress)
        except (OSError, ValueError) as error:
            failures[mirror] = str(error)
    raise MNISTNotFoundError(folders, failures)


def make_dataset(
    images: Pixels,
    labels: NDArray[np.integer[Any]],
    *,
    description: str,
    as_frame: bool,
    return_X_y: bool,
) -> Any:
    """Arrange digits as scikit-learn's loaders do."""
    data: Any = images.reshape(len(images), -1)
    target: Any = labels.astype(np.int64)
    feature_names = pixel_names(data.shape[1]).tolist()
    frame = None
    if as_frame:
        import pandas as pd

        data = pd.DataFrame(data, columns=feature_names)
        target = pd.Series(target, name="class")
        frame = pd.concat([data, target], axis="columns")
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        images=images,
        target=target,
        frame=frame,
        feature_names=feature_names,
        target_names=np.array([str(digit) for digit in range(10)]),
        DESCR=resources.files(__package__)
        .joinpath("descr", description)
        .read_text(encoding="utf-8"),
    )


@validate_params(
    {
        "subset": [StrOptions(set(SUBSETS))],
        "data_home": [str, os.PathLike, None],
        "as_frame": ["boolean"],
        "return_X_y": ["boolean"],
        "download_if_missing": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def fetch_mnist(
    *,
    subset: Literal["all", "train", "test"] = "all",
    data_home: str | os.PathLike[str] | None = None,
    as_frame: bool = False,
    return_X_y: bool = False,
    download_if_missing: bool = True,
) -> Any:
    """Load MNIST, the handwritten digits; download it if necessary.

    =================   ==========================================
    Classes                                                     10
    Samples total       70000, 60000 to train with, 10000 to test
    Dimensionality                                             784
    Features                                       integers, 0-255
    =================   ==========================================

    Looks for ``mnist.npz`` or the four IDX files, gzipped or not, in `data_home`, in
    the folder named by the environment variable ``SK_MNIST_DATA`` (never written to),
    in the user's cache folder and in Keras's own. Downloads them if they are nowhere.
    Whatever their container, no more is read than MNIST needs, and the contents are
    compared with the published ones by their SHA-256 digests; files of these names with
    other contents are skipped with a warning.

    Parameters
    ----------
    subset : {'all', 'train', 'test'}, default='all'
        The 60,000 training digits, the 10,000 test digits, or all 70,000 in this order.

    data_home : str or path-like, default=None
        The folder to search first and to download into. By default MNIST is downloaded
        into the user's cache folder.

    as_frame : bool, default=False
        Whether `data` is a pandas DataFrame, `target` a Series and `frame` the two of
        them in one DataFrame.

    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.

    download_if_missing : bool, default=True
        Whether to download MNIST if it is not found; if False, that is an error.

    Returns
    -------
    dataset : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with these attributes.

        data : {ndarray, DataFrame} of shape (n, 784), dtype uint8
            A digit per row, 0 for the background, 255 for the brightest foreground.
        images : ndarray of shape (n, 28, 28), dtype uint8
            The same as images.
        target : {ndarray, Series} of shape (n,), dtype int64
            The digit on each image, 0 to 9. The Series is named ``class``, as OpenML
            names it, but holds integers where OpenML has text.
        frame : DataFrame of shape (n, 785)
            `data` with `target` as its last column, ``class``. None unless `as_frame`.
        feature_names : list of str
            ``pixel1`` to ``pixel784``, row by row, as OpenML names them.
        target_names : ndarray of shape (10,), dtype str
            The names of the classes, ``'0'`` to ``'9'``.
        DESCR : str
            A description of the data set.

    (data, target) : tuple if `return_X_y` is True
        The two of the above.

    Raises
    ------
    OSError
        If MNIST is in none of the folders and `download_if_missing` is False or no
        download works. The message names all places.

    ValueError
        If a parameter is wrong, or a folder is in the home folder of an unknown user.

    Warns
    -----
    UserWarning
        If a file has the name but not the contents of MNIST.

    See Also
    --------
    load_sample_digits : 1,797 digits that need no download.
    sklearn.datasets.fetch_openml : Has MNIST as ``mnist_784``, with labels as text.

    Notes
    -----
    A download leaves one file, ``mnist.npz``, which appears when it is complete and
    checked. An interrupted download leaves nothing. A file of that name that was
    skipped with a warning is replaced.

    Downloads come from two places, those of ``keras.datasets.mnist`` and of
    ``torchvision.datasets.MNIST``. A proxy is taken from the environment variables
    ``HTTPS_PROXY`` and ``NO_PROXY``.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to
    document recognition", Proceedings of the IEEE 86(11), 1998.

    Examples
    --------
    >>> from sk_mnist import fetch_mnist
    >>> X, y = fetch_mnist(subset="train", return_X_y=True)  # doctest: +SKIP
    >>> X.shape, y.shape  # doctest: +SKIP
    ((60000, 784), (60000,))
    """
    parts = SUBSETS[subset]
    folders = search_folders(data_home)
    destination = folders[0] if data_home else cache_folder()
    remove_abandoned(destination)
    arrays, rejected = find_arrays(
        [f"{kind}_{part}" for kind in "xy" for part in parts], folders
    )
    if rejected:
        files = "; ".join(f"{path}: {reason}" for path, reason in rejected.items())
        warn(
            "Skipping files that do not hold MNIST in spite of their names: "
            f"{files}. Delete or move them."
        )
    if len(arrays) < 2 * len(parts):
        if not download_if_missing:
            reason = "none tried, because download_if_missing=False"
            raise OSError(not_found_message(folders, [reason]))
        arrays = download_from_any_mirror(destination, folders)
    return make_dataset(
        np.concatenate([arrays[f"x_{part}"] for part in parts]),
        np.concatenate([arrays[f"y_{part}"] for part in parts]),
        description="mnist.rst",
        as_frame=as_frame,
        return_X_y=return_X_y,
    )


@validate_params(
    {"as_frame": ["boolean"], "return_X_y": ["boolean"]},
    prefer_skip_nested_validation=True,
)
def load_sample_digits(*, as_frame: bool = False, return_X_y: bool = False) -> Any:
    """Load 1,797 handwritten digits that come with scikit-learn, in MNIST's frame.

    =================   ==============
    Classes                         10
    Samples total                 1797
    Dimensionality                 784
    Features            integers 0-255
    =================   ==============

    The digits of :func:`sklearn.datasets.load_digits`, 8 x 8 pixels of 0 to 16, are
    brought to 28 x 28 pixels of 0 to 255 by :class:`DigitFramer`. They need no network
    and show at once whether a pipeline works; a network trained on them is no
    substitute for one trained on MNIST.

    Parameters
    ----------
    as_frame : bool, default=False
        Whether `data` is a pandas DataFrame, `target` a Series and `frame` the two of
        them in one DataFrame.

    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    dataset : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the attributes that :func:`fetch_mnist` describes:
        `data` of shape (1797, 784), `images`, `target`, `frame`, `feature_names`,
        `target_names` and `DESCR`.

    (data, target) : tuple if `return_X_y` is True
        The two of the above.

    See Also
    --------
    fetch_mnist : The 70,000 digits of MNIST.

    References
    ----------
    E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
    Learning Repository, 1998,
    https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits

    Examples
    --------
    >>> from sk_mnist import load_sample_digits
    >>> digits = load_sample_digits()
    >>> digits.images.shape, digits.images.dtype
    ((1797, 28, 28), dtype('uint8'))
    >>> X, y = load_sample_digits(return_X_y=True)
    >>> X.shape, y.shape
    ((1797, 784), (1797,))
    """
    from .._images._framer import DigitFramer

    digits = load_digits()
    framed = DigitFramer(background="dark").fit_transform(digits.images)
    return make_dataset(
        framed.reshape(-1, 28, 28),
        digits.target,
        description="sample_digits.rst",
        as_frame=as_frame,
        return_X_y=return_X_y,
    )
