"""Every package that facemtl needs has a licence that users can live with."""

import importlib
import re
import sys
from email.message import Message
from pathlib import Path

import pytest
from test_constraints import pinned

ROOT = Path(__file__).parent.parent
PYTHON = "{}.{}".format(*sys.version_info)


@pytest.fixture
def licences(monkeypatch):
    """The script that makes the table."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return importlib.import_module("licences")


def rows():
    """{package: (licence, who needs it)} of the committed table."""
    text = (ROOT / "docs/licences.md").read_text("utf-8")
    found = re.findall(r"^\| (\S+) \| (.*) \| (\w+) \|$", text, re.MULTILINE)
    return {name: rest for name, *rest in found}


def test_what_is_installed_for_users_is_listed_and_free(licences):
    known = rows()
    predicting, training = licences.tree(""), licences.tree("train")
    assert {"numpy", "ai-edge-litert"} <= predicting
    assert not {"tensorflow", "keras"} & predicting
    assert {"tensorflow", "numpy", "wrapt"} <= training
    assert not {"pytest", "onnx"} & training
    for name in predicting | training:
        words, who = known[name]
        assert who == ("facemtl" if name in predicting else "train"), name
        assert not licences.unwanted(words), f"{name}: {words}"


def test_every_pinned_package_is_listed():
    tools = {"pip"}
    assert pinned("constraints.txt", PYTHON).keys() - tools <= rows().keys()


@pytest.mark.parametrize(
    "words",
    ["GPL-3.0-only", "LGPL-2.1-or-later", "AGPL-3.0", "?", "SSPL-1.0"]
    + ["GNU General Public License v3 (GPLv3)", "BUSL-1.1", "CC-BY-NC-4.0"],
)
def test_what_binds_users_is_seen(licences, words):
    assert licences.unwanted(words)


class Package:
    """What importlib.metadata gives of one."""

    def __init__(self, text="", **about):
        self.text, self.metadata = text, Message()
        for name, words in about.items():
            self.metadata[name.replace("_", "-")] = words

    def read_text(self, name):
        return self.text if name == "licenses/LICENSE" else None


@pytest.mark.parametrize(
    ("package", "words"),
    [
        (Package(License_Expression="MIT", License="BSD"), "MIT"),
        (Package(Classifier="License :: OSI Approved :: BSD License"),
         "BSD License"),
        (Package(License="Apache 2.0"), "Apache 2.0"),
        (Package("Copyright X\n\nThe GNU GPL\n", License_File="LICENSE"),
         "Copyright X The GNU GPL"),
        (Package(Classifier="Topic :: X"), "?"),
    ],
)  # fmt: skip
def test_a_package_says_its_licence_somewhere(licences, package, words):
    assert licences.licence(package) == words
