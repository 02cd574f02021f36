"""Random deformations of training images, as a reader's hand would deform them.

A multilayer perceptron knows nothing of neighbouring pixels, so it learns what a
slightly turned, stretched or wavering digit looks like only by seeing some. The
settings live in :class:`ElasticDeformation`; the functions above it are the same
steps, one by one, that the compiled training loop takes in TensorFlow: draw, find
where each pixel comes from, resample.
"""

from math import ceil
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_array, check_random_state, gen_batches

from ._images._pixels import as_stack
from ._sklearn import Interval, validate_estimator

FloatArray = NDArray[np.float64]

N_AFFINE_DRAWS = 5  # angle; stretch down, across; shift down, across

# Of the image's width: the standard deviation, across, of an upright digit's ink when
# the digit is five eighths as wide as high, as NIST's software made those of its forms.
USUAL_SPREAD = 0.11

# The least and the largest factor by which a digit's width is brought to the usual.
SPREAD_FACTORS = (0.6, 1.5)

# Of thickening: MNIST's strokes are little wider than two pixels.
THINNING = 0.5

# The rest of the variance moves a pixel by about a hundredth of its width.
_VARIANCE_KEPT = 0.9999

_IMAGES_AT_ONCE = 1000

# Square pixels, and ink: less is taken for this, so that blank images divide by it.
NO_INK = 1e-3


def elastic_basis(image_shape: tuple[int, int], sigma: float) -> FloatArray:
    """Find the few patterns that smoothed noise is made of.

    Uniform noise in [-1, 1], smoothed by a Gaussian much wider than a pixel, is a sum
    of so many terms that it is normally distributed, and so smooth that few patterns
    describe it. Drawing the patterns' weights, standard normal, gives the same fields
    as drawing and smoothing noise for every pixel (within 0.01 % of the variance for
    each axis), from 49 numbers instead of 784 at the default `sigma`. The noise
    reaches beyond the image's border, so that the border moves as much as the middle.

    Parameters
    ----------
    image_shape : tuple of (int, int)
        Height and width of the images, in pixels.
    sigma : float
        Standard deviation of the Gaussian, in pixels.

    Returns
    -------
    basis : ndarray of shape (n_components, height * width)
        ``weights @ basis`` is a random field, for standard normal `weights`.
    """
    rows, columns = (_axis_basis(length, sigma) for length in image_shape)
    basis: FloatArray = np.kron(rows, columns) / np.sqrt(3.0)  # as uniform noise varies
    return basis


def _axis_basis(length: int, sigma: float) -> FloatArray:
    reach = ceil(4 * sigma)
    noise_positions = np.arange(-reach, length + reach)
    offsets = np.arange(length)[:, np.newaxis] - noise_positions
    smoothing = np.exp(-0.5 * (offsets / sigma) ** 2)
    smoothing /= smoothing.sum(axis=1, keepdims=True)
    patterns, strengths, _ = np.linalg.svd(smoothing, full_matrices=False)
    variance = np.cumsum(strengths**2)
    n_kept = int(np.searchsorted(variance, _VARIANCE_KEPT * variance[-1])) + 1
    return np.asarray((patterns * strengths)[:, :n_kept].T)


def draw(
    random_state: np.random.RandomState, n_images: int, n_components: int
) -> tuple[FloatArray, FloatArray]:
    """Draw what makes each image's deformation its own.

    Returns
    -------
    affine_draws : ndarray of shape (n_images, 5)
        Uniform in [-1, 1]: angle, stretch down and across, shift down and across.
    elastic_draws : ndarray of shape (n_images, 2, n_components)
        Standard normal: weights of the patterns that move pixels down and across.
    """
    return (
        random_state.uniform(-1, 1, (n_images, N_AFFINE_DRAWS)),
        random_state.standard_normal((n_images, 2, n_components)),
    )


def draw_style(
    random_state: np.random.RandomState, n_images: int
) -> tuple[FloatArray, FloatArray]:
    """Draw what makes each image's hand and pen its own.

    Returns
    -------
    normalization_draws : ndarray of shape (n_images,)
        Uniform in [0, 1]: how far slant and width are normalised.
    thickness_draws : ndarray of shape (n_images,)
        Uniform in [-1, 1]: how far strokes are thickened or, below 0, thinned.
    """
    return random_state.uniform(0, 1, n_images), random_state.uniform(-1, 1, n_images)


