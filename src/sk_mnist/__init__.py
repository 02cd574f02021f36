"""Handwritten digits in scikit-learn: Keras trains, NumPy predicts.

The public names are listed, with their types, in ``__init__.pyi``; each is imported
when it is first used, so that ``import sk_mnist`` stays light.
"""

import lazy_loader

from ._version import __version__

__getattr__, __dir__, _lazy_names = lazy_loader.attach_stub(__name__, __file__)
__all__ = [*_lazy_names, "__version__"]
