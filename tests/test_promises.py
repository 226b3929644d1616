"""The page of promises names tests and results that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/promises.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_each_promise_says_how_it_is_tested():
    rows = re.findall(r"^\| (?!promise|---)(.*) \| (.*) \|$", TEXT, re.M)
    assert len(rows) > 20
    for promise, how in rows:
        assert re.search(r"`test_|\]\(|make ", how), promise


def test_the_tests_are_there():
    patterns = re.findall(r"`(test_[a-z_*]+\.py)`", TEXT)
    assert patterns
    for pattern in patterns:
        assert list((ROOT / "tests").glob(pattern)), pattern


def test_the_results_are_there():
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert links
    for link in links:
        assert (PAGE.parent / link).exists(), link


def test_the_goals_of_make_are_there():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    goals = set(re.findall(r"`make ([a-z-]+)", TEXT))
    assert goals <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
