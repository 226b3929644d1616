"""The report of a search: what it shows, and what it leaves out."""

import html
import re
import subprocess
import sys

import numpy as np
import pytest
from html_case import Page
from search_report_case import confirmed, hyperband, search, trial
from study_case import study, variant

from facemtl.tuning.report.importance import importance
from facemtl.tuning.report.search_report import search_report
from facemtl.tuning.report.values import text
from facemtl.tuning.report.words import finding

IMPORTANCE = "facemtl.tuning.report.importance"
ODD = "an <i>odd</i> | name & $x$"


def only(count: int, **changes) -> dict:
    """A search over one hyperparameter, whose name breaks careless HTML."""
    places = np.linspace(0, 1, count)
    trials = [trial(i, {ODD: float(x)}, 2 + x) for i, x in enumerate(places)]
    space = [{"name": ODD, "kind": "number", "low": 0.0, "high": 1.0}]
    made = search(space=space, trials=trials, default={}, best="0000")
    return made | changes


def ended(verdict: str, seeds: int = 3) -> str:
    """The finding of a search whose best was trained beside the default."""
    tuned = variant("tuned", 1.8, seeds, against=("default",))
    tuned["against"]["default"]["test"]["mean_error_box"]["verdict"] = verdict
    both = {"": [variant("default", 2.0, seeds), tuned]}
    confirmation = study(both, seeds, baselines=("default",))
    return finding(hyperband() | {"confirmation": confirmation})


def titles(made: dict) -> list[str]:
    found = re.findall(r"<summary><h2>(.*?)</h2>", search_report(made).html())
    return [html.unescape(title) for title in found]


@pytest.fixture(scope="module", autouse=True)
def _small_forests():
    """What is tested of forests does not need many trees."""
    with pytest.MonkeyPatch.context() as patch:
        for name, number in {"FORESTS": 2, "TREES": 10, "SHUFFLES": 1}.items():
            patch.setattr(f"{IMPORTANCE}.{name}", number)
        yield


@pytest.fixture(scope="module")
def report():
    return search_report(confirmed())


@pytest.fixture(scope="module")
def written(report) -> str:
    return report.html()


@pytest.fixture(scope="module")
def page(written) -> Page:
    return Page(written)


def test_page_is_well_formed_and_needs_nothing_else(written, page):
    ids = page.all("id")
    assert len(set(ids)) == len(ids)
    links = page.all("href") + page.all("src") + page.all("xlink:href")
    assert links and {link[1:] for link in links if link[0] == "#"} <= set(ids)
    assert all(link.startswith("#") for link in links)
    assert not {"script", "link"} & {tag for tag, _ in page.elements}
    for above, below in zip(page.headings, page.headings[1:], strict=False):
        assert below <= above + 1


def test_every_drawing_has_a_name_of_its_own(page, written):
    drawn = [
        x["aria-label"] for _, x in page.elements if x.get("role") == "img"
    ]
    assert len(drawn) == len(set(drawn)) == written.count("<svg") == 4
    # The score by value has a panel a hyperparameter.
    assert ">train.learning_rate<" in written and ">model.depth<" in written


@pytest.mark.parametrize(
    ("verdict", "seeds", "beginning"),
    [
        ("better", 3, "Tuning helped: "),
        ("no difference shown", 3, "Nothing was gained: "),
        ("worse", 5, "Nothing was gained; the best settings are worse than "),
        ("better", 2, "Two seeds cannot show whether anything was gained: "),
        ("one seed: no claim", 1, "One seed cannot show whether anything "),
    ],
)
def test_finding_says_what_was_gained(verdict, seeds, beginning):
    said = ended(verdict, seeds)
    assert said.startswith(beginning)
    assert "best of 75 trials has NME-box 3.60 % against 4.00 % of the" in said
    assert "on test faces, a difference of +0.50" in said
    interval = f"(95 % interval +0.25 … +1.00; {seeds} seeds)"
    assert (interval in said) == (seeds > 1)


def test_finding_without_a_comparison_claims_nothing():
    best = next(x for x in hyperband()["trials"] if x["epochs"] == 9)
    said = finding(hyperband() | {"best": best["id"]})
    assert said == (
        "Not compared with the default: the best of 75 trials is trial "
        f"{best['id']} with {best['score']:.3f} after 9 epochs (NME-box, %, "
        "validation)."
    )
    assert finding(search()) == "No trial of 0 has given a score so far."


