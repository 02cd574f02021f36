"""Load files, Pillow images and arrays as float32 images.

All come out as ``(height, width)`` or ``(height, width, 3)``, from 0 (black) to 1
(white), upright, without transparency and no larger than needed.
"""

from __future__ import annotations

import io
import os
import stat
import warnings
from typing import IO, Any, TypeGuard

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from ._formats import HEAD_SIZE, advice_on, is_heif, learn_heif
from ._pixels import as_image, pixel_scale, refuse_masked

FloatImage = NDArray[np.float32]
ImageFile = str | os.PathLike[str] | IO[bytes]

# Pixels. Larger images are shrunk: a digit keeps some thirty pixels even in a photo of
# a whole page.
LONGEST_SIDE = 800

_FLOAT32 = np.finfo(np.float32)

# Pillow's modes of more than a byte a pixel, which it would clip to a byte.
_WIDE_MODES = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")


def is_image_file(source: Any) -> TypeGuard[ImageFile]:
    """Whether `source` is the name of a file or an open file."""
    return isinstance(source, str | os.PathLike) or hasattr(source, "read")


def open_image(file: ImageFile) -> Image.Image:
    """Open an image file, upright and, where the format allows, in a reduced size.

    Parameters
    ----------
    file : str, path-like or binary file
        A file name, an open binary file or a BytesIO.

    Returns
    -------
    image : PIL.Image.Image
        Its longer side has at least `LONGEST_SIDE` pixels if the file's has.

    Raises
    ------
    OSError
        If there is no such file, or it is empty, damaged, no image, or has more pixels
        than ``PIL.Image.MAX_IMAGE_PIXELS``. The message does not name the file.
    """
    if isinstance(file, str | os.PathLike):
        _check_file(file)
    elif isinstance(file, io.TextIOBase):
        raise OSError("the file is open as text: open it in the mode 'rb'")
    elif getattr(file, "closed", False):
        raise OSError("the file is closed: open it again")
    elif _is_stream(file):
        raise OSError("the file can be read only once: pass io.BytesIO(file.read())")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            head = _read_head(file)
            if is_heif(head):
                learn_heif()
            with Image.open(file) as image:
                # JPEG is decoded at a fraction of its size.
                image.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
                image.load()
                ImageOps.exif_transpose(image, in_place=True)
                return image
    except UnidentifiedImageError as error:
        raise OSError(advice_on(head)) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise OSError(
            f"the image is too large: more than {Image.MAX_IMAGE_PIXELS:,} pixels. If "
            "you trust it, increase PIL.Image.MAX_IMAGE_PIXELS"
        ) from error
    except PermissionError as error:
        raise PermissionError("you do not have permission to read the file") from error
    except Exception as error:  # damaged files raise a dozen kinds
        raise OSError(f"the file is damaged: {error}") from error


def _is_stream(file: IO[bytes]) -> bool:
    """Whether an open file, such as an answer over HTTP, cannot be read twice."""
    return hasattr(file, "seekable") and not file.seekable()


def _check_file(path: str | os.PathLike[str]) -> None:
    try:
        status = os.stat(path)
    except PermissionError as error:
        raise PermissionError("you do not have permission to read the file") from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise FileNotFoundError("no such file") from error
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError("a folder, not a file")
    if not stat.S_ISREG(status.st_mode):
        raise OSError("a device or a pipe, not a file")  # it may never end
    if not status.st_size:
        raise OSError("the file is empty")


def _read_head(file: ImageFile) -> bytes:
    """Read the beginning of a file, and leave an open one where it was."""
    if isinstance(file, str | os.PathLike):
        with open(file, "rb") as opened:
            return opened.read(HEAD_SIZE)
    position = file.tell()
    head = file.read(HEAD_SIZE)
    file.seek(position)
    return head


def load_image(source: Any) -> FloatImage:
    """Load an image, and shrink it to at most `LONGEST_SIDE`.

    Parameters
    ----------
    source : str, path-like, binary file, PIL.Image.Image or array-like
        The name of an image file, an open one, an image, or an array of shape (height,
        width), (height, width, 1, 3 or 4) or (side * side,).

    Returns
    -------
    image : ndarray of shape (height, width) or (height, width, 3), float32
        0 is black, 1 is white.

    Raises
    ------
    OSError
        If a file cannot be read as an image.
    ValueError
        If an array has another shape, or values that no image can have.
    """
    if is_image_file(source):
        return _from_pillow(open_image(source))
    if isinstance(source, Image.Image):
        return _from_pillow(source)
    return _from_array(source)


