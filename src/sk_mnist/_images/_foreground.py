"""Where a picture holds the ink of a digit, and how much of it.

A pen's strokes are what differs from the ground around them. Whether they are darker
or lighter, on what color and in what light, is found out here; so are the specks, the
paper's lines and the table's edge, which differ from the ground as well.

The constants were settled on made-up photographs of MNIST's training digits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ._loading import FloatImage

Mask = NDArray[np.bool_]

# In pixels. A smaller picture has no room for grain, dust or paper lines.
_DETAILED = 64
_GRAIN = 0.7

# Part of the picture's side: strokes are narrower, shadows wider. At 0.5 the ends of
# shadows pass for ink, at 0.3 the strokes of markers in tight crops are hollowed.
_WIDEST_STROKE = 0.45

# What counts for light ink more than it is rare: that the edge is dark.
_WEIGHT_OF_EDGE = 2.0

# Of full contrast. Fainter is the paper's texture; so is what hardly passes the grain.
_FAINTEST_INK = 0.04
_INK_TO_GRAIN = 5.0

# Of the picture's strongest contrast, then of the digit's own. A pixel of a small
# picture is wider than many a stroke, which then is faint.
_ROUGHLY_INK = 0.35
_SURELY_INK = 0.4
_SURELY_INK_IN_SMALL = 0.2

# Parts of the picture's area, of the digit's ink and of its longer side.
_SMALLEST_DIGIT = 2e-4
_SMALLEST_FRAGMENT = 0.03
_FRAGMENT_DISTANCE = 0.25

# In pixels; in degrees; and the part of the picture's width where a rule is seen.
_THICKEST_RULE = 6
_STEEPEST_RULE = 5.0
_RULE_COVERAGE = 0.85
_RULE_STRIP = 8
_FAINTEST_RULE = 0.01
_RULE_TO_GRAIN = 3.0

_DIAGONALS_TOUCH = np.ones((3, 3), dtype=bool)


class NoDigitError(ValueError):
    """Nothing in an image could be a digit."""

    def __init__(self) -> None:
        super().__init__("no digit found: nothing stands out from the background")


def find_foreground(picture: FloatImage, background: str) -> FloatImage:
    """Find the ink of the digit that a picture shows.

    Parameters
    ----------
    picture : ndarray of shape (height, width) or (height, width, 3), float32
        From 0, black, to 1, white.
    background : {'auto', 'dark', 'light'}
        Whether the ground is darker or lighter than the ink.

    Returns
    -------
    ink : ndarray of shape (height, width), float32
        1 where ink covers a pixel, 0 where it does not.

    Raises
    ------
    NoDigitError
        If nothing stands out from the ground.
    """
    channel = _most_telling_mix(picture)
    detailed = min(channel.shape) >= _DETAILED
    if detailed:
        channel = ndimage.gaussian_filter(channel, _GRAIN)
    dark = background == "dark" or (background == "auto" and _has_dark_ground(channel))
    contrast = _contrast(channel, dark)
    if detailed:
        contrast = _without_level_rules(_without_level_rules(contrast).T).T
    grain = _grain(contrast)
    if contrast.max() < max(_FAINTEST_INK, _INK_TO_GRAIN * grain):
        raise NoDigitError
    surely = _SURELY_INK if detailed else _SURELY_INK_IN_SMALL
    return _ink_of_digit(contrast, grain, surely)


def _value_at(part: float, values: FloatImage) -> float:
    """The value that this part of the others are below.

    NumPy's quantile and median take several times as long for a small picture.
    """
    rank = int(part * (values.size - 1))
    return float(np.partition(values, rank, axis=None)[rank])


def _windows(shape: tuple[int, ...], part: float) -> tuple[int, ...]:
    """Odd lengths of about this part of the side of a square of the same area."""
    side = part * float(np.prod(shape)) ** 0.5
    return (max(3, 2 * int(side / 2) + 1),) * len(shape)


def _most_telling_mix(picture: FloatImage) -> FloatImage:
    """Mix the colors so that ink and ground differ most.

    Red ink on green card may be as light as the card. What varies from place to place
    is mostly ink, so its principal component tells them apart in any colors.
    """
    if picture.ndim == 2:
        return picture
    windows = *_windows(picture.shape[:2], _WIDEST_STROKE / 2), 1
    local = (picture - ndimage.uniform_filter(picture, windows)).reshape(-1, 3)
    mix = np.linalg.eigh(local.T @ local)[1][:, -1]
    mix *= np.sign(mix.sum()) or 1  # lighter stays lighter
    darkest = np.minimum(mix, 0).sum()
    mixed = (picture @ mix - darkest) / np.abs(mix).sum()
    return np.asarray(mixed, np.float32)


def _contrast(channel: FloatImage, dark: bool) -> FloatImage:
    """How much each pixel stands out from the ground: 0 not at all, 1 fully.

    On a light ground it is relative to the ground's brightness: a shadow darkens paper
    and ink by the same factor.
    """
    if dark:
        return channel - _dark_ground(channel)
    ground = 1 - _dark_ground(1 - channel)
    return np.asarray((ground - channel) / np.maximum(ground, 0.1), np.float32)


def _has_dark_ground(channel: FloatImage) -> bool:
    """Whether ink is the lighter: it is rare, and keeps away from the edge."""
    local = channel - _surroundings(channel)
    squares = local * local
    variance = float(squares.mean())
    if not variance:
        return True
    edge = np.concatenate([local[0], local[-1], local[:, 0], local[:, -1]])
    lightness_of_edge = _value_at(0.5, edge) / variance**0.5
    skewness = float((squares * local).mean()) / variance**1.5
    return skewness > _WEIGHT_OF_EDGE * lightness_of_edge


def _surroundings(channel: FloatImage) -> FloatImage | float:
    """The mean around each pixel; a small picture is all of one light."""
    if min(channel.shape) < _DETAILED:
        return float(channel.mean())
    windows = _windows(channel.shape, _WIDEST_STROKE)
    return np.asarray(ndimage.uniform_filter(channel, windows))


def _dark_ground(channel: FloatImage) -> FloatImage | np.float32:
    """The ground without the lighter strokes on it: what an opening leaves."""
    if min(channel.shape) < _DETAILED:
        return np.float32(channel.min())
    # Lines darker than the ground would be taken for the ground.
    without_lines = ndimage.grey_closing(channel, (5, 5))
    windows = _windows(channel.shape, _WIDEST_STROKE)
    return np.asarray(ndimage.grey_opening(without_lines, windows))


def _grain(contrast: FloatImage) -> float:
    """What contrast the bare ground has: at least a fifth of a picture is ground."""
    return 2 * _value_at(0.2, contrast)


def _without_level_rules(contrast: FloatImage) -> FloatImage:
    """Fade out the lines that run across the paper, as far as they are its own.

    What is thin from top to bottom may be a rule or a pen's level stroke. A rule is
    seen in nearly every strip of the picture, and ink on it is darker than the rule.
    """
    window = _THICKEST_RULE + 1, 1
    thin = contrast - ndimage.grey_opening(contrast, window)
    thin -= np.median(thin)
    return contrast - np.clip(thin, 0, _level_rules(thin))


def _level_rules(thin: FloatImage) -> FloatImage:
    """The strength of the rule that runs through each pixel, 0 where none does."""
    height, width = thin.shape
    n_strips = width // _RULE_STRIP
    strips = thin[:, : n_strips * _RULE_STRIP].reshape(height, n_strips, -1).mean(2)
    noise = 1.48 * float(np.median(np.abs(strips)))  # of normal noise, its deviation
    threshold = max(_FAINTEST_RULE, _RULE_TO_GRAIN * noise)

    margin = int(np.tan(np.deg2rad(_STEEPEST_RULE)) * width)
    padded = np.pad(strips, ((margin, margin), (0, 0)))
    rows, strip = np.arange(margin, margin + height)[:, np.newaxis], np.arange(n_strips)
    middles = (strip + 0.5) * _RULE_STRIP - width / 2
    columns = np.arange(width)
    around = np.arange(-_THICKEST_RULE // 2, _THICKEST_RULE // 2 + 1)[:, np.newaxis]

    strengths = np.zeros((height + 4 * margin, width), np.float32)
    for rise in range(-2 * margin, 2 * margin + 1, 2):
        along = padded[rows + np.rint(rise / width * middles).astype(int), strip]
        for row in np.flatnonzero((along > threshold).mean(axis=1) >= _RULE_COVERAGE):
            slope = np.rint(rise / width * (columns - width / 2)).astype(int)
            line = 2 * margin + row + slope + around, columns
            # Blur and broken lines make single pixels a little stronger.
            strength = 1.3 * float(np.median(along[row]))
            strengths[line] = np.maximum(strengths[line], strength)
    return strengths[2 * margin : 2 * margin + height]


def _ink_of_digit(contrast: FloatImage, grain: float, surely: float) -> FloatImage:
    """The ink of the main component and of its fragments, relative to the digit's."""
    rough = max(_ROUGHLY_INK * float(contrast.max()), _INK_TO_GRAIN / 2 * grain)
    main = _main_component(contrast > rough, contrast)
    full = _value_at(0.9, contrast[main])
    ink = np.clip((contrast - grain) / (full - grain), 0, 1)
    digit = _with_fragments(ink > surely, main)
    # The outermost pixels of a stroke are covered in part.
    edges_too = ndimage.binary_dilation(digit, _DIAGONALS_TOUCH)
    return np.where(edges_too, ink, 0).astype(np.float32)