def test_page_begins_with_the_finding_a_table_and_a_chart(written, report):
    top = written.partition("<details")[0]
    assert f'<p class="finding">{report.finding}</p>' in top
    assert top.count("<svg") == 1
    assert top.index("<table") < top.index("<svg")
    assert report.text(100).endswith(
        f"\n\n{report.warning}\n\n{report.finding}"
    )
    assert (
        report.warning
        == "Two seeds cannot show a difference: train at least 3."
    )
    assert "tuned    +0.50 worse (+0.25 … +1.00)" in report.text(100)


def test_sections_of_a_search_that_has_everything():
    assert titles(confirmed()) == [
        *("How to read this", "How it was made", "Best configuration"),
        *("Best and default", "Parallel coordinates"),
        *("Importance of each hyperparameter", "Error against cost"),
        *("Stitches of the best trials", "Score by value", "All trials"),
        "Failed trials",
    ]


def test_no_folder_and_no_markup_of_names(written, report):
    for made in (written, report.markdown()):
        assert "/secret" not in made and "--data faces.csv" in made
        assert "<stitch>" not in made and "<nan>" not in made
    assert "&lt;stitch&gt;" in written


def test_best_is_beside_the_default(page):
    name = "train.learning_rate"
    row = next(row for row in page.rows if row[0] == name)
    made = hyperband()
    best = next(x for x in made["trials"] if x["id"] == made["best"])
    assert row == [
        *(name, "0.0045", text(best["values"][name])),
        "0.001 … 0.03, log",
    ]


def test_what_a_condition_leaves_out_is_not_used():
    values = {"stitched": False, "train.learning_rate": 0.002}
    made = search(trials=[trial(0, values, 2.5)], best="0000")
    found = Page(search_report(made).html())
    row = next(row for row in found.rows if row[0] == "model.stitch.alpha")
    assert row[:3] == ["model.stitch.alpha", "0.9", "not used"]
    assert ["0000", "2.500", "no", "no", "no", "no"] in found.rows


def test_confirmation_has_interval_and_verdict(page):
    row = next(r for r in page.rows if r[0] == "NME-box, %")
    assert row[1:] == ["+0.50 worse\n(+0.25 … +1.00)"] * 2
    assert "Best and default" not in titles(hyperband())


def test_every_trial_and_failure_is_listed(page):
    done = [t for t in hyperband()["trials"] if t["status"] == "COMPLETED"]
    for one in done:
        start = [one["id"], f"{one['score']:.3f}", str(one["epochs"]), "2 / 0"]
        assert start in [row[:4] for row in page.rows]
    reason = "ValueError: loss is <nan> | stopped"
    assert ["0071", reason] in [row[:2] for row in page.rows]
    words = search_report(hyperband()).markdown()
    assert "| 0071 | ValueError: loss is &lt;nan> \\| stopped | " in words


@pytest.mark.parametrize("failures", [0, 4])
def test_nothing_completed_still_makes_a_report(failures):
    trials = [t for t in hyperband()["trials"] if t["status"] != "COMPLETED"]
    made = search(trials=trials[:failures])
    rest = ["Failed trials"] if failures else []
    assert titles(made) == ["How to read this", "How it was made", *rest]
    report = search_report(made)
    assert "<svg" not in report.html()
    assert report.markdown().startswith(
        "# Where to &lt;stitch> &amp; how\n\nNo"
    )


def test_one_hyperparameter_with_an_odd_name():
    made = search_report(only(12))
    written = made.html()
    assert "<i>" not in written and html.escape(ODD) in written
    row = next(row for row in Page(written).rows if row[0] == ODD)
    assert row == [ODD, "–", "0", "0 … 1"]
    found = titles(only(12))
    assert (
        "Score by value" in found and "Stitches of the best trials" not in found
    )
    assert "an &lt;i>odd&lt;/i> \\| name &amp; $x$" in made.markdown()


@pytest.mark.parametrize("count", [1, 2, 9])
def test_few_trials_have_no_importance(count):
    assert importance(only(count)) == {}
    found = titles(only(count))
    assert not {"Importance of each hyperparameter", "Score by value"} & {
        *found
    }
    assert search_report(only(count)).html().count("<svg") == 3


def test_equal_trials_are_drawn():
    made = only(1, trials=[trial(i, {ODD: 0.5}, 2.0) for i in range(11)])
    assert search_report(made).html().count("<svg") == 4
    assert importance(made)[ODD].mean == pytest.approx(0)


def test_same_search_makes_the_same_bytes():
    made, again = (search_report(only(12)) for _ in "ab")
    assert made.html() == again.html()
    assert made.markdown() == again.markdown()


def test_reports_need_no_tensorflow():
    code = (
        "import sys, facemtl.tuning.report.search_report;"
        "late = {'tensorflow', 'matplotlib', 'sklearn', 'scipy'};"
        "sys.exit(bool(late & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
