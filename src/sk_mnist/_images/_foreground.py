"""Separate the digit from the background.

The digit is what differs from the background around it. This module finds out whether
it is darker or lighter, in whatever colors and light, and leaves out what else differs
from the background: specks, ruled lines, boxes, the edges of tables and sheets.

The constants were chosen on made-up photos of MNIST's training digits.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from ._components import (
    at_border,
    bounding_box,
    is_clutter,
    label_components,
    weigh_components,
)
from ._loading import FloatImage
from ._ruled_lines import remove_ruled_lines

Mask = NDArray[np.bool_]

# Shorter side, in pixels, of a small image, whose strokes may be thinner than a pixel,
# and of one that shows every detail, ruled lines included.
_SMALL, _DETAILED = 28, 64
_SMOOTHING = 0.7  # pixels, of an image that shows every detail

# Of the image's side: strokes are narrower, shadows wider. At 0.5 the ends of shadows
# are taken for strokes, at 0.3 the strokes of markers in tight crops are hollowed. In
# pixels, because a digit fills a small image, and its strokes are blurred.
_WIDEST_STROKE = 0.45
_WIDEST_STROKE_OF_SMALL = 17
_BACKGROUND_SIDE = 100  # pixels: the background needs no detail
_SPECK = 0.04  # of the image's side, at most 2 pixels: light that is not the background

# Largest weight of the brightness of border and corners against the skewness when
# deciding whether the background is dark.
_LARGEST_WEIGHT_OF_BORDER = 1.0

# Of full contrast. The texture of paper is fainter, or hardly exceeds the noise.
_FAINTEST = 0.04
_SIGNAL_TO_NOISE = 5.0

# Low threshold, relative to the image's contrast; high threshold, relative to the
# digit's, in detailed and in small images, whose pixels are wider than many a stroke.
_LOW_THRESHOLD = 0.35
_HIGH_THRESHOLD = 0.4
_HIGH_THRESHOLD_OF_SMALL = 0.2

# Parts of the image's area, of the digit's area and of its longer side.
_SMALLEST_DIGIT = 2e-4
SMALLEST_FRAGMENT = 0.03
FRAGMENT_DISTANCE = 0.25

# Of the longer side of the digit with the largest mass, and of its contrast: how far
# strokes tell the light for those beside them, and how faint other digits are.
_REACH_OF_LIGHT = 0.35
_FAINTEST_LIGHT = 0.3

_NEIGHBORS = np.ones((3, 3), dtype=bool)


class NoDigitError(ValueError):
    """Nothing in an image could be a digit."""

    def __init__(self) -> None:
        super().__init__("no digit found: nothing stands out from the background")


def find_foreground(image: FloatImage, background: str) -> FloatImage:
    """Find how much of each pixel the digit covers.

    Parameters
    ----------
    image : ndarray of shape (height, width) or (height, width, 3), float32
        From 0, black, to 1, white.
    background : {'auto', 'dark', 'light'}
        Whether the background is darker or lighter than the digit.

    Returns
    -------
    foreground : ndarray of shape (height, width), float32
        1 where the digit covers a pixel, 0 where it does not.

    Raises
    ------
    NoDigitError
        If nothing stands out from the background.
    """
    strokes = find_strokes(image, background)
    return cut_out(_with_fragments(strokes.mask, strokes.main), strokes.foreground)


class Strokes(NamedTuple):
    """All that stands out from the background as much as the digit does.

    Parameters
    ----------
    foreground : ndarray of shape (height, width), float32
        0 where a pixel is background, 1 where it stands out as the digit does.
    mask : ndarray of shape (height, width), dtype bool
        Where the foreground exceeds the threshold.
    main : ndarray of shape (height, width), dtype bool
        The component with the largest mass that is no clutter.
    """

    foreground: FloatImage
    mask: Mask
    main: Mask


def find_strokes(image: FloatImage, background: str) -> Strokes:
    """Separate all strokes from the background; used like `find_foreground`."""
    channel = _smooth(_mix_colors(image))
    dark = background == "dark" or (background == "auto" and _is_dark(channel))
    contrast = _clean_contrast(channel, dark, channel.shape)
    noise = _noise_level(contrast)
    main = _find_main_component(contrast, noise)
    full = _quantile(0.9, contrast[main])
    foreground = np.clip((contrast - noise) / (full - noise), 0, 1)
    return Strokes(foreground, foreground > _high_threshold(channel.shape), main)


def find_strokes_of_several(image: FloatImage, background: str) -> Strokes:
    """Separate the strokes of several digits; used like `find_foreground`.

    The image is looked at twice: the digit with the largest mass tells the size of all,
    so that the background is found, and the threshold chosen, as in a crop of one.
    Each digit stands out as much as those around it do: one in the shade is fainter.
    """
    channel = _smooth(_mix_colors(image))
    dark = background == "dark" or (background == "auto" and _is_dark(channel))
    contrast = _clean_contrast(channel, dark, channel.shape)
    main = _find_main_component(contrast, _noise_level(contrast))
    side = _longer_side(main)
    contrast = _clean_contrast(channel, dark, (side, side))
    noise = _noise_level(contrast)
    main = _find_main_component(contrast, noise)
    full = _quantile(0.9, contrast[main]) * _light(contrast, noise, main, side)
    foreground = np.clip((contrast - noise) / (full - noise), 0, 1)
    return Strokes(foreground, foreground > _high_threshold(channel.shape), main)


def _clean_contrast(
    channel: FloatImage, dark: bool, shape: tuple[int, ...]
) -> FloatImage:
    """The contrast without ruled lines; `shape` is that of a crop of one digit."""
    contrast = _contrast(channel, dark, shape)
    if min(channel.shape) >= _DETAILED:
        contrast = remove_ruled_lines(contrast)
    return contrast


def _detail(shape: tuple[int, ...]) -> float:
    """From 0, strokes may be thinner than a pixel, to 1, every detail is seen."""
    return float(np.interp(min(shape), (_SMALL, _DETAILED), (0, 1)))


def _smooth(channel: FloatImage) -> FloatImage:
    deviation = _SMOOTHING * _detail(channel.shape)
    return ndimage.gaussian_filter(channel, deviation) if deviation else channel


def _high_threshold(shape: tuple[int, ...]) -> float:
    limits = _HIGH_THRESHOLD_OF_SMALL, _HIGH_THRESHOLD
    return float(np.interp(_detail(shape), (0, 1), limits))


def _longer_side(mask: Mask) -> int:
    left, top, right, bottom = bounding_box(mask)
    return max(right - left, bottom - top)


def _light(contrast: FloatImage, noise: float, main: Mask, side: int) -> FloatImage:
    """Contrast of the strokes around each pixel, as a part of the main component's."""
    strokes = np.where(contrast > _SIGNAL_TO_NOISE / 2 * noise, contrast, 0)
    reach = _REACH_OF_LIGHT * side / _reduction(contrast.shape)
    mass, squares = (
        ndimage.gaussian_filter(_reduce(power), reach, mode="constant")
        for power in (strokes, strokes * strokes)
    )
    level = squares / np.maximum(mass, np.finfo(np.float32).tiny)
    level = _enlarge(level, contrast.shape)
    return np.maximum(level / np.mean(level[main]), _FAINTEST_LIGHT)


