"""ImageNormalizer: images become rows of float32 pixels between 0 and 1.

The most common silent error around a digit classifier is that it was trained on pixels
of one range and is used on pixels of another. :class:`ImageNormalizer` learns the range
once, in ``fit``, and warns when images of another range arrive later.

A saved pipeline loads this module, so it imports no more than NumPy, SciPy and
scikit-learn.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import Tags, check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from .._sklearn import validate_before
from .._warnings import warn
from ._pixels import pixel_names, pixel_scale, refuse_no_numbers, square_shape

# Pixels come as 0 to 1, 0 to 16 (`load_digits`), 0 to 255 or 0 to 65535: two ranges
# differ by 15 or more, while an image of one range fills a good part of it.
_RANGE_RATIO = 10

_LARGEST_FLOAT32 = float(np.finfo(np.float32).max)


def flatten_images(images: NDArray[Any]) -> NDArray[Any]:
    """Reshape each image to one row of pixels."""
    if images.ndim == 4 and images.shape[-1] in (3, 4):
        raise ValueError(
            f"X has shape {images.shape}: color images, but ImageNormalizer expects "
            "one value per pixel. Make them gray first: sk_mnist.DigitFramer reads "
            "color images of digits, and X[..., :3].mean(axis=-1) averages colors."
        )
    if images.ndim > 4 or (images.ndim == 4 and images.shape[-1] != 1):
        raise ValueError(
            f"X has shape {images.shape}, but ImageNormalizer expects images of shape "
            "(n, height, width) or (n, height, width, 1), or rows of shape "
            "(n, height * width). Move or reshape the axes of X first."
        )
    return images.reshape(images.shape[0], -1)


def _image_shape(images: NDArray[Any]) -> tuple[int, int] | None:
    """Height and width of the images, None for rows that make no square."""
    if images.ndim > 2:
        return images.shape[1], images.shape[2]
    return square_shape(images.shape[1])


def _refuse_different_sizes(images: Any) -> None:
    if not isinstance(images, list | tuple):
        return
    shapes = {image.shape for image in images if isinstance(image, np.ndarray)}
    if len(shapes) > 1:
        raise ValueError(
            f"X holds images of different shapes: {sorted(shapes)}. Bring them to one "
            "size first: sk_mnist.DigitFramer takes digits of any size."
        )


class ImageNormalizer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Turn images into rows of float32 pixels between 0 and 1.

    ``fit`` learns the maximum pixel value, so that one image is treated like the whole
    set: 255 for unsigned bytes, and for other data whose maximum is above 16 and at
    most 255; the maximum for all other data; 1 for images that are all 0.

    Attributes
    ----------
    scale_ : float
        The number by which pixels are divided.

    image_shape_ : tuple of (int, int) or None
        Height and width of the images in pixels. Rows are taken for square images; None
        if the length of the rows is not a square number.

    n_features_in_ : int
        Number of pixels of an image, height times width.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Column names seen during ``fit``. Defined only when `X` is a DataFrame whose
        column names are all strings.

    See Also
    --------
    DigitFramer : Brings digit images of any size into MNIST's frame.
    MNISTMLPClassifier : The network that reads the rows.

    Notes
    -----
    ``transform`` warns if the maximum of the images is more than 10 times larger or
    smaller than `scale_`. It does not warn about blank images.

    ``transform`` allocates its result and nothing else of that size. Values are not
    clipped: a pixel brighter than `scale_` becomes a value above 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_mnist import ImageNormalizer
    >>> images = np.array([[[0, 51], [102, 255]]], dtype=np.uint8)
    >>> normalizer = ImageNormalizer().fit(images)
    >>> normalizer.transform(images)
    array([[0. , 0.2, 0.4, 1. ]], dtype=float32)
    >>> normalizer.scale_, normalizer.image_shape_
    (255.0, (2, 2))
    >>> normalizer.get_feature_names_out()
    array(['pixel1', 'pixel2', 'pixel3', 'pixel4'], dtype=object)
    """

    # Where users import it from, and all that a saved model says of where it lies.
    __module__ = "sk_mnist"

    _parameter_constraints: ClassVar[dict[str, Any]] = {}

    @validate_before
    def fit(self, X: ArrayLike, y: Any = None) -> ImageNormalizer:
        """Learn the range of the pixels.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, 1) or \
                (n, height * width)
            Images, pixels of 0 or more; rows may be a DataFrame or a sparse matrix.

        y : None
            Ignored.

        Returns
        -------
        self : ImageNormalizer
            Fitted normalizer.

        Raises
        ------
        ValueError
            If `X` holds negative pixels, NaN or infinity, color images, complex
            numbers or text.
        """
        images = self._validate_images(X, reset=True)
        self.scale_ = pixel_scale(images)
        self.image_shape_ = _image_shape(images)
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Divide pixels by `scale_` and reshape each image to one row.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, 1) or \
                (n, height * width)
            Images of the size and range seen in ``fit``.

        Returns
        -------
        X_out : ndarray or CSR matrix of shape (n, height * width), dtype float32
            Pixels between 0 and 1; sparse if `X` is.

        Raises
        ------
        ValueError
            If the images are of another size than in ``fit``, if a result is too large
            for float32, or as in ``fit``.

        Warns
        -----
        UserWarning
            If the pixels are of another range than in ``fit``.
        """
        check_is_fitted(self)
        images = self._validate_images(X, reset=False)
        self._check_image_shape(images)
        self._check_range(images)
        if issparse(images):
            return self._transform_sparse(images)
        pixels = flatten_images(images)
        X_out = np.empty(pixels.shape, dtype=np.float32)
        self._divide(pixels, out=X_out)
        return X_out

    def _transform_sparse(self, images: Any) -> Any:
        X_out = images.astype(np.float32)
        self._divide(images.data, out=X_out.data)
        return X_out

    def _divide(self, pixels: NDArray[Any], out: NDArray[np.float32]) -> None:
        # Without a dtype, unsigned bytes would be divided as float16 or float64,
        # depending on the version of NumPy.
        precision = np.result_type(pixels, np.float32)
        np.divide(pixels, self.scale_, out=out, dtype=precision, casting="same_kind")

    def inverse_transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Bring rows back to the range seen in ``fit``.

        Parameters
        ----------
        X : array-like of shape (n, height * width)
            Rows as ``transform`` returns them.

        Returns
        -------
        X_original : ndarray or CSR matrix of shape (n, height * width), dtype float32
            Pixels between 0 and `scale_`, a row per image, sparse if `X` is;
            ``X_original.reshape(-1, *normalizer.image_shape_)`` makes images of them.
        """
        check_is_fitted(self)
        rows: NDArray[np.float32] = check_array(
            X,
            accept_sparse="csr",
            dtype=np.float32,
            estimator=self,
            input_name="X",
        )
        if rows.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {rows.shape[1]} features, but ImageNormalizer is expecting "
                f"{self.n_features_in_} features as input."
            )
        if float(abs(rows).max()) * self.scale_ > _LARGEST_FLOAT32:
            raise ValueError(
                f"X times scale_, {self.scale_:g}, does not fit into float32. Multiply "
                "X by scale_ in float64 instead."
            )
        return rows * np.float32(self.scale_)

    def get_feature_names_out(
        self, input_features: ArrayLike | None = None
    ) -> NDArray[np.object_]:
        """Name the columns of the result.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names to use for pixels that had none in ``fit``; those that had must be
            given the same.

        Returns
        -------
        feature_names_out : ndarray of shape (`n_features_in_`,), dtype object
            The column names seen in ``fit``, else `input_features`, else ``pixel1``,
            ``pixel2`` and so on.
        """
        check_is_fitted(self)
        if input_features is None and not hasattr(self, "feature_names_in_"):
            input_features = pixel_names(self.n_features_in_)
        return super().get_feature_names_out(input_features)

    def _validate_images(self, X: ArrayLike, *, reset: bool) -> NDArray[Any]:
        refuse_no_numbers(X)
        _refuse_different_sizes(X)
        images: NDArray[Any] = check_array(
            X,
            accept_sparse="csr",
            allow_nd=True,
            ensure_non_negative=True,
            estimator=self,
            input_name="X",
        )
        rows = images if issparse(images) else flatten_images(images)
        # `validate_data` writes the number of features and their names, so it comes
        # last: a `fit` that fails leaves them as they were.
        named = X if images.ndim == 2 else rows
        validate_data(self, named, reset=reset, skip_check_array=True)
        return images

    def _check_image_shape(self, images: NDArray[Any]) -> None:
        shape = _image_shape(images)
        if images.ndim > 2 and self.image_shape_ not in (None, shape):
            raise ValueError(
                f"X has images of shape {shape}, but ImageNormalizer is expecting "
                f"images of shape {self.image_shape_}, as seen in fit."
            )

    def _check_range(self, images: NDArray[Any]) -> None:
        brightest = float(images.max())
        ratio = brightest / self.scale_
        if ratio > _LARGEST_FLOAT32:
            raise ValueError(
                f"The brightest pixel of X, {brightest:g}, is too large: divided by "
                f"scale_, {self.scale_:g}, it does not fit into float32. Divide X so "
                "that it has the range seen in fit, or fit on images of the range of X."
            )
        if brightest == 0 or 1 / _RANGE_RATIO <= ratio <= _RANGE_RATIO:
            return
        warn(
            f"The brightest pixel of X is {brightest:g}, but ImageNormalizer was "
            f"fitted on pixels from 0 to {self.scale_:g}. "
            f"{'Multiply' if ratio < 1 else 'Divide'} X so that it has the range seen "
            "in fit, or fit on images of the range of X."
        )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        tags.input_tags.sparse = True
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
