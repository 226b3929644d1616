"""The files of exact versions suit setup.py, on every Python."""

import runpy
import sys
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PYTHONS = ("3.11", "3.12", "3.13")


def setup_words():
    """What setup.py says; run without setuptools, which may lack."""
    found = {}
    stand_in = ModuleType("setuptools")
    stand_in.find_packages = lambda *words, **named: []
    stand_in.setup = found.update
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "setuptools", stand_in)
        runpy.run_path(str(ROOT / "setup.py"))
    return found


def requirements():
    """The requirements of setup.py and its extras."""
    found = setup_words()
    extras = found["extras_require"].values()
    return sorted({*found["install_requires"], *(x for e in extras for x in e)})


def pinned(file, python):
    """{package: version} of a file, on a Python of Linux."""
    about = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "linux",
    }
    lines = (ROOT / file).read_text("utf-8").splitlines()
    versions = {}
    for line in lines:
        if line.startswith("#"):
            continue
        one = Requirement(line)
        (exact,) = one.specifier
        assert exact.operator == "==", line
        if one.marker is None or one.marker.evaluate(about):
            assert canonicalize_name(one.name) not in versions, line
            versions[canonicalize_name(one.name)] = Version(exact.version)
    return versions


def lacking(needed, versions):
    """Requirements that no line of a file meets."""
    none = Version("0.dev0")
    parsed = {text: Requirement(text) for text in needed}
    return [
        text
        for text, one in parsed.items()
        if versions.get(canonicalize_name(one.name), none) not in one.specifier
    ]


@pytest.mark.parametrize("python", PYTHONS)
def test_what_ci_installs_suits_setup_py(python):
    versions = pinned("constraints.txt", python)
    assert lacking(requirements(), versions) == []
    # What builds the package, and what installs it.
    assert {"pip", "setuptools"} <= set(versions)


def test_what_does_not_suit_is_seen():
    versions = pinned("constraints.txt", "3.11")
    needed = ["numpy>=1", "numpy>=99", "no-such-package>=1", "tf2onnx<1"]
    assert lacking(needed, versions) == needed[1:]


def test_the_lowest_versions_are_those_of_setup_py():
    versions = pinned("constraints-lowest.txt", "3.11")
    for text in requirements():
        one = Requirement(text)
        bounds = [x.version for x in one.specifier if x.operator == ">="]
        assert len(bounds) == 1, f"no lower bound: {text}"
        found = versions[canonicalize_name(one.name)]
        assert found in one.specifier
        # 1.17 may be 1.17.0 or, where that was withdrawn, 1.17.1.
        size = len(Version(bounds[0]).release)
        assert found.release[:size] == Version(bounds[0]).release, text


@pytest.mark.parametrize("file", ["constraints.txt", "constraints-lowest.txt"])
def test_versions_come_from_any_index(file):
    """No address of one stands in a file."""
    text = (ROOT / file).read_text("utf-8")
    assert "make constraints" in text
    assert "://" not in text
    assert "--" not in text
