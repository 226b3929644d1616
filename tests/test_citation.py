"""CITATION.cff names this version."""

import re
from pathlib import Path

import facemtl

FILE = Path(__file__).parent.parent / "CITATION.cff"


def test_it_has_the_version_and_what_cff_needs():
    lines = FILE.read_text(encoding="utf-8").splitlines()
    top = dict(x.split(": ", 1) for x in lines if re.match(r"[a-z-]+: ", x))
    assert top["version"] == facemtl.__version__
    assert {"cff-version", "message", "title", "license"} <= set(top)
    assert "authors:" in lines
