"""Every example in a docstring runs and says what it says."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import facemtl

MODULES = [
    module.name
    for module in pkgutil.walk_packages(facemtl.__path__, "facemtl.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(
        import_module(name), optionflags=doctest.IGNORE_EXCEPTION_DETAIL
    )
    assert result.failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    examples = [
        example
        for name in MODULES
        for test in finder.find(import_module(name))
        for example in test.examples
    ]
    assert len(examples) > 100
