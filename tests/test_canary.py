"""`make canary`: what it writes, and the committed result."""

import importlib
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from test_constraints import requirements

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "results/canary"
REPORT = """<testsuites><testsuite>
<testcase classname="tests.test_a" name="test_one"/>
<testcase classname="tests.test_a" name="test_two"><failure/></testcase>
<testcase classname="tests.test_b" name="test_one"><error/></testcase>
<testcase classname="tests.test_b" name="test_two"><skipped/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def canary(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return importlib.import_module("canary")


def test_each_kind_of_end_is_counted(canary):
    assert canary.counted(ElementTree.fromstring(REPORT)) == {
        "passed": 1,
        "skipped": 1,
        "failed": ["tests.test_a::test_two", "tests.test_b::test_one"],
    }


def test_a_run_writes_its_result_and_fails_with_its_tests(canary, tmp_path):
    file = tmp_path / "test_it.py"
    file.write_text("def test_is(): pass\ndef test_is_not(): assert 0\n")
    out = tmp_path / "out"
    words = ["--out", str(out), "-q", "-p", "no:cacheprovider", str(file)]
    assert canary.main(words) == 1
    result = json.loads((out / "canary.json").read_text("utf-8"))
    assert result["passed"] == 1
    assert [x.rpartition("::")[2] for x in result["failed"]] == ["test_is_not"]
    assert result["versions"]["numpy"] in (out / "canary.md").read_text("utf-8")


def test_the_committed_page_is_that_of_its_numbers(canary):
    result = json.loads((FOLDER / "canary.json").read_text("utf-8"))
    assert canary.page(result) == (FOLDER / "canary.md").read_text("utf-8")
    assert result["passed"] > 100
    assert result["failed"] == []


def test_what_was_tried_is_what_setup_py_allows():
    """The upper bound of TensorFlow is the candidate's next."""
    result = json.loads((FOLDER / "canary.json").read_text("utf-8"))
    assert result["versions"]["tensorflow"].startswith("2.22")
    assert "tensorflow>=2.21,<2.23" in requirements()
