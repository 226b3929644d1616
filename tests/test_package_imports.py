"""Imports run one way: down CONTRIBUTING's table of packages."""

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
