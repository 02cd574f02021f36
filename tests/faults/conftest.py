"""How often a process is killed: a few times by default, often by night."""

import random

import pytest

by_night = pytest.param(50, marks=[pytest.mark.nightly, pytest.mark.timeout(3600)])


@pytest.fixture(params=[3, by_night], ids=str)
def times(request):
    """How often a fault is tried."""
    return request.param


@pytest.fixture(params=[1, by_night], ids=str)
def few_times(request):
    """The same for processes that need seconds to start."""
    return request.param


@pytest.fixture
def chance(request):
    """Random moments, the same in every run."""
    return random.Random(request.node.name)
