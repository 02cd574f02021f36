"""How often a process is killed: a few times by default, often by night."""

import random

import pytest


@pytest.fixture(params=[3, pytest.param(50, marks=pytest.mark.nightly)], ids=str)
def times(request):
    """How often a fault is tried."""
    return request.param


@pytest.fixture
def chance(request):
    """Random moments, the same in every run."""
    return random.Random(request.node.name)
