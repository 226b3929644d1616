"""The detectors' and the formats' tables are those of committed numbers."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CHECKS = sorted((ROOT / "results").glob("export/check.json"))


@pytest.mark.parametrize("file", CHECKS)
def test_the_committed_formats_pass_their_check(file):
    """The table is that of the numbers, on all test faces of MTFL."""
    from facemtl.export.check_table import table
    from facemtl.export.format_check import FormatCheck

    content = json.loads(file.read_text("utf-8"))
    checks = [FormatCheck(**row) for row in content["formats"]]
    assert content["faces"] == 1000
    assert len(checks) == 11
    assert not [check.fault for check in checks if check.fault]
    assert table(checks) in file.with_suffix(".md").read_text("utf-8")


def test_an_install_to_predict_is_small():
    file = ROOT / "benchmarks/install_size.json"
    result = json.loads(file.read_text("utf-8"))
    rows = result["rows"]
    light = [row for row in rows if not row["extra"]]
    pythons = [row["python"].rpartition(".")[0] for row in light]
    assert pythons == ["3.11", "3.12", "3.13"]
    assert [row["faces"] for row in rows] == [1] * len(rows)
    most = max(row["MB"] for row in light)
    assert most < 400
    (train,) = (row for row in rows if row["extra"] == "train")
    assert train["MB"] > 2000


def test_mirrored_networks_are_calibrated():
    file = ROOT / "presets/mirrored_confidence.json"
    rows = json.loads(file.read_text("utf-8"))["rows"]
    for row in rows:
        for scores in row["points"].values():
            assert scores["sigma_rank_correlation"] > 0.55
            assert 45 < scores["sigma_within_median"] < 57


def test_detector_boxes_are_no_worse_than_given_ones():
    file = ROOT / "benchmarks/box_conventions.json"
    rows = json.loads(file.read_text("utf-8"))["rows"]
    assert len(rows) == 6
    for row in rows:
        assert row["detector, two passes"][0] <= row["given, one pass"][0]


def test_the_panoramas_are_the_committed_ones(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from panoramas import table

    file = ROOT / "benchmarks/panoramas.json"
    results = json.loads(file.read_text("utf-8"))
    assert table(results) in file.with_suffix(".md").read_text("utf-8")
    for name, part in results.items():
        assert part["facemtl"]["recall"] >= part["whole"]["recall"], name


def test_the_turned_faces_are_the_committed_ones(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from turned_faces import table

    file = ROOT / "benchmarks/turned_faces.json"
    result = json.loads(file.read_text("utf-8"))
    assert table(result) in file.with_suffix(".md").read_text("utf-8")
    for name, part in result["kinds"].items():
        assert part.get("found", 100) >= 75, name


def test_the_former_photos_are_the_committed_ones(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from former_photos import NAMES, table

    file = ROOT / "benchmarks/former_photos.json"
    result = json.loads(file.read_text("utf-8"))
    assert table(result) in file.with_suffix(".md").read_text("utf-8")
    for size, (former, now) in {
        size: [part[name] for name in NAMES]
        for size, part in result["photos"].items()
    }.items():
        assert now < former / 2, size


def test_the_passes_of_many_steps_are_the_committed_ones(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from few_passes import FOLDER, document

    result = json.loads((FOLDER / "passes.json").read_text("utf-8"))
    assert document(result) == (FOLDER / "passes.md").read_text("utf-8")
