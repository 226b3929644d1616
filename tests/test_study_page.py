"""The report of a study, read as a browser and a reviewer would."""

import html
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from html_case import Page
from markupsafe import Markup
from study_case import alpha, history, study, variant

from facemtl.studies.report import document
from facemtl.studies.report.differences import counted
from facemtl.studies.report.document import write_report
from facemtl.studies.report.finding import finding
from facemtl.studies.report.study_report import study_report

ODD = 'split <b> & "odd" $x$'
LINKS = ("href", "src", "xlink:href")
ALWAYS = [
    *("How to read this", "How it was made", "Settings"),
    *("Error against cost", "When tasks were stopped", "All measures"),
]


def whole(seeds: int = 3) -> dict:
    """A study that has everything, with names that break careless HTML."""
    stitched = variant("stitched", 1.5, seeds, against=("single",))
    stitched |= {"alpha": alpha(2, 8), "history": history(3)}
    stopped = variant(ODD, 2.5, seeds, against=("single",))
    stopped["stopped"] = [{"smile": 12}, {}]
    single = variant("single", seeds=seeds, attributes=False)
    return study({"": [single, stopped, stitched]}, seeds)


def bare(**changes) -> dict:
    """One variant with one seed that has attributes and nothing else."""
    only = variant("only", seeds=1, splits=("validation",), landmarks=False)
    return study({"": [only | changes]}, seeds=1)


def judged(verdict: str, seeds: int = 3, groups=("",)) -> str:
    """The finding of a study whose variant has a verdict."""
    made = {}
    for group in groups:
        other = variant("other", 1.5, seeds, against=("single",))
        for part in other["against"]["single"].values():
            part["mean_error_box"]["verdict"] = verdict
        made[group] = [variant("single", 2.0, seeds), other]
    return finding(study(made, seeds))


def titles(results: dict) -> list[str]:
    """The sections of a page, in order."""
    page = study_report(results).html()
    found = re.findall(r"<summary><h2>(.*?)</h2>", page)
    return [html.unescape(title) for title in found]


@pytest.fixture(scope="module")
def text() -> str:
    return study_report(whole()).html()


@pytest.fixture(scope="module")
def page(text) -> Page:
    return Page(text)


def test_page_is_well_formed(page, text):
    ids = page.all("id")
    assert len(set(ids)) == len(ids)
    assert text.startswith("<!DOCTYPE html>\n")
    assert ("html", {"lang": "en"}) in page.elements
    assert "viewport" in page.all("name")


def test_headings_leave_out_no_level(page):
    assert page.headings[0] == 1 and page.headings.count(1) == 1
    for above, below in zip(page.headings, page.headings[1:], strict=False):
        assert below <= above + 1


def test_page_begins_with_the_finding_a_table_and_a_chart(text):
    """And all else is folded."""
    above, folded = text.split("<main>")[0], text.split("<main>")[1]
    top, _, rest = folded.partition("<details")
    assert f'<p class="finding">{finding(whole())}</p>' in above
    assert top.count("<table") == top.count("<svg") == 1
    outside = re.sub("<details.*?</details>", "", rest, flags=re.DOTALL)
    assert "<table" not in outside and "<svg" not in outside
    assert "open" not in {x for x in re.findall("<details([^>]*)", text)}


@pytest.mark.parametrize(
    ("verdict", "seeds", "beginning"),
    [
        ("better", 3, "other is better than single: NME-box 3.00 % against "),
        ("no difference shown", 3, "No difference to single was shown: "),
        ("worse", 3, "Nothing is better than single: "),
        ("better", 2, "Two seeds cannot show a difference to single: "),
        ("one seed: no claim", 1, "One seed cannot show a difference to "),
    ],
)
def test_finding_says_what_is_shown(verdict, seeds, beginning):
    said = judged(verdict, seeds)
    assert said.startswith(beginning)
    assert "4.00 % on test faces, a difference of +0.50" in said
    interval = f"(95 % interval +0.25 … +1.00; {seeds} seeds)"
    assert (interval in said) == (seeds > 1)


