"""The README's own code runs, and its numbers are the committed ones."""

import json
import re
from pathlib import Path

import pytest

from facemtl.config import load_config
from facemtl.studies.report.study_report import study_report
from facemtl.studies.report.tables import summary_table
from facemtl.studies.study import load_study, study_names
from facemtl.tuning.report.search_report import search_report
from facemtl.tuning.space import load_space

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
RESULTS = sorted((ROOT / "results").glob("*/results.json"))
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("code", BLOCKS, ids=lambda c: c.splitlines()[0])
def test_python_code_runs(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})


def test_the_study_is_a_study(tmp_path):
    (text,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "blocks.toml").write_text(text)
    study = load_study(tmp_path / "blocks.toml")
    widths = [variant.config["model"]["width"] for variant in study.variants]
    assert widths == [1.0, 0.25, 0.5]


def test_shell_commands_are_commands():
    from facemtl.__main__ import VERBS

    shell = "".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))
    used = set(re.findall(r"^facemtl (\w+)", shell, re.MULTILINE))
    assert used
    assert used <= set(VERBS)
    goals = set(re.findall(r"^make (\w+)", shell, re.MULTILINE))
    assert goals <= set(re.findall(r"^(\w+):", _makefile(), re.MULTILINE))


def _makefile():
    return (ROOT / "Makefile").read_text("utf-8")


def test_files_that_are_linked_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_results_are_the_committed_ones():
    file = ROOT / "results/variants/results.json"
    results = json.loads(file.read_text("utf-8"))
    assert len(results["groups"][0]["variants"]) >= 9
    assert summary_table(results).markdown() in README


CELLS = re.compile(r"<t[dh][^>]*>(.*?)</t[dh]>", re.DOTALL)


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
    assert folder.name in study_names()
    text = file.read_text("utf-8")
    report = study_report(json.loads(text))
    assert (folder / "table.md").read_text("utf-8") == report.markdown()
    contents = [text]
    if (folder / "report.html").is_file():
        contents.append((folder / "report.html").read_text("utf-8"))
        assert tables_of(contents[-1]) == tables_of(report.html())
        assert contents[-1].count("<svg") == report.html().count("<svg")
    for content in contents:
        assert "data:image" not in content
        assert not re.search(r"[\"' (](/[a-z]+/|~/)[a-z]", content)


def test_the_table_of_few_faces_is_the_committed_one():
    file = ROOT / "results/few/results.json"
    for group in json.loads(file.read_text("utf-8"))["groups"]:
        scores = [
            variant["scores"]["validation"]["mean_error_eye_corners"]
            for variant in group["variants"]
        ]
        cells = [f"{x['mean']:.2f} ± {x['std']:.2f}" for x in scores]
        cells[1] = f"**{cells[1]}**"
        faces = group["name"].split()[0]
        assert f"| {faces} | {' | '.join(cells)} |\n" in README


def test_the_drawn_faces_result_is_the_committed_one():
    file = ROOT / "benchmarks/drawn_to_real.json"
    results = json.loads(file.read_text("utf-8"))
    parts = ("network", "mean shape of drawn faces", "mean shape of real faces")
    for part in parts:
        error = results[part]["frontal"]["mean_error_box"]
        assert f"{error:.2f} %" in README


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
    cells, cells_now = (
        [cell for cell in tables_of(one) if not IMPORTANCE.fullmatch(cell)]
        for one in (page, report.html())
    )
    # The most important come first.
    assert sorted(cells) == sorted(cells_now)
    assert page.count("<svg") == report.html().count("<svg") == 4
    assert "Nothing was gained: " in report.finding
    assert "data:image" not in page
    assert not re.search(r"[\"' (](/[a-z]+/|~/)[a-z]", page)
    assert len(search["trials"]) >= 60
    space = load_space()
    best = next(x for x in search["trials"] if x["id"] == search["best"])
    found = space.config(best["values"])
    assert load_config(file=folder / "best.toml") == found
    confirmed = search["confirmation"] or {"groups": [{"variants": []}]}
    for variant in confirmed["groups"][0]["variants"]:
        error = variant["scores"]["validation"]["mean_error_box"]
        assert "{mean:.2f} ± {std:.2f}".format(**error) in README


def test_the_tuners_table_is_that_of_its_json():
    results = json.loads(
        (ROOT / "results/tuning/tuners.json").read_text("utf-8")
    )
    readme = (ROOT / "tuning/README.md").read_text("utf-8")
    for name, part in results["tuners"].items():
        assert f"| {part['found']} | {part['anew']} |" in readme, name
        assert not any(search["failed"] for search in part["searches"])
