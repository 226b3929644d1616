"""Imports run one way, and files and functions are short."""

import ast

from tests.package_imports import (
    CONTRIBUTING,
    NO_PACKAGE,
    edges,
    modules,
    package_of,
    picture,
    rows,
)


def test_every_module_is_of_a_package_in_the_table():
    packages = [package for row in rows() for package in row]
    assert len(packages) == len(set(packages)) > 20
    homes = {x: package_of(x, packages) for x in modules()}
    assert {x for x, home in homes.items() if home is None} == NO_PACKAGE
    assert set(homes.values()) - {None} == set(packages)


def test_packages_import_from_lower_rows_alone():
    rank = {name: i for i, row in enumerate(rows()) for name in row}
    found = edges()
    assert len(found) > 100
    assert not [x for x in sorted(found) if rank[x[1]] >= rank[x[0]]]


def test_the_picture_is_that_of_the_imports():
    assert picture() in CONTRIBUTING.read_text("utf-8")


def test_files_and_functions_are_short():
    """At most 250 lines and 50, with docstrings; see CONTRIBUTING."""
    long = []
    for module, file in modules().items():
        text = file.read_text("utf-8")
        if text.count("\n") > 250:
            long.append(module)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                long += [f"{module}.{node.name}"] * (lines > 50)
    assert not long