def test_finding_of_groups_counts_them():
    said = judged("better", groups=("10 %", "100 %"))
    assert said.startswith("The best variant is better than single in 2 of 2 ")
    assert "; 100 %: other 3.00 % against 4.00 %, +0.50 (+0.25 …" in said
    assert finding(bare()) == "No variant is compared with a baseline."


@pytest.mark.parametrize("seeds", [1, 2, 3])
def test_few_seeds_are_warned_of(seeds):
    made = study_report(whole(seeds))
    few = {1: "One seed", 2: "Two seeds", 3: ""}[seeds]
    warned = f"{few} cannot show a difference: train at least 3."
    for written in (made.html(), made.markdown(), made.text(100)):
        assert (warned in written) == (seeds < 3)


def test_terminal_ends_with_tables_and_the_finding():
    made = study_report(whole())
    lines = made.text(100).splitlines()
    assert lines[-1] == finding(whole())
    rows = [line for line in lines if line.startswith(ODD)]
    # Cost and scores in two blocks of columns, and the differences.
    assert [len(row) <= 100 for row in rows] == [True] * 3
    assert "+0.50 worse (+0.25 … +1.00)" in rows[2]
    heads = [line for line in lines if line.startswith("variant")]
    assert all(len(x) == len(y) for x, y in zip(heads, rows, strict=True))


def test_every_drawing_is_xml_with_a_name_of_its_own(text, page):
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawings) > 8
    roots = [ElementTree.fromstring(drawing) for drawing in drawings]
    shown = [a for tag, a in page.elements if a.get("role") == "img"]
    labels = [attributes["aria-label"] for attributes in shown]
    assert len(labels) == len(set(labels)) == len(drawings)
    space = "{http://www.w3.org/2000/svg}"
    assert all(root.find(f".//{space}text") is not None for root in roots)


def test_drawings_refer_to_themselves(text):
    for drawing in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        ids = set(re.findall(r' id="([^"]+)"', drawing))
        used = set(re.findall(r'(?:url\(|href=")#([\w.-]+)', drawing))
        assert used <= ids


def test_nothing_is_fetched(page, text):
    links = [x for name in LINKS for x in page.all(name)]
    assert links
    for address in links:
        assert address.startswith(("#", "data:"))
    assert not re.search(r"url\((?!#)|@import", text)
    assert not {"script", "link"} & {tag for tag, _ in page.elements}


def test_names_are_escaped(text):
    assert "<b>" not in text and "<sharing>" not in text
    assert "<eye>" not in text and "<u>" not in text
    assert str(Markup.escape(ODD)) in text
    assert "&lt;sharing&gt;" in text and "right &lt;eye&gt;" in text
    # A "$" is no formula: the name is in the charts as it is.
    assert "$x$" in text


def test_summary_has_every_number(page):
    row = next(row for row in page.rows if row[0] == ODD)
    assert row == [
        *(ODD, "12,345", "2.3"),
        *("2.50 ± 0.12", "5.00 ± 0.12"),  # error on validation and test
        *("3.50 ± 0.12", "6.00 ± 0.12"),  # failures
        *("4.50 ± 0.12", "7.00 ± 0.12"),  # attributes
    ]
    single = next(row for row in page.rows if row[0] == "single")
    assert single[-2:] == ["–", "–"]


def test_differences_have_interval_and_verdict(page, text):
    rows = [row for row in page.rows if row[0] == ODD]
    assert [ODD, *["+0.50 worse\n(+0.25 … +1.00)"] * 2] in rows
    assert [ODD, *["+0.50\n(−0.25 … +1.00)"] * 2] in rows
    assert '<td class="worse">+0.50 worse' in text


def test_landmarks_classes_and_confusions_are_in_tables(page):
    """All that the charts of an earlier page showed."""
    rows = page.rows
    assert ["variant", "left eye", "right <eye>"] in rows
    assert [ODD, "2.50", "2.50"] in rows and [ODD, "15.00", "15.00"] in rows
    heads = next(row for row in rows if "smile: yes\n7 faces" in row)
    assert len(heads) == 6
    assert ["yes", "75 %\n3", "25 %\n1"] in rows


def test_stops_and_settings_are_in_tables(page):
    assert [ODD, "12, –"] in page.rows
    assert [ODD, 'model.width = 2.5\ndata.tasks = "<u>"'] in page.rows
    measures = next(
        row for row in page.rows if row[1:2] == ["training\nminutes"]
    )
    assert len(measures) == 6
    assert [ODD, "1.5", "2.50 ± 0.12"] in [row[:3] for row in page.rows]


