from . import recipes
from ._augmentation import ElasticDeformation
from ._classifier import MNISTMLPClassifier
from ._datasets._loaders import fetch_mnist, load_sample_digits
from ._handwriting._digits import get_digit_form_names, make_handwritten_digits
from ._images._framer import DigitFramer
from ._images._normalizer import ImageNormalizer
from ._images._segmentation import find_digits
from ._keras._model import build_mlp
from ._number import read_number
from ._plot._digit_grid import DigitGridDisplay
from ._plot._hidden_units import HiddenUnitsDisplay
from ._plot._training_history import TrainingHistoryDisplay
from ._session import clear_session
from ._version import __version__ as __version__
from .recipes import make_digit_reader

__all__ = [
    "DigitFramer",
    "DigitGridDisplay",
    "ElasticDeformation",
    "HiddenUnitsDisplay",
    "ImageNormalizer",
    "MNISTMLPClassifier",
    "TrainingHistoryDisplay",
    "__version__",
    "build_mlp",
    "clear_session",
    "fetch_mnist",
    "find_digits",
    "get_digit_form_names",
    "load_sample_digits",
    "make_digit_reader",
    "make_handwritten_digits",
    "read_number",
    "recipes",
]
