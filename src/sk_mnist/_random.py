"""Make random generators without using NumPy's global state."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils import check_random_state


def make_generator(random_state: Any) -> np.random.Generator:
    """Make a generator of our own.

    Parameters
    ----------
    random_state : int, RandomState instance or None
        An int gives the same generator each time; a RandomState is advanced; None takes
        fresh entropy from the system.

    Raises
    ------
    ValueError
        If `random_state` is anything else.
    """
    if random_state is None:
        return np.random.default_rng()
    entropy = check_random_state(random_state).randint(2**32, size=4, dtype=np.uint32)
    return np.random.default_rng(entropy)


def generator_of_state(state: Mapping[str, Any]) -> np.random.Generator:
    """Make a generator that continues from the ``bit_generator.state`` of another."""
    generator = np.random.default_rng(0)
    generator.bit_generator.state = state
    return generator
