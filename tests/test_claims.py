"""The numbers of pages that no build fills are those of committed files.

`claims/PAGE.jinja` repeats words of a page, with macros in place of its
numbers. `claims/given.toml` lists the numbers that nothing measured, and why.
"""

import re
import sys
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from statistics import mean

import pytest
from jinja2 import Environment, StrictUndefined

from facemtl.export.apps.plan import COSTS, plan_table
from facemtl.markdown import mean_std

ROOT = Path(__file__).parent.parent
CLAIMS = ROOT / "tests/claims"
GLOBS = (
    *("*.md", "docs/*.md", "docs/export/*.md", "benchmarks/peers/README.md"),
    *("results/**/README.md", "export/**/README.md"),
    *("presets/README.md", "tuning/README.md", "data/README.md"),
)
# A changelog is of its time; `make licences` writes and tests the licences.
NOT_READ = {"CHANGELOG.md", "docs/licences.md"}
PAGES = sorted(
    {str(x.relative_to(ROOT)) for glob in GLOBS for x in ROOT.glob(glob)}
    - NOT_READ
)
# Digits that a file gave, as characters that are no digits.
KNOWN = {ord("0") + i: 0xE000 + i for i in range(10)}
PLAIN = {known: digit for digit, known in KNOWN.items()}
# Code, addresses, macros and comments; names with a number, and statuses.
UNREAD = re.compile(
    r"```.*?```|`[^`]*`|\]\([^)]*\)|https?://\S+|\{[{#].*?[}#]\}|<!--.*?-->|"
    r"95 % (?=interval)|(?<=intervals )at 95 %|\b(?:68|98) points\b|FR@\d+ %|"
    r"(?<=\| )4\d\d(?= \|)|(?:Apache|Debian|Docker|GPL|InsightFace|Keras|LiteRT|MLServer|NumPy|ONNX Runtime|"
    r"OpenCV|Python|Ray|TensorFlow|dlib|landmarker)[ -]"
    r"\d[\w.]*(?:,? (?:to|and|or) \d[\d.]*\b)*"
)
NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)*")
UNIT = re.compile(
    rf"(?:,? (?:to|and|or|…) {NUMBER.pattern})* ?(?:%|°|×|MB|GB|kB|[mµ]?s|"
    r"seconds?|min(?:utes?)?|hours?|days?|points?|(?:mega)?pixels?|times|"
    r"lines|levels|a second)(?!\w)"
)


def measurements(text):
    """Numbers with a point or a unit, or alone in their cell, in context."""
    for found in NUMBER.finditer(text):
        begin, end = found.span()
        alone = text[begin - 2 : begin] == "| " and text[end : end + 2] == " |"
        if "." in found[0] or alone or UNIT.match(text, end):
            yield text[max(0, begin - 30) : end + 20]


@cache
def environment():
    """Jinja's, whose macros are those of the site and of presets/README.md."""
    sys.path.insert(0, str(ROOT / "docs/tools"))
    import macros
    import readme_tables

    found = Environment(
        undefined=StrictUndefined, finalize=lambda x: str(x).translate(KNOWN)
    )
    tables = {
        name: value
        for name, value in vars(readme_tables).items()
        if name.endswith("_table")
    }
    found.globals.update({x.__name__: x for x in macros.MACROS}, **tables)
    found.globals.update(mean=mean, mean_std=mean_std)
    found.globals["plan"] = lambda: plan_table(
        macros.read(str(COSTS.relative_to(ROOT)))["milliseconds"]
    )
    return found


def one_line(text):
    return " ".join(text.split())


@cache
def claims(page):
    """What a page must say; the digits that a file gave are KNOWN."""
    file = CLAIMS / f"{page}.jinja"
    if not file.is_file():
        return []
    text = environment().from_string(file.read_text("utf-8")).render()
    found = (one_line(x) for x in re.split(r"\n\s*\n", text))
    return [claim for claim in found if claim]


def given(page):
    """What a page says that nothing measured."""
    reasons = tomllib.loads((CLAIMS / "given.toml").read_text("utf-8"))
    return [words for pages in reasons.values() for words in pages.get(page, [])]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_the_numbers_of_committed_files(page):
    text = one_line((ROOT / page).read_text("utf-8"))
    shown = [claim.translate(PLAIN) for claim in claims(page)] + given(page)
    times = {words: text.count(words) for words in shown}
    assert {words: n for words, n in times.items() if n != 1} == {}
    assert [words for words, n in Counter(shown).items() if n > 1] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_other_number_with_a_unit(page):
    text = one_line((ROOT / page).read_text("utf-8"))
    for claim in sorted(claims(page), key=len, reverse=True):
        text = text.replace(claim.translate(PLAIN), claim)
    for words in given(page):
        text = text.replace(words, words.translate(KNOWN))
    text = UNREAD.sub("`", text)
    assert [*measurements(text)] == []