def cut_out(digit: Mask, foreground: NDArray[Any]) -> NDArray[Any]:
    """Keep the foreground of one digit."""
    # The outermost pixels of a stroke are covered in part.
    around = ndimage.binary_dilation(digit, _NEIGHBORS)
    return np.where(around, foreground, 0).astype(foreground.dtype)


def _quantile(part: float, values: FloatImage) -> float:
    """Quantile without interpolation (faster than NumPy's for small images)."""
    rank = int(part * (values.size - 1))
    return float(np.partition(values, rank, axis=None)[rank])


def _window(shape: tuple[int, ...]) -> int:
    """Odd length, in pixels, that no stroke is as wide as."""
    widest = _WIDEST_STROKE * float(np.prod(shape)) ** 0.5
    return 2 * int(max(widest, _WIDEST_STROKE_OF_SMALL) / 2) + 1


def _mix_colors(image: FloatImage) -> FloatImage:
    """Mix the colors so that digit and background differ most.

    Red ink on green card may be as light as the card. What varies from place to place
    is mostly ink, so its principal component tells them apart in any colors.
    """
    if image.ndim == 2:
        return image
    step = _reduction(image.shape[:2])
    sample = image[::step, ::step]
    window = max(3, _window(sample.shape[:2]) // 4 * 2 + 1)
    local = sample - ndimage.uniform_filter(sample, (window, window, 1))
    local = local.reshape(-1, 3)
    mix = np.linalg.eigh(local.T @ local)[1][:, -1]
    mix *= np.sign(mix.sum()) or 1  # lighter stays lighter
    darkest = np.minimum(mix, 0).sum()
    mixed = (image @ mix - darkest) / np.abs(mix).sum()
    return np.asarray(mixed, np.float32)


def _contrast(channel: FloatImage, dark: bool, shape: tuple[int, ...]) -> FloatImage:
    """How much each pixel stands out from the background: 0 not at all, 1 fully.

    On a light background it is relative to the background's brightness: a shadow
    darkens paper and ink by the same factor.
    """
    if dark:
        return channel - _dark_background(channel, shape)
    background = 1 - _dark_background(1 - channel, shape)
    contrast = (background - channel) / np.maximum(background, 0.1)
    return np.asarray(contrast, np.float32)


def _is_dark(channel: FloatImage) -> bool:
    """Whether the digit is the lighter: it is rare, and leaves border and corners free.

    The border decides where neither side is rare, as in a tight crop. Elsewhere it is
    often darker only because the light falls off.
    """
    channel = _reduce(channel)
    local = channel - ndimage.uniform_filter(channel, _window(channel.shape))
    squares = local * local
    variance = float(squares.mean())
    if not variance:
        return True
    skewness = float((squares * local).mean()) / variance**1.5
    border = np.concatenate([local[0], local[-1], local[:, 0], local[:, -1]])
    corners = local[[0, 0, -1, -1], [0, -1, 0, -1]]
    agreed = max(corners.min(), 0) + min(corners.max(), 0)  # 0 if the corners differ
    lightness = (_quantile(0.5, border) + agreed) / variance**0.5
    limit = _LARGEST_WEIGHT_OF_BORDER
    return skewness > min(max(lightness, -limit), limit)


def _reduce(channel: FloatImage) -> FloatImage:
    """Shrink a large image to as many pixels as the background needs."""
    factor = _reduction(channel.shape)
    return (
        np.asarray(Image.fromarray(channel).reduce(factor)) if factor > 1 else channel
    )


def _enlarge(reduced: FloatImage, shape: tuple[int, ...]) -> FloatImage:
    """Bring what was computed on a reduced image back to its size."""
    if reduced.shape == shape:
        return reduced
    size = shape[1], shape[0]
    return np.asarray(Image.fromarray(reduced).resize(size, Image.Resampling.BILINEAR))


def _reduction(shape: tuple[int, ...]) -> int:
    return max(1, round(min(shape) / _BACKGROUND_SIDE))


def _dark_background(channel: FloatImage, shape: tuple[int, ...]) -> FloatImage:
    """The background without the lighter strokes on it: a background opening.

    `shape` is that of a crop of one digit, which tells how wide strokes may be.
    """
    reduced = _reduce(channel)
    # Specks and lines darker than the background would be taken for the background.
    reduction = _reduction(channel.shape)
    reach = min(2, int(_SPECK * min(channel.shape))) // reduction
    speck = 2 * reach + 1
    closed = ndimage.grey_closing(reduced, (speck, speck))
    window = _window(tuple(-(-length // reduction) for length in shape))
    opened = ndimage.grey_opening(closed, (window, window))
    return _enlarge(opened, channel.shape)


def _noise_level(contrast: FloatImage) -> float:
    """Contrast of the bare background, which is at least a fifth of an image."""
    return 2 * abs(_quantile(0.2, contrast))


def _find_main_component(contrast: FloatImage, noise: float) -> Mask:
    """Find the component with the largest mass that is no clutter.

    Clutter is often darker than the digit, so the digit may exceed the threshold only
    when the clutter has been taken away.
    """
    main, largest = None, 0.0
    while contrast.max() >= max(_FAINTEST, _SIGNAL_TO_NOISE * noise):
        threshold = max(
            _LOW_THRESHOLD * float(contrast.max()), _SIGNAL_TO_NOISE / 2 * noise
        )
        mask = contrast > threshold
        labels, n_labels = label_components(mask)
        weights = weigh_components(labels, n_labels)
        mass = np.bincount(labels.ravel(), contrast.ravel(), n_labels + 1) * weights
        top = int(mass.argmax())
        if mass[top] > largest:
            main, largest = labels == top, mass[top]
        if not is_clutter(weights[top]):
            break
        edges_too = ndimage.binary_dilation(mask, _NEIGHBORS, iterations=2)
        contrast = np.where(edges_too, 0, contrast)
    if main is None or main.sum() < _SMALLEST_DIGIT * main.size:
        raise NoDigitError
    return main


def _with_fragments(mask: Mask, main: Mask) -> Mask:
    """The main component and, one after the other, what belongs to it.

    A pen lifts before the bar of a 5; specks are smaller than that and further away.
    """
    labels, n_labels = label_components(mask)
    if n_labels <= 1:
        return mask
    sizes = np.bincount(labels.ravel())
    kept = np.zeros(n_labels + 1, dtype=bool)
    kept[labels[main & mask]] = True
    eligible = ~is_clutter(weigh_components(labels, n_labels))
    touching = at_border(labels, n_labels)
    if not touching[kept].any():
        eligible &= ~touching
    while True:
        digit: Mask = kept[labels]
        large = sizes >= SMALLEST_FRAGMENT * sizes[kept].sum()
        candidates = eligible & large & ~kept
        if not candidates.any():
            return digit
        reach = max(1.5, FRAGMENT_DISTANCE * _longer_side(digit))
        near = labels[ndimage.distance_transform_edt(~digit) <= reach]
        found = np.zeros_like(kept)
        found[near] = True
        found &= candidates
        if not found.any():
            return digit
        kept |= found