def slant_and_spread(images: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
    """Measure how the ink of each image leans and how wide it is.

    Returns
    -------
    slants : ndarray of shape (n_images,)
        Pixels by which the ink moves to the right for each pixel down.
    spreads : ndarray of shape (n_images,)
        Standard deviation of the ink across, in pixels, once it stands upright.
    """
    n_images, height, width = images.shape
    ink = np.maximum(images.reshape(n_images, -1), 0).astype(np.float64)
    ink /= np.maximum(ink.sum(axis=1, keepdims=True), NO_INK)
    rows, columns = np.indices((height, width)).reshape(2, -1)
    down = rows - (ink @ rows)[:, np.newaxis]
    across = columns - (ink @ columns)[:, np.newaxis]
    variances = np.maximum((ink * down**2).sum(axis=1), NO_INK)
    slants = (ink * down * across).sum(axis=1) / variances
    upright = (ink * across**2).sum(axis=1) - slants**2 * variances
    return slants, np.sqrt(np.maximum(upright, NO_INK))


def normalized_coordinates(
    coordinates: FloatArray,
    images: NDArray[Any],
    normalization_draws: FloatArray,
    *,
    normalization: float,
) -> FloatArray:
    """Set the digits upright, and bring their widths to the usual, each in part."""
    height, width = images.shape[1:]
    slants, spreads = slant_and_spread(images)
    part = normalization * normalization_draws
    stretches = np.clip(USUAL_SPREAD * width / spreads, *SPREAD_FACTORS) ** part
    rows = coordinates[:, 0] - (height - 1) / 2
    columns = coordinates[:, 1] - (width - 1) / 2
    columns = columns / _per_image(stretches) + _per_image(part * slants) * rows
    return np.stack([coordinates[:, 0], columns + (width - 1) / 2], axis=1)


def _per_image(values: FloatArray) -> FloatArray:
    return values[:, np.newaxis, np.newaxis]


def change_strokes(
    images: FloatArray, thickness_draws: FloatArray, *, thickness: float
) -> FloatArray:
    """Thicken or thin the strokes: mix each image with its dilation or erosion."""
    from scipy.ndimage import generate_binary_structure, maximum_filter, minimum_filter

    cross = generate_binary_structure(2, 1)[np.newaxis]
    thicker = maximum_filter(images, footprint=cross, mode="constant")
    thinner = minimum_filter(images, footprint=cross, mode="constant")
    growth = _per_image(thickness * thickness_draws)
    other = np.where(growth > 0, thicker, thinner)
    return images + np.where(growth > 0, growth, -THINNING * growth) * (other - images)


def source_coordinates(
    affine_draws: FloatArray,
    elastic_draws: FloatArray,
    *,
    rotation: float,
    scale: float,
    shift: float,
    alpha: float,
    sigma: float,
    image_shape: tuple[int, int],
) -> FloatArray:
    """Find the place in the original from which each deformed pixel takes its value.

    The image is stretched, turned about its middle and shifted; going back from a
    pixel of the result undoes these in reverse. The elastic field is added last.

    Returns
    -------
    coordinates : ndarray of shape (n_images, 2, height, width)
        Rows and columns of the original image, in pixels.
    """
    height, width = image_shape
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    angles = np.deg2rad(rotation) * affine_draws[:, 0]
    stretches = 1 + scale * affine_draws[:, 1:3]
    shifts = shift * affine_draws[:, 3:5]
    cosines, sines = np.cos(angles), np.sin(angles)
    turn_back = np.stack([cosines, sines, -sines, cosines], axis=1).reshape(-1, 2, 2)
    pixels = np.indices(image_shape).reshape(2, -1) - middle[:, np.newaxis]
    origins = turn_back @ (pixels - shifts[:, :, np.newaxis])
    origins /= stretches[:, :, np.newaxis]
    field = alpha * (elastic_draws @ elastic_basis(image_shape, sigma))
    coordinates = origins + middle[:, np.newaxis] + field
    return np.asarray(coordinates.reshape(-1, 2, height, width))


def resample(images: NDArray[Any], coordinates: FloatArray) -> FloatArray:
    """Read images between their pixels, bilinearly; beyond the border all is 0.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width)
    coordinates : ndarray of shape (n_images, 2, height, width)

    Returns
    -------
    resampled : ndarray of shape (n_images, height, width)
    """
    from scipy.ndimage import map_coordinates

    return np.stack(
        [
            map_coordinates(image, places, np.float64, order=1, mode="grid-constant")
            for image, places in zip(images, coordinates, strict=True)
        ]
    )


class ElasticDeformation(BaseEstimator):
    """Random affine and elastic deformations of images.

    Each image is stretched, turned and shifted at random, and its pixels are moved
    along a smooth random field, as by an unsteady hand [1]_ [2]_. Given to
    :class:`MNISTMLPClassifier` as `augmentation`, the deformations are redrawn for
    every batch of training; :meth:`deform` gives them on their own.

    The defaults suit digits in MNIST's frame of 28 x 28 pixels. For images of another
    size, `shift` and `sigma` grow with the side of the image, `alpha` with its square.

    Parameters
    ----------
    rotation : float, default=15
        Largest angle, in degrees, of the rotation about the middle of the image, in
        either direction.
    scale : float, default=0.15
        Largest change of size: each axis is stretched by a factor of its own, between
        ``1 - scale`` and ``1 + scale``.
    shift : float, default=1
        Largest shift along each axis, in pixels.
    alpha : float, default=37
        Strength of the elastic field: the factor by which the smoothed noise is
        multiplied, in pixels. 0 leaves the elastic deformation out.
    sigma : float, default=5
        Standard deviation, in pixels, of the Gaussian that smooths uniform noise in
        [-1, 1] into the elastic field. A pixel moves along each axis by about
        ``alpha / (6.14 * sigma)`` (standard deviation; 1.2 pixels by default).
    normalization : float, default=0
        Largest part, at most 1, of the digit's slant and of the difference of its width
        from the usual that is taken back, as moment normalisation [3]_ takes all.
    thickness : float, default=0
        Pixels, at most 1, by which strokes become thicker on each side, as by a broader
        pen; they become thinner by at most half as many.

    See Also
    --------
    MNISTMLPClassifier : Trains on images deformed anew for every batch.

    Notes
    -----
    This is not a transformer: images to be predicted are not deformed.

    Pixels that come from beyond the border of the image are 0.

    References
    ----------
    .. [1] P. Y. Simard, D. Steinkraus and J. C. Platt, "Best practices for
       convolutional neural networks applied to visual document analysis", ICDAR 2003.
       :doi:`10.1109/ICDAR.2003.1227801`
    .. [2] D. C. Ciresan, U. Meier, L. M. Gambardella and J. Schmidhuber, "Deep, big,
       simple neural nets for handwritten digit recognition", Neural Computation 22,
       2010. :doi:`10.1162/NECO_a_00052`
    .. [3] R. G. Casey, "Moment normalization of handprinted characters", IBM Journal
       of Research and Development 14, 1970. :doi:`10.1147/rd.145.0548`

    Examples
    --------
    >>> import numpy as np
    >>> from sk_mnist import ElasticDeformation
    >>> images = np.zeros((3, 28, 28), dtype=np.uint8)
    >>> images[:, 4:24, 13:15] = 255
    >>> deformed = ElasticDeformation(rotation=10).deform(images, random_state=0)
    >>> deformed.shape, deformed.dtype
    ((3, 28, 28), dtype('uint8'))
    """

    # Where users import it from, and all that a saved model says of where it lies.
    __module__ = "sk_mnist"

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "rotation": [Interval(Real, 0, 180, closed="both")],
        "scale": [Interval(Real, 0, 1, closed="left")],
        "shift": [Interval(Real, 0, None, closed="left")],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "sigma": [Interval(Real, 0, None, closed="neither")],
        "normalization": [Interval(Real, 0, 1, closed="both")],
        "thickness": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(
        self,
        rotation: float = 15,
        scale: float = 0.15,
        shift: float = 1,
        alpha: float = 37,
        sigma: float = 5,
        normalization: float = 0,
        thickness: float = 0,
    ) -> None:
        self.rotation = rotation
        self.scale = scale
        self.shift = shift
        self.alpha = alpha
        self.sigma = sigma
        self.normalization = normalization
        self.thickness = thickness

    def deform(
        self,
        images: ArrayLike,
        random_state: int | np.random.RandomState | None = None,
    ) -> NDArray[Any]:
        """Deform each image at random.

        Parameters
        ----------
        images : array-like of shape (n_images, height, width) or (n_images, n_pixels)
            Images of any numeric dtype. In a row of `n_pixels`, a square image is
            laid out row by row.
        random_state : int, RandomState instance or None, default=None
            Pass an int for the same deformations at every call.

        Returns
        -------
        deformed : ndarray of the same shape and dtype as `images`
            Values stay between 0 and those of the original; integers are rounded.

        Raises
        ------
        ValueError
            If the images are flat and `n_pixels` is not a square number, or have
            neither two nor three dimensions.
        """
        validate_estimator(self)
        given = check_array(images, allow_nd=True, input_name="images")
        stack = as_stack(given)
        rng = check_random_state(random_state)
        deformed = np.concatenate(
            [
                self._deform_stack(stack[rows], rng)
                for rows in gen_batches(len(stack), _IMAGES_AT_ONCE)
            ]
        )
        if not np.issubdtype(given.dtype, np.floating):
            np.rint(deformed, out=deformed)
        return deformed.reshape(given.shape).astype(given.dtype)

    def _deform_stack(
        self, images: NDArray[Any], rng: np.random.RandomState
    ) -> FloatArray:
        image_shape = images.shape[1:]
        settings = self.get_params()
        normalization = settings.pop("normalization")
        thickness = settings.pop("thickness")
        n_components = len(elastic_basis(image_shape, self.sigma))
        coordinates = source_coordinates(
            *draw(rng, len(images), n_components), **settings, image_shape=image_shape
        )
        normalization_draws, thickness_draws = draw_style(rng, len(images))
        if normalization:
            coordinates = normalized_coordinates(
                coordinates, images, normalization_draws, normalization=normalization
            )
        deformed = resample(images, coordinates)
        if not thickness:
            return deformed
        return change_strokes(deformed, thickness_draws, thickness=thickness)
