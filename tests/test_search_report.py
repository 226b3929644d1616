"""The report of a search: what it shows, and what it leaves out."""

import html
import re
import subprocess
import sys

import numpy as np
import pytest
from html_case import Page
from search_report_case import confirmed, hyperband, search, trial

from facemtl.tuning.report import markdown as markdown_module
from facemtl.tuning.report import page as page_module
from facemtl.tuning.report import write_markdown, write_page
from facemtl.tuning.report.confirmation import confirmation_section
from facemtl.tuning.report.importance import importance
from facemtl.tuning.report.sections import sections
from facemtl.tuning.report.values import text

IMPORTANCE = "facemtl.tuning.report.importance"
ODD = "an <i>odd</i> | name & $x$"


def only(count: int, **changes) -> dict:
    """A search over one hyperparameter, whose name breaks careless HTML."""
    places = np.linspace(0, 1, count)
    trials = [trial(i, {ODD: float(x)}, 2 + x) for i, x in enumerate(places)]
    space = [{"name": ODD, "kind": "number", "low": 0.0, "high": 1.0}]
    made = search(space=space, trials=trials, default={}, best="0000")
    return made | changes


def anchors(made: dict) -> list[str]:
    return [section.anchor for section in sections(made)]


@pytest.fixture(scope="module", autouse=True)
def _small_forests():
    """What is tested of forests does not need many trees."""
    with pytest.MonkeyPatch.context() as patch:
        for name, number in {"FORESTS": 2, "TREES": 15}.items():
            patch.setattr(f"{IMPORTANCE}.{name}", number)
        yield


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> str:
    file = tmp_path_factory.mktemp("search") / "report.html"
    write_page(confirmed(), file)
    return file.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(written) -> Page:
    return Page(written)


def test_page_is_well_formed_and_needs_nothing_else(written, page):
    ids = page.all("id")
    assert len(set(ids)) == len(ids)
    links = page.all("href") + page.all("src")
    assert links and {link[1:] for link in links if link[0] == "#"} <= set(ids)
    assert all(link.startswith("#") for link in links)
    assert not {"script", "link"} & {tag for tag, _ in page.elements}
    for above, below in zip(page.headings, page.headings[1:], strict=False):
        assert below <= above + 1


def test_every_drawing_has_a_name_of_its_own(written):
    drawn = re.findall('<svg[^>]*aria-label="([^"]*)"', written)
    assert len(drawn) > 10 and len(set(drawn)) == len(drawn)


def test_sections_of_a_search_that_has_everything(page):
    assert page.all("aria-labelledby")[1:] == [
        *("reading", "making", "best", "confirmation", "progress"),
        *("parallel", "importance", "cost", "stitches", "values"),
        *("trials", "failed"),
    ]


def test_no_folder_and_no_markup_of_names(written, tmp_path):
    write_markdown(confirmed(), tmp_path / "report.md")
    words = (tmp_path / "report.md").read_text(encoding="utf-8")
    for made in (written, words):
        assert "/secret" not in made and "--data faces.csv" in made
        assert "<stitch>" not in made and "<nan>" not in made
    assert "&lt;stitch&gt;" in written


def test_best_stands_beside_the_default(page):
    name = "train.learning_rate"
    row = next(row for row in page.rows if row[0] == name)
    made = hyperband()
    best = next(x for x in made["trials"] if x["id"] == made["best"])
    assert row == [
        *(name, "0.0045", text(best["values"][name])),
        "0.001 … 0.03, log",
    ]


def test_what_a_condition_leaves_out_is_not_used(tmp_path):
    values = {"stitched": False, "train.learning_rate": 0.002}
    made = search(trials=[trial(0, values, 2.5)], best="0000")
    write_page(made, tmp_path / "page.html")
    found = Page((tmp_path / "page.html").read_text(encoding="utf-8"))
    row = next(row for row in found.rows if row[0] == "model.stitch.alpha")
    assert row[:3] == ["model.stitch.alpha", "0.9", "not used"]
    assert ["0000", "2.500", "no", "no", "no", "no"] in found.rows


def test_confirmation_has_interval_and_verdict(page):
    row = next(r for r in page.rows if r[0] == "mean error, % of the box")
    assert row[1:] == ["+0.50 worse\n(+0.25 … +1.00)"] * 2
    assert confirmation_section(hyperband()) == ""


def test_failures_tell_their_reason(page, tmp_path):
    assert ["0071", "ValueError: loss is <nan> | stopped"] in page.rows
    write_markdown(hyperband(), tmp_path / "a.md")
    words = (tmp_path / "a.md").read_text(encoding="utf-8")
    assert "| 2 | ValueError: loss is &lt;nan> \\| stopped |" in words


@pytest.mark.parametrize(
    "trials",
    [[], [t for t in hyperband()["trials"] if t["status"] != "COMPLETED"]],
)
def test_nothing_completed_still_makes_a_report(tmp_path, trials):
    made = search(trials=trials)
    write_page(made, tmp_path / "a.html")
    write_markdown(made, tmp_path / "a.md")
    rest = ["failed"] if trials else []
    assert anchors(made) == ["reading", "making", *rest]
    found = Page((tmp_path / "a.html").read_text(encoding="utf-8"))
    assert "svg" not in {tag for tag, _ in found.elements}


def test_one_hyperparameter_with_an_odd_name(tmp_path):
    made = only(12)
    write_page(made, tmp_path / "a.html")
    write_markdown(made, tmp_path / "a.md")
    written = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<i>" not in written and html.escape(ODD) in written
    row = next(row for row in Page(written).rows if row[0] == ODD)
    assert row == [ODD, "–", "0", "0 … 1"]
    assert "values" in anchors(made) and "stitches" not in anchors(made)


@pytest.mark.parametrize("count", [1, 2, 9])
def test_few_trials_have_no_importance(count):
    assert importance(only(count)) == {}
    found = anchors(only(count))
    assert "progress" in found and not {"importance", "values"} & {*found}


def test_equal_trials_are_drawn(tmp_path):
    trials = [trial(i, {ODD: 0.5}, 2.0) for i in range(11)]
    write_page(only(1, trials=trials), tmp_path / "a.html")
    assert importance(only(1, trials=trials))[ODD].mean == pytest.approx(0)


@pytest.mark.parametrize("write", [write_page, write_markdown])
def test_same_search_makes_the_same_bytes(tmp_path, write):
    for name in ("a", "b"):
        write(only(12), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    ("write", "module", "part"),
    [
        (write_page, page_module, "sections"),
        (write_markdown, markdown_module, "markdown"),
    ],
)
def test_reports_are_written_whole_or_not(
    tmp_path, monkeypatch, write, module, part
):
    file = tmp_path / "report"
    write(only(2), file)
    before = file.read_bytes()
    monkeypatch.setattr(module, part, lambda made: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write(only(3), file)
    assert file.read_bytes() == before
    assert [x.name for x in tmp_path.iterdir()] == ["report"]


def test_reports_need_no_tensorflow():
    code = (
        "import sys, facemtl.tuning.report;"
        "late = {'tensorflow', 'matplotlib', 'sklearn', 'scipy'};"
        "sys.exit(bool(late & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
