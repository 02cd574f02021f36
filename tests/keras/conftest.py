"""What the tests of training share."""

import numpy as np
import pytest

from plain_keras import InOrder


@pytest.fixture
def unshuffled(monkeypatch):
    """Training without shuffling, as Keras's ``fit(shuffle=False)``."""
    monkeypatch.setattr(
        "sk_mnist._classifier.make_generator",
        lambda random_state: InOrder(np.random.PCG64(random_state)),
    )