def upright_size(source: Any) -> tuple[int, int]:
    """Width and height of an image that can be loaded, in its own pixels."""
    if is_image_file(source):
        position = 0 if isinstance(source, str | os.PathLike) else source.tell()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(source) as image:  # closes a file that it has opened
                size = _upright_size(image)
        if not isinstance(source, str | os.PathLike):
            source.seek(position)
        return size
    if isinstance(source, Image.Image):
        return _upright_size(source)
    height, width = as_image(source).shape[:2]
    return width, height


def _upright_size(image: Image.Image) -> tuple[int, int]:
    turned = image.getexif().get(ExifTags.Base.Orientation, 1) in range(5, 9)
    return (image.height, image.width) if turned else image.size


def _from_pillow(image: Image.Image) -> FloatImage:
    if 0 in image.size:
        raise ValueError(f"there are no pixels in an image of size {image.size}.")
    if image.mode in _WIDE_MODES:
        return _from_array(np.asarray(ImageOps.exif_transpose(image)))
    if image.has_transparency_data:
        mode = "RGBA"
    else:
        mode = "L" if image.mode in ("1", "L") else "RGB"
    upright = image if image.mode == mode else image.convert(mode)
    if upright.getexif().get(ExifTags.Base.Orientation, 1) != 1:
        upright = ImageOps.exif_transpose(upright)
    if max(upright.size) > LONGEST_SIDE:
        upright = upright.copy() if upright is image else upright
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BOX)
    return _opaque(np.asarray(upright, np.float32) / np.float32(255))


def _from_array(source: Any) -> FloatImage:
    refuse_masked(source, "the image")
    pixels = np.asarray(source)
    _check_pixels(pixels)
    pixels = as_image(pixels)
    if pixels.dtype == np.uint8 and max(pixels.shape[:2]) > LONGEST_SIDE:
        return _from_pillow(Image.fromarray(pixels))
    scale = pixel_scale(pixels)
    if not float(_FLOAT32.tiny) <= scale <= float(_FLOAT32.max):
        pixels, scale = pixels / scale, 1.0
    image = pixels.astype(np.float32) / np.float32(scale)
    return _shrink(_opaque(image))


def _check_pixels(pixels: NDArray[Any]) -> None:
    if pixels.dtype.kind not in "buif":
        raise ValueError(
            "expected a file name, an open binary file, a Pillow image or an array of "
            f"numbers. Got {pixels.dtype} values instead."
        )
    if not pixels.size:
        raise ValueError(f"there are no pixels in an array of shape {pixels.shape}.")
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        raise ValueError("pixels contain NaN or infinity. Replace them first.")
    if pixels.dtype.kind in "if" and (lowest := pixels.min()) < 0:
        raise ValueError(
            f"pixels must be 0 or more. Got {lowest} instead: undo the step that made "
            "them negative, such as a StandardScaler."
        )


def _opaque(image: FloatImage) -> FloatImage:
    """Composite a transparent image onto a background that contrasts with it."""
    if image.ndim == 2 or image.shape[2] == 3:
        return image
    colors, opacity = image[..., :3], image[..., 3:]
    visible = opacity[..., 0] > 0.5
    if not visible.any():
        return np.zeros(image.shape[:2], np.float32)
    color = np.median(colors[visible], axis=0)
    if visible.mean() > 0.5:  # a picture with a transparent margin, not bare strokes
        background = color
    else:
        background = np.full(3, color.mean() < 0.5, np.float32)
    return np.asarray(background + opacity * (colors - background), np.float32)


def _shrink(image: FloatImage) -> FloatImage:
    height, width = image.shape[:2]
    factor = LONGEST_SIDE / max(height, width)
    if factor >= 1:
        return image
    size = max(1, round(width * factor)), max(1, round(height * factor))
    if image.ndim == 2:
        resized = Image.fromarray(image).resize(size, Image.Resampling.BOX)
        return np.asarray(resized)
    planes = [_shrink(plane) for plane in image.transpose(2, 0, 1)]
    return np.stack(planes, axis=-1)
