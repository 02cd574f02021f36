from . import recipes
from ._version import __version__ as __version__
from .augmentation import ElasticDeformation
from .classifier import MNISTMLPClassifier
from .datasets import fetch_mnist, load_sample_digits
from .framing import DigitFramer
from .network import build_mlp
from .plotting import DigitGridDisplay, HiddenUnitsDisplay, TrainingHistoryDisplay
from .preprocessing import ImageNormalizer
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
    "fetch_mnist",
    "load_sample_digits",
    "make_digit_reader",
    "recipes",
]
