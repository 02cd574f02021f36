"""Remove the ruled lines of paper from under a digit."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ._loading import FloatImage

# Pixels; and of the image's shorter side, if there is more than one such line.
_USUAL_THICKNESS = 6
_LARGEST_THICKNESS = 0.07
_STEEPEST = 5.0  # degrees

# A line is taken for a ruled line if it is seen in this part of the image's width, and
# at least faintly at both ends. The search runs in strips of some columns each, and for
# large images in some rows at once.
_COVERAGE = 0.85
_STRIP = 8
_SEARCHED_PIXELS = 400

_FAINTEST, _FAINTEST_THICK = 0.01, 0.05
_SIGNAL_TO_NOISE = 3.0

# Blur and broken lines make single pixels a little stronger than the median.
_MARGIN = 1.3


def remove_ruled_lines(contrast: FloatImage) -> FloatImage:
    """Subtract the lines that cross the image, as far as they are the paper's own.

    Parameters
    ----------
    contrast : ndarray of shape (height, width), float32
        How much each pixel stands out from the background.

    Returns
    -------
    contrast : ndarray of shape (height, width), float32
        What is drawn across a line stays: it is darker than the line.
    """
    return _remove_level_lines(_remove_level_lines(contrast).T).T


def _remove_level_lines(contrast: FloatImage) -> FloatImage:
    """Remove lines of the usual thickness, and several thick ones.

    A single thick line may be the bar of a 7 that fills the image.
    """
    contrast, _ = _remove_lines_of(_USUAL_THICKNESS, contrast)
    thickness = int(_LARGEST_THICKNESS * min(contrast.shape))
    if thickness > _USUAL_THICKNESS and _reaches_both_sides(contrast):
        without, n_lines = _remove_lines_of(thickness, contrast)
        if n_lines > 1:
            return without
    return contrast


def _reaches_both_sides(contrast: FloatImage) -> bool:
    """Whether anything does, which is found out quickly."""
    ends = contrast[:, :_STRIP], contrast[:, -_STRIP:]
    return all(bool((end.mean(axis=1) > _FAINTEST_THICK).any()) for end in ends)


def _remove_lines_of(thickness: int, contrast: FloatImage) -> tuple[FloatImage, int]:
    """Remove the lines of at most some thickness, and count them.

    What is thin from top to bottom may be a line or a pen's level stroke. A line is
    seen in nearly every strip of the image.
    """
    thin = contrast - ndimage.grey_opening(contrast, (thickness + 1, 1))
    step = 1 + max(thin.shape) // _SEARCHED_PIXELS
    thin -= np.median(thin[::step, ::step])
    strengths = _line_strengths(thin, thickness, step)
    middle = strengths[:, strengths.shape[1] // 2] > 0
    n_lines = int(middle[0]) + int((middle[1:] & ~middle[:-1]).sum())
    if not n_lines:
        return contrast, 0
    strengths = strengths.repeat(step, axis=0).repeat(step, axis=1)
    missing = [(0, n - m) for n, m in zip(thin.shape, strengths.shape, strict=True)]
    strengths = np.pad(strengths, missing, mode="edge")
    return contrast - np.clip(thin, 0, strengths), n_lines


def _line_strengths(thin: FloatImage, thickness: int, step: int) -> FloatImage:
    """Find the strength of the line through each `step` x `step` pixels, 0 for none."""
    height, width = (length // step for length in thin.shape)
    n_strips = width // _STRIP
    strips = thin[: height * step, : n_strips * _STRIP * step]
    strips = strips.reshape(height, step, n_strips, _STRIP * step).mean(3).max(1)
    strips -= np.median(strips)
    noise = 1.48 * float(np.median(np.abs(strips)))  # the deviation of normal noise
    is_line = strips > max(_FAINTEST, _SIGNAL_TO_NOISE * noise)
    may_be_end = strips[:, [0, -1]] > max(_FAINTEST, noise)

    margin = int(np.tan(np.deg2rad(_STEEPEST)) * width)
    padded = np.pad(is_line, ((margin, margin), (0, 0)))
    ends = np.pad(may_be_end, ((margin, margin), (0, 0)), constant_values=True)
    rows, strip = np.arange(margin, margin + height)[:, np.newaxis], np.arange(n_strips)
    centers = (strip + 0.5) * _STRIP - width / 2
    columns = np.arange(width)
    reach = -(-thickness // (2 * step))
    around = np.arange(-reach, reach + 1)[:, np.newaxis]

    strengths = np.zeros((height + 4 * margin + 2 * reach, width), np.float32)
    for rise in range(-2 * margin, 2 * margin + 1, 2):
        along = rows + np.rint(rise / width * centers).astype(int)
        seen = padded[along, strip].mean(axis=1) >= _COVERAGE
        seen &= ends[along[:, [0, -1]], [0, 1]].all(axis=1)
        for row in np.flatnonzero(seen):
            slope = np.rint(rise / width * (columns - width / 2)).astype(int)
            line = 2 * margin + reach + row + slope + around, columns
            places = np.clip(along[row] - margin, 0, height - 1), strip
            strength = _MARGIN * float(np.median(strips[places]))
            strengths[line] = np.maximum(strengths[line], strength)
    return strengths[2 * margin + reach :][:height]
