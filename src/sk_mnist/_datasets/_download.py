"""Download MNIST, check it, and put it where it will be found.

A download is held in memory until it is complete and checked. The disk is written to
once, at the end.
"""

import io
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from .._files import replacing
from ._mnist_files import ARCHIVE, ARRAYS, Pixels, file_names, read_array

# Where keras.datasets.mnist and torchvision.datasets.MNIST download from, and what.
MIRRORS = {
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/": [ARCHIVE],
    "https://ossci-datasets.s3.amazonaws.com/mnist/": [
        f"{array.idx_file}.gz" for array in ARRAYS.values()
    ],
}

_BITE = 2**16
_TIMEOUT = (10, 30)  # seconds to connect, and to wait for the next bytes
_SIZE_LIMIT = 2**24  # bytes; the largest of the files has 11.5 million


def _reason(error: Exception, host: str | None) -> str:
    """Say what is wrong with a connection, without the names of Python's classes."""
    from requests import exceptions

    # The first one that fits; some of these classes are derived from later ones.
    reasons = {
        exceptions.ProxyError: f"the proxy refuses the connection to {host}: check the "
        "environment variables HTTPS_PROXY and NO_PROXY",
        exceptions.SSLError: f"the certificate of {host} is not accepted",
        exceptions.ConnectTimeout: f"no connection to {host} within {_TIMEOUT[0]} s",
        exceptions.ReadTimeout: f"{host} sent nothing for {_TIMEOUT[1]} s",
        exceptions.ChunkedEncodingError: f"{host} ended the connection too early",
        exceptions.ConnectionError: f"{host} cannot be reached",
    }
    kind = exceptions.ReadTimeout if "Read timed out" in str(error) else type(error)
    fitting = (reason for base, reason in reasons.items() if issubclass(kind, base))
    return next(fitting, str(error))


def _fetch(url: str, *, show_progress: bool) -> bytes:
    """Download a file of bounded size into memory."""
    import requests
    from tqdm.auto import tqdm

    content = bytearray()
    try:
        with requests.get(url, stream=True, timeout=_TIMEOUT) as answer:
            answer.raise_for_status()
            length = int(answer.headers.get("Content-Length", 0)) or None
            with tqdm(
                desc=url.rpartition("/")[2],  # all of it has no room
                total=length,
                unit="B",
                unit_scale=True,
                dynamic_ncols=True,
                disable=not show_progress,
            ) as progress:
                for bite in answer.iter_content(_BITE):
                    progress.update(len(bite))
                    content += bite
                    if len(content) > _SIZE_LIMIT:
                        raise ValueError(f"it is larger than {_SIZE_LIMIT:,} bytes")
    except requests.exceptions.RequestException as error:
        raise OSError(_reason(error, urlsplit(url).hostname)) from error
    return bytes(content)


def _read_all(contents: dict[str, bytes]) -> dict[str, Pixels]:
    """Read the four arrays from downloaded files, and check them."""
    arrays = {}
    for name in ARRAYS:
        file_name = next(file for file in file_names(name) if file in contents)
        try:
            file = io.BytesIO(contents[file_name])
            arrays[name] = read_array(file, file_name, name)
        except Exception as error:  # damaged files raise a dozen kinds
            raise ValueError(f"{file_name}: {error}") from error
    return arrays


def download(
    mirror: str, destination: Path, *, show_progress: bool
) -> dict[str, Pixels]:
    """Download MNIST from a mirror and leave it in a folder as ``mnist.npz``.

    Parameters
    ----------
    mirror : str
        A key of `MIRRORS`.
    destination : Path
        The folder, which must be there.
    show_progress : bool
        Whether to show a progress bar for each file.

    Returns
    -------
    arrays : dict of str to ndarray
        The four arrays.

    Raises
    ------
    OSError
        If the mirror cannot be reached or the folder cannot be written.
    ValueError
        If the files are not MNIST.
    """
    contents = {
        file: _fetch(mirror + file, show_progress=show_progress)
        for file in MIRRORS[mirror]
    }
    arrays = _read_all(contents)
    with replacing(destination / ARCHIVE) as part:
        if ARCHIVE in contents:
            part.write_bytes(contents[ARCHIVE])
        else:
            np.savez_compressed(part, **arrays)  # type: ignore[arg-type]
    return arrays