def test_pairs_are_counted_once():
    both = study(
        {"": [variant("a", against=("b",)), variant("b", against=("a",))]},
        baselines=("a", "b"),
    )
    said = counted(both, "test", "mean_error_box")
    assert "1 of these 1 pair differs on test faces" in said


def test_one_seed_claims_nothing():
    few = ("validation",)
    single = variant("single", seeds=1, splits=few)
    other = variant("other", seeds=1, splits=few, against=("single",))
    made = study_report(study({"": [single, other]}, seeds=1)).html()
    assert "one seed: no claim" in made and "±" not in made
    assert "differ on" not in made
    assert ["other", "+0.50"] in Page(made).rows
    assert "There are no test faces" in made and "Test faces" not in made


def test_sections_of_a_study_that_has_everything():
    assert titles(whole()) == [
        *ALWAYS[:3],
        *("Differences", "Errors by landmark", "Errors by face"),
        *("Errors by class", "Error against cost", "Confusions"),
        *("Cross-stitch units", "Weight regularization"),
        *ALWAYS[4:],
    ]


@pytest.mark.parametrize(
    ("changes", "added"),
    [
        ({"confusion": {}}, []),
        ({}, ["Confusions"]),
        (
            {"confusion": {}, "alpha": alpha(3, 4)},
            ["Cross-stitch units"],
        ),
        (
            {"confusion": {}, "history": history(1)},
            ["Weight regularization", "Cross-stitch units"],
        ),
    ],
    ids=["none", "confusion", "alpha", "history"],
)
def test_sections_appear_with_their_numbers(changes, added):
    assert sorted(titles(bare(**changes))) == sorted(ALWAYS + added)


def test_no_stop_is_said_plainly():
    said = study_report(bare()).html()
    assert "<p>No task was stopped before the end, in any run.</p>" in said


def test_groups_are_told_apart():
    groups = {
        name: [variant("a", landmarks=False), variant("b", landmarks=False)]
        for name in ("10 %", "100 <%>")
    }
    results = study(groups, baselines=())
    assert "By group" in titles(results)
    assert "Differences" not in titles(results)
    found = Page(study_report(results).html())
    # Summary, settings, measures on validation and test.
    assert found.rows.count(["100 <%>"]) == 4


def test_markdown_has_the_tables_and_no_charts():
    made = study_report(whole()).markdown()
    assert made.startswith(
        f"# Does &lt;sharing> help &amp; why?\n\n{finding(whole())}"
    )
    odd = 'split &lt;b> &amp; "odd" $x$'
    assert f"| {odd} | 12,345 | 2.3 | 2.50 ± 0.12 | 5.00 ± 0.12 |" in made
    assert f"| {odd} | **+0.50 worse (+0.25 … +1.00)** |" in made
    assert "## All measures" in made and "## Error against cost" not in made
    assert "<svg" not in made and "<p>" not in made


def test_same_results_make_the_same_bytes():
    results = bare(alpha=alpha(2, 3), history=history(2))
    assert study_report(results).html() == study_report(results).html()


def test_gallery_comes_last():
    faces = Markup("<p>FACES</p>")
    made = study_report(bare(confusion={}), faces).html()
    last = made.rpartition("<details")[2]
    assert 'id="faces"' in last and "<p>FACES</p>" in last


def test_page_is_written_whole_or_not(tmp_path, monkeypatch):
    files = tmp_path / "page.html", tmp_path / "table.md"
    write_report(study_report(bare(confusion={})), *files)
    before = [file.read_bytes() for file in files]
    monkeypatch.setattr(document, "fill", lambda *given, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_report(study_report(bare(confusion={})), *files)
    assert [file.read_bytes() for file in files] == before
    assert {x.name for x in tmp_path.iterdir()} == {"page.html", "table.md"}


def test_pages_need_no_tensorflow():
    code = (
        "import sys, facemtl.studies.report.study_report;"
        "import facemtl.studies.report.gallery;"
        "sys.exit(bool({'tensorflow', 'matplotlib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
