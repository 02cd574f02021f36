"""make_handwritten_digits: digits drawn from strokes, in MNIST's frame."""

from collections.abc import Sequence
from numbers import Integral

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import gen_batches

from .._random import make_generator
from .._rows import FloatArray
from .._sklearn import Interval, validate_params
from ._curves import POINTS_PER_DIGIT, curves_of
from ._forms import FORMS, digit_of

SIZE, BOX = 28, 20

# The arrays of so many digits stay in the processor's cache.
_DIGITS_PER_BLOCK = 128

# How hands differ. Fractions are of the digit's height.
_PEN_WIDTHS = (1.5, 3.6)  # pixels; between them lie 9 of 10 of MNIST's digits
_SLANT = (0.1, 0.25)  # to the right per unit upwards: mean and standard deviation
_WIDTH = 0.18  # standard deviation of the logarithm of a change of width
_PEN_LIFT = 0.02  # standard deviation of a stroke's shift against the others
_MOST_TREMOR = 0.02  # standard deviation of a point's shift in the shakiest hand
_TREMOR_WAVES = np.arange(3, 13)  # along all strokes; the shorter, the lower


def get_digit_form_names() -> list[str]:
    """Get the names of all forms that `make_handwritten_digits` draws.

    Returns
    -------
    list of str
        Each begins with its digit.

    Examples
    --------
    >>> from sk_mnist import get_digit_form_names
    >>> [name for name in get_digit_form_names() if name.startswith("7")][:3]
    ['7', '7 with a bar', '7 with a bar apart']
    """
    return list(FORMS)


