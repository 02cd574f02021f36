"""Random deformations of training images, as different people write the same digit.

A multilayer perceptron does not know which pixels are neighbors: it learns what a
slightly turned, stretched or wavy digit looks like only by seeing some.
"""

from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_array, gen_batches

from ._deformation import (
    NUMPY,
    Deformation,
    change_thickness,
    move_pixels,
    sample_numbers,
)
from ._images._pixels import as_stack, refuse_no_numbers
from ._random import make_generator
from ._sklearn import Interval, validate_estimator

# The arrays of so many images stay in the processor's cache.
IMAGES_PER_BLOCK = 256

# Far beyond any image, and still exact enough in single precision to be computed with.
_LARGEST_SETTING = 1e6
_SMALLEST_SIGMA, _LARGEST_SIGMA = 1e-3, 1e3

# Integers up to here are floats too, and sums of so large pixels are finite.
_LARGEST_PIXEL = 1e15


class ElasticDeformation(BaseEstimator):
    """Random affine and elastic deformations of images.

    Each image is stretched, rotated and shifted at random, and its pixels are moved
    along a smooth random field, as by an unsteady hand [1]_ [2]_. As `augmentation` of
    :class:`MNISTMLPClassifier` it deforms every batch of training anew. :meth:`deform`
    deforms any images.

    The defaults suit digits in MNIST's frame of 28 x 28 pixels. For images of another
    size, `shift` and `sigma` grow with the side of the image, `alpha` with its square.

    Parameters
    ----------
    rotation : float, default=15
        Largest angle, in degrees, of the rotation about the middle of the image, in
        either direction.
    scale : float, default=0.15
        Largest change of size: each axis is stretched by its own random factor between
        ``1 - scale`` and ``1 + scale``.
    shift : float, default=1
        Largest shift along each axis, in pixels.
    alpha : float, default=37
        Strength of the elastic field: the factor by which the smoothed noise is
        multiplied, in pixels. 0 means no elastic deformation.
    sigma : float, default=5
        Standard deviation, in pixels, of the Gaussian that smooths uniform noise in
        [-1, 1] into the elastic field. A pixel moves along each axis by about
        ``alpha / (6.14 * sigma)`` (standard deviation; 1.2 pixels by default).
    deskew : float, default=0
        Maximum fraction, 0 to 1, of the slant (deskewing [3]_) and of the difference
        from the usual width (width normalization) to remove. The fraction is random,
        the same for both.
    thickness : float, default=0
        Maximum number of pixels, 0 to 1, by which strokes become thicker on each side
        (dilation); they become thinner (erosion) by at most half as many.

    See Also
    --------
    MNISTMLPClassifier : Trains on images deformed anew for every batch.

    Notes
    -----
    This is not a transformer: images to predict are deformed only by
    `test_time_augmentation` of :class:`MNISTMLPClassifier`.

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
        "shift": [Interval(Real, 0, _LARGEST_SETTING, closed="both")],
        "alpha": [Interval(Real, 0, _LARGEST_SETTING, closed="both")],
        "sigma": [Interval(Real, _SMALLEST_SIGMA, _LARGEST_SIGMA, closed="both")],
        "deskew": [Interval(Real, 0, 1, closed="both")],
        "thickness": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(
        self,
        *,
        rotation: float = 15,
        scale: float = 0.15,
        shift: float = 1,
        alpha: float = 37,
        sigma: float = 5,
        deskew: float = 0,
        thickness: float = 0,
    ) -> None:
        self.rotation = rotation
        self.scale = scale
        self.shift = shift
        self.alpha = alpha
        self.sigma = sigma
        self.deskew = deskew
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
            Pass an int for the same deformations at every call. None takes a seed from
            the operating system.

        Returns
        -------
        deformed : ndarray of the same shape and dtype as `images`
            Values stay between 0 and those of the original; integers are rounded.

        Raises
        ------
        ValueError
            If a setting is out of its range; if the images are flat and `n_pixels` is
            not a square number, or have neither two nor three dimensions; or if they
            are too large, or hold values other than numbers up to 1e15.
        """
        validate_estimator(self)
        refuse_no_numbers(images, "images")
        given = check_array(
            images, allow_nd=True, ensure_min_samples=0, input_name="images"
        )
        stack = as_stack(given)
        if not given.size:
            return given.copy()
        _refuse_large_pixels(given)
        deformation = make_deformation(self, stack.shape[1:])
        generator = make_generator(random_state)
        rows = stack.reshape(len(stack), -1)
        deformed = np.empty(rows.shape, np.result_type(given.dtype, np.float32))
        for block in gen_batches(len(rows), IMAGES_PER_BLOCK):
            pixels = rows[block].astype(deformed.dtype)
            numbers = sample_numbers(generator, len(pixels), deformation)
            deformed[block] = move_pixels(NUMPY, pixels, numbers, deformation)
            if deformation.thickness:
                deformed[block] = change_thickness(
                    NUMPY, deformed[block], numbers, deformation
                )
        if not np.issubdtype(given.dtype, np.floating):
            np.rint(deformed, out=deformed)
        return deformed.reshape(given.shape).astype(given.dtype)


def _refuse_large_pixels(images: NDArray[Any]) -> None:
    for pixel in (images.min(), images.max()):
        if abs(float(pixel)) > _LARGEST_PIXEL:
            raise ValueError(
                f"images must hold pixels between -{_LARGEST_PIXEL:g} and "
                f"{_LARGEST_PIXEL:g}. Got {pixel} instead: divide them by a constant."
            )


def make_deformation(
    augmentation: ElasticDeformation, image_shape: tuple[int, int]
) -> Deformation:
    """Bring the settings together with the shape of the images."""
    # As plain numbers: samplers of a search give those of NumPy, which would turn
    # single precision into double.
    settings = {name: float(n) for name, n in augmentation.get_params().items()}
    return Deformation(image_shape, **settings)
