"""One seed, one network."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

import recorded_weights
from networks import assert_same_network, small, weights


def test_the_same_seed_gives_the_same_network(digits, baseline):
    assert_same_network(small().fit(*digits), baseline)
    assert_same_network(clone(baseline).fit(*digits), baseline)


@pytest.mark.parametrize("random_state", [None, 1])
def test_another_seed_gives_another_network(digits, baseline, random_state):
    other = small(random_state=random_state).fit(*digits)
    assert not np.array_equal(weights(other), weights(baseline))


def test_no_seed_gives_a_new_network_each_time(digits):
    networks = []
    for _ in range(2):
        np.random.seed(0)  # noqa: NPY002 (which must not matter)
        networks.append(weights(small(random_state=None).fit(*digits)))
    assert not np.array_equal(*networks)


def test_random_state_instance_is_drawn_from(digits):
    def two_fits():
        random_state = np.random.RandomState(7)
        return [
            weights(small(random_state=random_state).fit(*digits)) for _ in range(2)
        ]

    first, second = two_fits()
    assert not np.array_equal(first, second)
    assert_array_equal(two_fits(), [first, second])


def test_seeds_give_the_recorded_weights(digits):
    here = recorded_weights.this_platform()
    found = [e["sha256"] for e in recorded_weights.records() if e["platform"] == here]
    if not found:
        pytest.skip(
            "no weights are recorded for this processor and these versions: "
            "python tests/recorded_weights.py records them"
        )
    assert recorded_weights.digests(digits) == found[0]
