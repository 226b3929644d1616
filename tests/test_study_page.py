"""The report of a study, read as a browser and a reviewer would."""

import html
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from html_case import Page
from study_case import alpha, history, study, variant

from facemtl.studies.report import page as page_module
from facemtl.studies.report.difference_table import counted
from facemtl.studies.report.page import write_page
from facemtl.studies.report.sections import sections

ODD = 'split <b> & "odd" $x$'
ALWAYS = ["reading", "making", "summary", "settings"]
ALWAYS += ["cost", "stops", "measures"]


def whole() -> dict:
    """A study that has everything, with names that break careless HTML."""
    stitched = variant("stitched", 1.5, against=("single",))
    stitched |= {"alpha": alpha(2, 8), "history": history(3)}
    stopped = variant(ODD, 2.5, against=("single",))
    stopped["stopped"] = [{"smile": 12}, {}]
    single = variant("single", attributes=False)
    return study({"": [single, stopped, stitched]})


def bare(**changes) -> dict:
    """One variant with one seed that has attributes and nothing else."""
    only = variant("only", seeds=1, splits=("validation",), landmarks=False)
    return study({"": [only | changes]}, seeds=1)


def anchors(results: dict) -> list[str]:
    return [section.anchor for section in sections(results)]


@pytest.fixture(scope="module")
def text(tmp_path_factory) -> str:
    file = tmp_path_factory.mktemp("page") / "report.html"
    write_page(whole(), file)
    return file.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text) -> Page:
    return Page(text)


def test_page_is_well_formed(page):
    ids = page.all("id")
    assert len(set(ids)) == len(ids)
    links = [x[1:] for x in page.all("href") if x[0] == "#"]
    assert links and set(links) <= set(ids)
    assert ("html", {"lang": "en"}) in page.elements
    assert "viewport" in page.all("name")


def test_headings_leave_out_no_level(page):
    assert page.headings[0] == 1 and page.headings.count(1) == 1
    for above, below in zip(page.headings, page.headings[1:], strict=False):
        assert below <= above + 1


def test_every_drawing_is_xml_with_a_name_of_its_own(text):
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawings) > 10
    roots = [ElementTree.fromstring(drawing) for drawing in drawings]
    assert {root.get("role") for root in roots} == {"img"}
    labels = [root.get("aria-label") for root in roots]
    assert all(labels) and len(set(labels)) == len(labels)
    assert all(root.find(".//text") is not None for root in roots)
    # A rule inside one drawing would hold for the whole page.
    assert all(root.find(".//style") is None for root in roots)


def test_drawings_refer_to_themselves(text):
    for drawing in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        ids = set(re.findall(r' id="([^"]+)"', drawing))
        used = set(re.findall(r'(?:url\(|href=")#([\w.-]+)', drawing))
        assert used == ids


def test_nothing_is_fetched(page, text):
    for address in page.all("href") + page.all("src"):
        assert address.startswith(("#", "data:"))
    assert "http:" not in text and "https:" not in text
    assert not {"script", "link"} & {tag for tag, _ in page.elements}


def test_names_are_escaped(text):
    assert "<b>" not in text and "<sharing>" not in text
    assert "<eye>" not in text and "<u>" not in text
    assert html.escape(ODD) in text
    assert "&lt;sharing&gt;" in text and "right &lt;eye&gt;" in text
    # A "$" is no formula: the name stands in the charts as it is.
    assert "$x$" in text


def test_summary_has_every_number(page):
    row = next(row for row in page.rows if row[0] == ODD)
    assert row == [
        *(ODD, "12,345", "2.34", "1.5"),
        *("2.50 ± 0.12", "5.00 ± 0.12"),  # error on validation and test
        *("3.50 ± 0.12", "6.00 ± 0.12"),  # failures
        *("4.50 ± 0.12", "7.00 ± 0.12"),  # attributes
    ]
    single = next(row for row in page.rows if row[0] == "single")
    assert single[-2:] == ["–", "–"]