@validate_params(
    {
        "n_samples": [Interval(Integral, 0, None, closed="left")],
        "forms": ["array-like", None],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_handwritten_digits(
    n_samples: int = 100,
    *,
    forms: Sequence[str] | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw digits from strokes, in the forms that schools of several countries teach.

    MNIST's digits were written by Americans. Others write, for example, a 1 with a long
    flag, a 7 with a bar or an open 4. Each digit has a pen, slant, width and
    unsteadiness of its own.

    Parameters
    ----------
    n_samples : int, default=100
        Number of digits.
    forms : sequence of str, default=None
        Names of the forms to draw, of those that `get_digit_form_names` lists. None
        draws all. Each digit from 0 to 9 that they show is as frequent as the others,
        and so is each form of a digit.
    random_state : int, RandomState instance or None, default=None
        Pass an int for the same digits at every call. None takes a seed from the
        operating system.

    Returns
    -------
    X : ndarray of shape (n_samples, 784), dtype uint8
        Images of 28 x 28 pixels in MNIST's frame, bright (255) on dark (0).
    y : ndarray of shape (n_samples,), dtype int64
        The digits, from 0 to 9.

    Raises
    ------
    ValueError
        If there is no form of one of the names, or `n_samples` do not fit into memory.

    See Also
    --------
    get_digit_form_names : The names of all forms.
    fetch_mnist : The digits of MNIST itself.

    Examples
    --------
    >>> from sk_mnist import make_handwritten_digits
    >>> X, y = make_handwritten_digits(1000, random_state=0)
    >>> X.shape, y.shape
    ((1000, 784), (1000,))
    """
    names = list(FORMS) if forms is None else _check_forms(forms)
    X = _make_frames(n_samples)
    generator = make_generator(random_state)
    digits = np.array([digit_of(name) for name in names], dtype=np.int64)
    y = generator.choice(np.unique(digits), len(X))
    chosen = np.zeros(len(X), dtype=np.intp)
    for digit in np.unique(digits):
        samples = np.flatnonzero(y == digit)
        chosen[samples] = generator.choice(
            np.flatnonzero(digits == digit), len(samples)
        )
    for number, name in enumerate(names):
        samples = np.flatnonzero(chosen == number)
        for block in gen_batches(len(samples), _DIGITS_PER_BLOCK):
            rows = samples[block]
            X[rows] = _draw(name, len(rows), generator)
    return X.reshape(len(X), SIZE * SIZE), y


def _check_forms(forms: Sequence[str]) -> list[str]:
    names = np.asarray(forms, dtype=object)
    known = [name for name in names.flat if isinstance(name, str) and name in FORMS]
    if names.ndim != 1 or not known or len(known) < len(names):
        raise ValueError(
            "forms must be one or more names from get_digit_form_names(). Got "
            f"{forms!r} instead."
        )
    return known


def _make_frames(n_samples: int) -> NDArray[np.uint8]:
    try:
        return np.zeros((int(n_samples), SIZE, SIZE), np.uint8)
    except (MemoryError, OverflowError, ValueError) as error:
        raise ValueError(
            f"n_samples={n_samples!r} digits do not fit into memory. Draw fewer."
        ) from error


def _draw(name: str, n: int, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Draw digits of one form."""
    widths = generator.uniform(*_PEN_WIDTHS, n).astype(np.float32)
    points = _fitted(_written(name, n, generator), widths)
    return _framed(_inked(points, widths))


def _written(name: str, n: int, generator: np.random.Generator) -> FloatArray:
    """Vary a form as hands do: points of shape (n, POINTS_PER_DIGIT, 2)."""
    curves = curves_of(name)
    n_strokes = int(curves.strokes[-1]) + 1

    def normal(*shape: int) -> FloatArray:
        return generator.standard_normal(shape, np.float32)

    freedom = generator.uniform(-1, 1, (n, *curves.middles.shape)).astype(np.float32)
    knots = curves.middles + freedom * curves.ranges
    rounding = generator.random((n, 1, 1), np.float32)
    points = (1 - rounding) * (curves.sharp @ knots)
    points += rounding * (curves.rounded @ knots)
    points += _PEN_LIFT * normal(n, n_strokes, 2)[:, curves.strokes]
    tremor = _MOST_TREMOR * generator.random((n, 1, 1), np.float32)
    points += tremor * (_tremor_waves() @ normal(n, 2 * len(_TREMOR_WAVES), 2))
    slants = _SLANT[0] + _SLANT[1] * normal(n, 1)
    points[..., 0] *= np.exp(_WIDTH * normal(n, 1))
    points[..., 0] -= slants * points[..., 1]
    return points


def _tremor_waves() -> FloatArray:
    """Sines and cosines along the strokes; standard normal weights shift by about 1."""
    along = 2 * np.pi * np.linspace(0, 1, POINTS_PER_DIGIT)[:, np.newaxis]
    heights = 1 / _TREMOR_WAVES / np.sqrt((1 / _TREMOR_WAVES**2).sum())
    waves = [heights * wave(along * _TREMOR_WAVES) for wave in (np.sin, np.cos)]
    return np.hstack(waves).astype(np.float32)


def _fitted(points: FloatArray, widths: FloatArray) -> FloatArray:
    """Scale the points so that what the pen draws fills the box on its longer side."""
    low, high = points.min(axis=1, keepdims=True), points.max(axis=1, keepdims=True)
    scales = (BOX - widths)[:, None, None] / (high - low).max(axis=2, keepdims=True)
    return (points - (low + high) / 2) * scales + BOX / 2


def _inked(points: FloatArray, widths: FloatArray) -> FloatArray:
    """Draw with round pens: images of shape (n, BOX, BOX), from 0 to 1.

    How much of a pixel is inked follows from the distance of its middle to the nearest
    point of a stroke.
    """
    middles = np.arange(BOX, dtype=np.float32) + 0.5
    x, y = (m.ravel() for m in np.meshgrid(middles, middles))
    squares = points[..., 0] ** 2 + points[..., 1] ** 2
    pixels = np.stack([-2 * x, -2 * y, np.ones_like(x)], axis=1)
    homogeneous = np.concatenate([points, squares[..., None]], axis=2)
    nearest = (homogeneous @ pixels.T).min(axis=1) + x**2 + y**2
    distances = np.sqrt(np.maximum(nearest, 0))
    ink = np.clip(widths[:, None] / 2 + 0.5 - distances, 0, 1)
    return ink.reshape(-1, BOX, BOX)


def _framed(ink: FloatArray) -> NDArray[np.uint8]:
    """Place the images so that their centers of mass are the center of the frame."""
    frame = np.zeros((len(ink), SIZE, SIZE), np.uint8)
    mass = ink.sum(axis=(1, 2))
    places = np.arange(BOX)
    starts = []
    for axis in (1, 2):
        center = ink.sum(axis=3 - axis) @ places / mass
        start = np.rint(SIZE // 2 - center).astype(int)
        starts.append(np.clip(start, 0, SIZE - BOX)[:, None] + places)
    rows, columns = starts
    images = np.arange(len(ink))[:, None, None]
    frame[images, rows[:, :, None], columns[:, None, :]] = np.rint(255 * ink)
    return frame
