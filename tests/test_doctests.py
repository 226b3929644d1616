"""Every example in a docstring runs and says what it says."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import facemtl

MODULES = [
    module.name
    for module in pkgutil.walk_packages(facemtl.__path__, "facemtl.")
    # PyTorch is no package that facemtl needs.
    if not module.name.endswith(("__main__", "torch_steps"))
]
# Their examples train or convert a network.
SLOW = {
    *("facemtl.export.formats", "facemtl.pipeline.batches"),
    "facemtl.training.runs",
}
MARKED = [
    pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else [])
    for name in MODULES
]


@pytest.mark.parametrize("name", MARKED)
def test_examples(name):
    result = doctest.testmod(
        import_module(name), optionflags=doctest.IGNORE_EXCEPTION_DETAIL
    )
    assert result.failed == 0


def examples(part):
    """Whether a class or function has an example in its own docstring."""
    return ">>> " in (part.__doc__ or "")


@pytest.mark.parametrize("name", sorted({*facemtl.__all__} - {"MTFL_TASKS"}))
def test_every_public_name_has_an_example(name):
    assert examples(getattr(facemtl, name))


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    examples = [
        example
        for name in MODULES
        for test in finder.find(import_module(name))
        for example in test.examples
    ]
    assert len(examples) > 100
