"""The numbers of pages that no build fills are those of committed files.

`claims/PAGE.jinja` repeats words of a page, with macros of `docs/tools` in
place of its numbers. `claims/given.toml` lists the numbers of all pages that
no committed file holds, and why. No other number with a unit, a
point or a comma, or of something that is counted, may stand there.
"""

import re
import sys
import tomllib
from functools import cache
from pathlib import Path
from statistics import mean, stdev

import pytest
from jinja2 import Environment, StrictUndefined

from facemtl.export.apps.plan import plan_table
from facemtl.markdown import mean_std

ROOT = Path(__file__).parent.parent
CLAIMS = ROOT / "tests/claims"
GLOBS = (
    *("*.md", "docs/*.md", "docs/export/*.md", "benchmarks/peers/README.md"),
    *("results/**/README.md", "export/**/README.md"),
    *("presets/README.md", "tuning/README.md", "data/README.md"),
)
# A changelog is of its time; `make licences` makes the table of licences.
NOT_READ = {"CHANGELOG.md", "docs/licences.md"}
PAGES = sorted(
    {x.relative_to(ROOT).as_posix() for glob in GLOBS for x in ROOT.glob(glob)}
    - NOT_READ
)
# Digits that are accounted for, as characters that are no digits.
KNOWN = {ord("0") + i: 0xE000 + i for i in range(10)}
PLAIN = {known: digit for digit, known in KNOWN.items()}
# Code, addresses, macros and comments; statuses, versions and other names.
UNREAD = re.compile(
    r"```.*?```|`[^`]*`|\]\([^)]*\)|https?://\S+|\{\{.*?\}\}|<!--.*?-->|"
    r"(?:at )?95 %(?= interval)|(?<=intervals )at 95 %|\b(?:68|98) points\b|"
    r"FR@\d+ %|(?<=\| )4\d\d(?= \|)|\bstatus \d+|"
    r"(?:Apache|Debian|GPL|InsightFace|Keras|LiteRT|MLServer|NumPy|OpenCV|"
    r"ONNX Runtime|Python|Ray|TensorFlow|dlib|landmarker)[ -]"
    r"\d[\w.]*(?:,? (?:to|and|or) \d[\d.]*\b)*"
)
NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)*")
# A unit, or what is counted, after up to two adjectives.
UNIT = re.compile(
    rf"(?:,? (?:to|and|or|…) {NUMBER.pattern})*(?: ?(?:%|°|×|MB|GB|kB|[mµ]?s|"
    r"seconds?|min(?:utes?)?|hours?|days?|points?|(?:mega)?pixels?|times|"
    r"lines|levels|a second)(?!\w)|(?: [\w-]+){0,2} (?:attributes|calls|cores|"
    r"crops|epochs?|faces?|frames|images|intervals|labels|networks|parameters|"
    r"people|photos?|requests|rows?|runs?|seeds?|steps?|tasks?|tests|threads|"
    r"trials|weights)\b)"
)


def measurements(text):
    """Numbers with a point, comma or unit, or alone in a cell, in context."""
    text = UNREAD.sub("`", text)
    for found in NUMBER.finditer(text):
        begin, end = found.span()
        alone = text[begin - 2 : begin] == "| " and text[end : end + 2] == " |"
        if {*found[0]} & {*".,"} or alone or UNIT.match(text, end):
            yield text[max(0, begin - 30) : end + 20]


@pytest.fixture(scope="module", autouse=True)
def paths():
    """Where the site's macros and what they import lie, in these tests."""
    before = [*sys.path]
    sys.path.insert(0, str(ROOT / "docs/tools"))
    import macros

    sys.path[:0] = [str(ROOT / folder) for folder in macros.FOLDERS]
    yield
    sys.path[:] = before


@cache
def environment():
    """Jinja's, with the macros of the site and the tables of the folders."""
    import macros
    import readme_tables

    found = Environment(
        undefined=StrictUndefined, finalize=lambda x: str(x).translate(KNOWN)
    )
    functions = (*macros.MACROS, mean, mean_std, plan_table, stdev)
    found.globals.update(vars(readme_tables))
    found.globals.update({x.__name__: x for x in functions})
    return found


@cache
def claims(page):
    """What a page must say; the digits that a file gave are KNOWN."""
    file = CLAIMS / f"{page}.jinja"
    if not file.is_file():
        return []
    text = environment().from_string(file.read_text("utf-8")).render()
    found = (one_line(x) for x in re.split(r"\n\s*\n", text))
    return [claim for claim in found if claim]


def given():
    """What pages say that no file holds, {page: words}."""
    found = {}
    for pages in tomllib.loads((CLAIMS / "given.toml").read_text()).values():
        for page, words in pages.items():
            found.setdefault(page, []).extend(words)
    return found


def one_line(text):
    return " ".join(text.split())


def test_every_claim_is_of_a_page():
    files = [x.relative_to(CLAIMS) for x in CLAIMS.rglob("*.jinja")]
    assert {x.with_suffix("").as_posix() for x in files} <= {*PAGES}
    assert given().keys() <= {*PAGES}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_the_numbers_of_committed_files(page):
    text = one_line((ROOT / page).read_text("utf-8"))
    shown = [claim.translate(PLAIN) for claim in claims(page)]
    shown += given().get(page, [])
    # Once, so that no claim stands for another's number.
    assert [words for words in shown if text.count(words) != 1] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_other_number(page):
    text = one_line((ROOT / page).read_text("utf-8"))
    for claim in claims(page):
        text = text.replace(claim.translate(PLAIN), claim)
    for words in given().get(page, []):
        text = text.replace(words, words.translate(KNOWN))
    assert [*measurements(text)] == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("−0.06 (a 95 % interval), with 2 to 4 ms", "0.06 2 4"),
        ("| 7 | half of 9 papers, 1,000 times |", "7 1,000"),
        ("None of 46,757; 3 seeds, 40 or 50 labelled faces", "46,757 3 40 50"),
        ("Python 3.11 to 3.13, 68 points, `0.5`, [a](b1.0.md)", ""),
    ],
)
def test_measurements_are_found(text, numbers):
    assert len([*measurements(text)]) == len(numbers.split())