def test_differences_have_interval_and_verdict(page):
    rows = [row for row in page.rows if row[0] == ODD]
    assert [ODD, "+0.50 worse\n(+0.25 … +1.00)"] in rows
    assert [ODD, "+0.50\n(−0.25 … +1.00)"] in rows


def test_stops_and_settings_stand_in_tables(page):
    assert [ODD, "12, –"] in page.rows
    assert [ODD, 'model.width = 2.5\ndata.tasks = "<u>"'] in page.rows


def test_pairs_are_counted_once():
    both = study(
        {"": [variant("a", against=("b",)), variant("b", against=("a",))]},
        baselines=("a", "b"),
    )
    said = counted(both, "test", "mean_error_box")
    assert "these 1 pair, 1 differs on test faces" in said


def test_one_seed_claims_nothing(tmp_path):
    few = ("validation",)
    single = variant("single", seeds=1, splits=few)
    other = variant("other", seeds=1, splits=few, against=("single",))
    write_page(study({"": [single, other]}, seeds=1), tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "one seed: no claim" in text and "±" not in text
    assert "differ on" not in text
    assert ["other", "+0.50"] in Page(text).rows
    assert "There are no test faces" in text and "Test faces" not in text


def test_sections_of_a_study_that_has_everything(page):
    assert page.all("aria-labelledby")[1:] == [
        *ALWAYS[:4],
        *("differences", "landmarks", "curves", "classes", "cost"),
        *("confusion", "alpha", "weights", "stops", "measures"),
    ]


@pytest.mark.parametrize(
    ("changes", "added"),
    [
        ({"confusion": {}}, []),
        ({}, ["confusion"]),
        ({"confusion": {}, "alpha": alpha(3, 4)}, ["alpha"]),
        ({"confusion": {}, "history": history(1)}, ["alpha", "weights"]),
    ],
)
def test_sections_appear_with_their_numbers(changes, added):
    assert sorted(anchors(bare(**changes))) == sorted(ALWAYS + added)


def test_no_stop_is_said_plainly():
    stops = next(x for x in sections(bare(confusion={})) if x.anchor == "stops")
    assert stops.content == (
        "<p>No task was stopped before the end, in any run.</p>"
    )


def test_groups_are_told_apart(tmp_path):
    groups = {
        name: [variant("a", landmarks=False), variant("b", landmarks=False)]
        for name in ("10 %", "100 <%>")
    }
    results = study(groups, baselines=())
    write_page(results, tmp_path / "page.html")
    found = Page((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert "groups" in found.all("id") and "differences" not in found.all("id")
    assert found.rows.count(["100 <%>"]) == 4  # summary, settings, measures
    ids = found.all("id")
    assert len(set(ids)) == len(ids)


def test_same_results_make_the_same_bytes(tmp_path):
    results = bare(alpha=alpha(2, 3), history=history(2))
    for name in ("a.html", "b.html"):
        write_page(results, tmp_path / name)
    first, second = (tmp_path / x for x in ("a.html", "b.html"))
    assert first.read_bytes() == second.read_bytes()


def test_gallery_comes_last(tmp_path):
    results = bare(confusion={})
    write_page(results, tmp_path / "page.html", gallery="<p>FACES</p>")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    last = text.rpartition("<section")[2]
    assert 'id="faces"' in last and "<p>FACES</p>" in last


def test_page_is_written_whole_or_not(tmp_path, monkeypatch):
    file = tmp_path / "page.html"
    write_page(bare(confusion={}), file)
    before = file.read_bytes()
    assert [x.name for x in tmp_path.iterdir()] == ["page.html"]
    monkeypatch.setattr(page_module, "sections", lambda results: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_page(bare(), file)
    assert file.read_bytes() == before
    assert [x.name for x in tmp_path.iterdir()] == ["page.html"]


def test_pages_need_no_tensorflow():
    code = (
        "import sys, facemtl.studies.report.page;"
        "import facemtl.studies.report.gallery;"
        "sys.exit(bool({'tensorflow', 'matplotlib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
