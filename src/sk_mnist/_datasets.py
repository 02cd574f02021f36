"""Digits to learn from: MNIST, found or downloaded, and a sample that needs neither.

MNIST is passed around in many containers, and other data sets under the same file
names. Whatever a file is called, its contents are compared with the published arrays,
byte for byte, before anybody trains on them.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import warnings
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path
from sklearn.datasets import load_digits
from sklearn.utils import Bunch

from ._images._pixels import pixel_names
from ._sklearn import StrOptions, validate_params

Pixels = NDArray[np.uint8]


class PublishedArray(NamedTuple):
    """One of the four arrays that make MNIST."""

    idx_file: str
    shape: tuple[int, ...]
    sha256: str  # of the uncompressed IDX file


# By their names in Keras's mnist.npz. https://yann.lecun.org/exdb/mnist/ describes IDX.
ARRAYS = {
    "x_train": PublishedArray(
        "train-images-idx3-ubyte",
        (60000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    "y_train": PublishedArray(
        "train-labels-idx1-ubyte",
        (60000,),
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    "x_test": PublishedArray(
        "t10k-images-idx3-ubyte",
        (10000, 28, 28),
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    "y_test": PublishedArray(
        "t10k-labels-idx1-ubyte",
        (10000,),
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
}

SUBSETS = {"all": ("train", "test"), "train": ("train",), "test": ("test",)}

# Where keras.datasets.mnist and torchvision.datasets.MNIST download from, and what.
MIRRORS = {
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/": ["mnist.npz"],
    "https://ossci-datasets.s3.amazonaws.com/mnist/": [
        f"{array.idx_file}.gz" for array in ARRAYS.values()
    ],
}

_TIMEOUT = (10, 30)  # seconds to connect, and to wait for the next bytes


def cache_folder() -> Path:
    """Name the folder to download into when the user names none."""
    return user_cache_path("sk-mnist")


def search_folders(data_home: str | os.PathLike[str] | None) -> list[Path]:
    """List the folders where MNIST may be, in the order in which they are searched."""
    folders = [
        data_home,
        os.environ.get("SK_MNIST_DATA"),
        cache_folder(),
        # As Keras finds its own.
        Path(os.environ.get("KERAS_HOME", "~/.keras"), "datasets"),
    ]
    return [Path(folder).expanduser() for folder in folders if folder]


def to_idx(array: NDArray[Any]) -> bytes:
    """Write an array of unsigned bytes as an IDX file."""
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return header + array.tobytes()


def read_idx(path: Path, name: str) -> bytes:
    """Read one array of MNIST, whatever its container, as the bytes of an IDX file."""
    if path.suffix == ".npz":
        # Opened here, because NumPy leaves a damaged file open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return to_idx(archive[name])
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    return path.read_bytes()


def read_array(path: Path, name: str) -> Pixels:
    """Read one array of MNIST and check that it is the published one.

    Parameters
    ----------
    path : Path
        ``mnist.npz`` or an IDX file, gzipped or not.
    name : str
        A key of `ARRAYS`.

    Returns
    -------
    array : ndarray of uint8
        Of the published shape, read-only.

    Raises
    ------
    ValueError
        If the contents are others. Damaged containers raise errors of their own.
    """
    published = ARRAYS[name]
    content = read_idx(path, name)
    if hashlib.sha256(content).hexdigest() != published.sha256:
        raise ValueError(f"its {name} differs from MNIST's")
    header = 4 + 4 * len(published.shape)
    return np.frombuffer(content, np.uint8, offset=header).reshape(published.shape)


def candidates(folders: Iterable[Path], name: str) -> Iterator[Path]:
    """Find the files that may hold one array of MNIST."""
    idx_file = ARRAYS[name].idx_file
    for folder in folders:
        for file in ("mnist.npz", idx_file, f"{idx_file}.gz"):
            if os.path.isfile(folder / file):
                yield folder / file


def find_arrays(
    names: Iterable[str], folders: Iterable[Path]
) -> tuple[dict[str, Pixels], dict[Path, str]]:
    """Read arrays of MNIST from the first files that hold them.

    Parameters
    ----------
    names : iterable of str
        Keys of `ARRAYS`.
    folders : iterable of Path
        Where to look, in this order.

    Returns
    -------
    arrays : dict of str to ndarray
        Those that were found.
    rejected : dict of Path to str
        Files that do not hold what their names promise, and why.
    """
    arrays: dict[str, Pixels] = {}
    rejected: dict[Path, str] = {}
    for name in names:
        for path in candidates(folders, name):
            try:
                arrays[name] = read_array(path, name)
                break
            except Exception as error:  # damaged files raise a dozen kinds
                rejected[path] = str(error) or type(error).__name__
    return arrays, rejected


def download(mirror: str, destination: Path) -> dict[str, Pixels]:
    """Download MNIST, check it and leave it in a folder as ``mnist.npz``.

    Everything happens in a temporary folder beside the file's place; the file is moved
    there when it is whole, and whatever interrupts it before changes nothing.

    Parameters
    ----------
    mirror : str
        A key of `MIRRORS`.
    destination : Path
        The folder; made if it is not there.

    Returns
    -------
    arrays : dict of str to ndarray
        The four arrays.

    Raises
    ------
    OSError
        If the mirror cannot be reached or the folder cannot be written.
    ValueError
        If what came is not MNIST.
    """
    import pooch

    destination.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="mnist-download-", dir=destination) as folder:
        source = pooch.create(
            path=folder,
            base_url=mirror,
            registry=dict.fromkeys(MIRRORS[mirror]),
            retry_if_failed=1,
        )
        for file in MIRRORS[mirror]:
            progress = pooch.HTTPDownloader(progressbar=True, timeout=_TIMEOUT)
            source.fetch(file, downloader=progress)
        arrays, rejected = find_arrays(ARRAYS, [Path(folder)])
        if rejected:
            raise ValueError(describe_rejected(rejected))
        archive = Path(folder, "mnist.npz")
        if not archive.exists():
            np.savez_compressed(archive, **arrays)  # type: ignore[arg-type]
        os.replace(archive, destination / "mnist.npz")
    return arrays


def describe_rejected(rejected: dict[Path, str]) -> str:
    """Name files that do not hold MNIST, and say why."""
    return "; ".join(f"{path}: {reason}" for path, reason in rejected.items())


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
            f"  or {next(iter(MIRRORS))}mnist.npz, fetched elsewhere and put into a "
            "folder that data_home or the environment variable SK_MNIST_DATA names;",
            "  or load_sample_digits(), which needs no network.",
        ]
    )


def download_from_any_mirror(
    destination: Path, folders: list[Path]
) -> dict[str, Pixels]:
    """Download MNIST from the first mirror that has it."""
    failures = []
    for mirror in MIRRORS:
        try:
            return download(mirror, destination)
        except (OSError, ValueError) as error:
            failures.append(f"{mirror}: {error}")
    raise OSError(not_found_message(folders, failures))


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
    Whatever their container, the contents are compared with the published ones by
    their SHA-256 digests; files of these names with other contents are passed over
    with a warning.

    Parameters
    ----------
    subset : {'all', 'train', 'test'}, default='all'
        The 60,000 training digits, the 10,000 test digits, or the former followed by
        the latter.

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
            A digit per row, 0 the ground and 255 the brightest ink.
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
    A download leaves one file, ``mnist.npz``, moved to its place when it is complete
    and checked. A file of that name that was passed over with a warning is replaced.

    The network is looked for at two places, those of ``keras.datasets.mnist`` and of
    ``torchvision.datasets.MNIST``.

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
    arrays, rejected = find_arrays(
        [f"{kind}_{part}" for kind in "xy" for part in parts], folders
    )
    if rejected:
        warnings.warn(
            "Passing over files that do not hold MNIST in spite of their names: "
            f"{describe_rejected(rejected)}. Delete or move them.",
            stacklevel=3,  # past validate_params
        )
    if len(arrays) < 2 * len(parts):
        if not download_if_missing:
            reason = "none tried, because download_if_missing=False"
            raise OSError(not_found_message(folders, [reason]))
        destination = Path(data_home or cache_folder()).expanduser()
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
    from ._images._framer import DigitFramer

    digits = load_digits()
    framed = DigitFramer(background="dark").fit_transform(digits.images)
    return make_dataset(
        framed.reshape(-1, 28, 28),
        digits.target,
        description="sample_digits.rst",
        as_frame=as_frame,
        return_X_y=return_X_y,
    )
