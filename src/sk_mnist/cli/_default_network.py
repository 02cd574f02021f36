"""The network that ``train`` and ``draw`` train if the user does not name one."""

from typing import Any

from ._digits import Digits

FEW_IMAGES = 10_000


def parameters_for(digits: Digits) -> dict[str, Any]:
    """Choose parameters that the default recipe needs for some digits.

    The recipe is made for MNIST. Few digits do not show how differently people write:
    they are deformed more, and each is shown more often.
    """
    from .._augmentation import ElasticDeformation

    if len(digits.y_train) >= FEW_IMAGES:
        return {}
    return {"augmentation": ElasticDeformation(), "epochs": 60}
