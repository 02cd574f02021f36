"""Public names say where users import them from, and their examples are run."""

import doctest
import inspect

import pytest

import sk_mnist
from old_versions import fails_before

CLASSES = [
    public
    for name in sk_mnist.__all__
    if inspect.isclass(public := getattr(sk_mnist, name))
]


@pytest.mark.parametrize("public", CLASSES, ids=lambda public: public.__name__)
def test_classes_name_the_package_alone(public):
    assert public.__module__ == "sk_mnist"


@fails_before("lazy-loader", "0.6", "keeps no name where doctest looks")
@pytest.mark.parametrize("public", CLASSES, ids=lambda public: public.__name__)
def test_examples_are_found_where_pytest_looks_for_them(public):
    found = {
        test.name for test in doctest.DocTestFinder().find(sk_mnist) if test.examples
    }
    assert f"sk_mnist.{public.__name__}" in found