def _side_coverage(labels: NDArray[np.intp], n_labels: int) -> NDArray[np.float64]:
    """How much of a side of the picture each component covers, at most."""
    sides = labels[0], labels[-1], labels[:, 0], labels[:, -1]
    return np.max(
        [np.bincount(side, minlength=n_labels + 1) / side.size for side in sides],
        axis=0,
    )


def _main_component(mask: Mask, contrast: FloatImage) -> Mask:
    """The component with most ink; a table's edge or a shadow fills a side."""
    labels, n_labels = ndimage.label(mask, _DIAGONALS_TOUCH)
    if not n_labels:
        raise NoDigitError
    main = mask
    if n_labels > 1:
        coverage = _side_coverage(labels, n_labels)
        mass = np.bincount(labels.ravel(), contrast.ravel()) * (1 - coverage)
        main = labels == 1 + int(mass[1:].argmax())
    if main.sum() < _SMALLEST_DIGIT * mask.size:
        raise NoDigitError
    return main


def _with_fragments(mask: Mask, main: Mask) -> Mask:
    """The main component and, one after the other, what belongs to it.

    A pen lifts before the bar of a 5; specks are smaller than that and further away.
    """
    labels, n_labels = ndimage.label(mask, _DIAGONALS_TOUCH)
    if n_labels <= 1:
        return mask
    sizes = np.bincount(labels.ravel())
    eligible = _side_coverage(labels, n_labels) < 0.5
    eligible[0] = False
    kept = np.zeros(n_labels + 1, dtype=bool)
    kept[labels[main & mask]] = True
    while True:
        digit: Mask = kept[labels]
        rows, columns = np.flatnonzero(digit.any(1)), np.flatnonzero(digit.any(0))
        longer_side = 1 + max(np.ptp(rows), np.ptp(columns))
        reach = max(1.5, _FRAGMENT_DISTANCE * longer_side)
        near = labels[ndimage.distance_transform_edt(~digit) <= reach]
        large = sizes >= _SMALLEST_FRAGMENT * sizes[kept].sum()
        found = kept.copy()
        found[near] |= (eligible & large)[near]
        if (found == kept).all():
            return digit
        kept = found
