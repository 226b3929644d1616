"""Committed reports are those of their numbers."""

import json
import re
from pathlib import Path

import pytest

from facemtl.config import load_config
from facemtl.studies.report.study_report import study_report
from facemtl.studies.study import study_names
from facemtl.tuning.report.search_report import search_report
from facemtl.tuning.space import load_space

ROOT = Path(__file__).parent.parent
RESULTS = sorted((ROOT / "results").rglob("results.json"))


CELLS = re.compile(r"<t[dh][^>]*>(.*?)</t[dh]>", re.DOTALL)


@pytest.fixture(autouse=True)
def _undrawn(monkeypatch):
    """Lay out no chart: they are counted here, and drawn in other tests."""
    monkeypatch.setattr(
        "matplotlib.backends.backend_svg.FigureCanvasSVG.print_svg",
        lambda _, file, **__: file.write("<svg></svg>"),
    )


def tables_of(page):
    """The finding and all texts of tables: what is drawn or laid out otherwise
    by another version of a library is left out.
    """
    (said,) = re.findall(r'<p class="finding">(.*?)</p>', page)
    return [said, *CELLS.findall(page)]


@pytest.mark.parametrize("file", RESULTS, ids=lambda file: file.parent.name)
def test_the_committed_tables_and_pages_are_those_of_their_results(file):
    """And they carry no image and no path of the machine that made them."""
    folder = file.parent
    own = folder / f"{folder.name}.toml"
    assert folder.name in study_names() or own.is_file()
    text = file.read_text("utf-8")
    report = study_report(json.loads(text))
    assert (folder / "table.md").read_text("utf-8") == report.markdown()
    contents = [text]
    if (folder / "report.html").is_file():
        contents.append((folder / "report.html").read_text("utf-8"))
        page = report.html()
        assert tables_of(contents[-1]) == tables_of(page)
        assert contents[-1].count("<svg") == page.count("<svg")
    for content in contents:
        assert "data:image" not in content
        assert not re.search(r"[\"' (](/[a-z]+/|~/)[a-z]", content)


ESTIMATE = re.compile(r"\| ([a-z_.0-9]+) \| ([+−][0-9.]+) ± ([0-9.]+) \|\n")
IMPORTANCE = re.compile(r"[+−]\d\.\d\d ± \d\.\d\d")


def estimated(text):
    """The report without estimates, and the estimates by name.

    Versions of scikit-learn estimate an importance a little differently.
    """
    numbers = {
        name: (float(mean.replace("−", "-")), float(std))
        for name, mean, std in ESTIMATE.findall(text)
    }
    return ESTIMATE.sub("", text), numbers


def test_the_committed_search_is_that_of_its_json():
    """Its reports, its best settings, and no path or image in them."""
    folder = ROOT / "results/search"
    search = json.loads((folder / "search.json").read_text("utf-8"))
    report = search_report(search)
    words, importances = estimated((folder / "report.md").read_text("utf-8"))
    words_now, importances_now = estimated(report.markdown())
    assert words == words_now
    assert len(importances) > 20
    assert importances_now.keys() == importances.keys()
    for name, numbers in importances.items():
        now = importances_now[name]
        assert now == pytest.approx(numbers, abs=0.015), name
    page = (folder / "report.html").read_text("utf-8")
    page_now = report.html()
    cells, cells_now = (
        [cell for cell in tables_of(one) if not IMPORTANCE.fullmatch(cell)]
        for one in (page, page_now)
    )
    # The most important come first.
    assert sorted(cells) == sorted(cells_now)
    assert page.count("<svg") == page_now.count("<svg") == 4
    assert "Nothing was gained: " in report.finding
    assert "data:image" not in page
    assert not re.search(r"[\"' (](/[a-z]+/|~/)[a-z]", page)
    assert len(search["trials"]) >= 60
    space = load_space()
    best = next(x for x in search["trials"] if x["id"] == search["best"])
    found = space.config(best["values"])
    assert load_config(file=folder / "best.toml") == found


def test_no_search_of_the_tuners_failed():
    results = json.loads(
        (ROOT / "results/tuning/tuners.json").read_text("utf-8")
    )
    for part in results["tuners"].values():
        assert not any(search["failed"] for search in part["searches"])


@pytest.mark.parametrize(
    ("interval", "less_is_better", "word"),
    [
        ((-0.1, -0.03), True, " better"),
        ((0.07, 0.14), True, " worse"),
        ((0.4, 4.8), False, " better"),
        ((-4.8, -0.4), False, " worse"),
        ((-0.01, 0.09), True, ""),
        ((0.0, 0.09), True, ""),
    ],
)
def test_a_difference_has_the_word_of_its_interval(
    interval, less_is_better, word, monkeypatch
):
    monkeypatch.syspath_prepend(ROOT / "docs/tools")
    import committed

    assert committed._shown(*interval, less_is_better) == word


def test_the_site_words_differences_as_the_studies_do(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs/tools")
    import committed

    for split, column in (("validation", 1), ("test", 2)):
        said = committed.difference(
            "weightings", "imtl", "fixed", "mean_error_box", split
        )
        table = (ROOT / "results/weightings/table.md").read_text("utf-8")
        part = table[table.index("Difference in NME-box") :]
        (row,) = re.findall(r"^\| imtl \|.*$", part, re.M)[:1]
        assert said in row.replace("**", "").split(" | ")[column]
