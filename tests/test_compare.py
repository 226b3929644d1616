"""The command: trained in processes, resumed, reported."""

import json
import sys

import forked
import numpy as np
import pytest

from facemtl.config import load_config
from facemtl.evaluation.predictions import read_predictions
from facemtl.studies import processes
from facemtl.studies.runner import train_in_process

STUDY = """
title = "Tiny"
question = "Does it run?"
seeds = 2
baselines = ["alone"]

[settings]
data.faces = 64
model.width = 0.25
train = { epochs = 2, batch_size = 16, conflict = true }

[[variants]]
name = "alone"
model = "single"

[[variants]]
name = "stitched"
model = "cross_stitch_regularized"
settings.stopping.method = "threshold"
"""


def write_study(folder, more=""):
    file = folder / "tiny.toml"
    file.write_text(STUDY + more)
    return file


def command(study, runs, out, *more):
    return [
        *(sys.executable, "-m", "facemtl", "compare", str(study)),
        *("--data", "synthetic", "--jobs", "2"),
        *("--runs", str(runs), "--out", str(out), *more),
    ]


def run(*args):
    return forked.run(command(*args))


def results(folder):
    """The results but for their times, which no two runs share."""
    content = json.loads((folder / "results.json").read_text())
    for group in content["groups"]:
        for variant in group["variants"]:
            assert all(s > 0 for s in variant.pop("training_seconds"))
    return content


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """A study that ran from start to end: its file, runs and output."""
    root = tmp_path_factory.mktemp("study")
    study, runs, out = write_study(root), root / "runs", root / "out"
    done = run(study, runs, out)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    assert "4 of 4 runs, 100 % of the work to do, 0:00:00 left" in done.stdout
    return study, runs, out, done.stdout


def test_results_hold_every_number_of_the_runs(unbroken):
    _, runs, out, _ = unbroken
    content = results(out)
    assert content["command"] == "facemtl compare tiny.toml --data synthetic"
    assert content["common"]["data.faces"] == 64
    (group,) = content["groups"]
    alone, stitched = group["variants"]
    assert [alone["name"], stitched["name"]] == ["alone", "stitched"]
    assert alone["settings"]["model.architecture"] == "single"
    for variant in (alone, stitched):
        for i, folder in enumerate(variant["runs"]):
            config = load_config(file=runs / folder / "config.toml")
            assert config["train"]["seed"] == i
            report = json.loads((runs / folder / "report.json").read_text())
            for split in ("validation", "test"):
                scores = report["scores"][split]
                told = variant["scores"][split]["mean_error_box"]["runs"][i]
                error = scores["landmarks"]["mean_error_box"]
                assert told == pytest.approx(error, abs=1e-3)
            assert variant["parameters"] == report["parameters"]
    assert len(stitched["alpha"]["stitch_fc"]) == 2
    assert alone["conflict"] == {}
    assert all("landmarks, smile" in x for x in stitched["conflict"].values())
    assert len(stitched["conflict"]) > 3
    assert "Conflict between tasks" in (out / "report.html").read_text()
    assert stitched["faces"] == {"validation": 6, "test": 64}
    assert len(stitched["history"]["conv1_distance"]) == 2
    assert "smile accuracy" in stitched["scores"]["test"]
    assert "smile accuracy" not in alone["scores"]["test"]
    curve = alone["curve"]["test"]
    assert len(curve) == 101
    assert curve == sorted(curve)


def test_differences_are_paired_by_seed_and_face(unbroken):
    _, _, out, _ = unbroken
    alone, stitched = results(out)["groups"][0]["variants"]
    assert alone["against"] == {}
    part = stitched["against"]["alone"]["test"]["mean_error_box"]
    means = [
        v["scores"]["test"]["mean_error_box"]["mean"] for v in (alone, stitched)
    ]
    assert part["difference"] == pytest.approx(means[1] - means[0], abs=2e-4)
    assert part["low"] <= part["difference"] <= part["high"]
    # Two seeds: nothing but a giant difference can be claimed.
    inside = part["low"] <= 0 <= part["high"]
    assert (part["verdict"] == "no difference shown") == inside


def test_table_and_page_tell_the_same_numbers(unbroken):
    _, _, out, printed = unbroken
    table = (out / "table.md").read_text()
    page = (out / "report.html").read_text()
    said = table.splitlines()[2]
    assert said.startswith("Two seeds cannot show a difference to alone: ")
    assert printed.endswith(f"\n\n{said}\n")
    assert printed.count("Two seeds cannot show a difference: train at") == 2
    score = results(out)["groups"][0]["variants"][1]["scores"]["test"]
    error = "{mean:.2f} ± {std:.2f}".format(**score["mean_error_box"])
    row = next(
        line for line in table.splitlines() if line.startswith("| stitched |")
    )
    assert error in row
    assert error in page
    for file in out.iterdir():  # no folder of the machine
        assert str(out.parent) not in file.read_text()
    assert sorted(p.name for p in out.iterdir()) == [
        *("report.html", "results.json", "table.md")
    ]


def test_the_gallery_shows_the_users_faces(unbroken):
    _, _, out, _ = unbroken
    page = (out / "report.html").read_text()
    assert page.count("data:image/") >= 3


def test_predictions_of_both_splits_are_kept(unbroken):
    _, runs, _, _ = unbroken
    for folder in runs.glob("cross_stitch-*/"):
        kept = read_predictions(folder / "predictions.npz")
        assert {s: len(p.names) for s, p in kept.items()} == {
            "validation": 6,
            "test": 64,
        }


def test_tables_and_page_are_made_again_from_the_results(unbroken, tmp_path):
    _, _, out, _ = unbroken
    again = ["facemtl", "compare", str(out / "results.json")]
    done = forked.run([sys.executable, "-m", *again, "--out", tmp_path / "new"])
    assert done.returncode == 0, done.stderr
    table = (tmp_path / "new/table.md").read_text()
    assert table == (out / "table.md").read_text()
    page = (tmp_path / "new/report.html").read_text()
    assert "data:image" not in page
    assert page.count("<svg") >= 5


def test_a_finished_study_trains_nothing_again(unbroken):
    study, runs, out, _ = unbroken
    before = {p: p.stat().st_mtime_ns for p in runs.glob("*/state.npz")}
    assert len(before) == 4
    first = results(out)
    done = run(study, runs, out)
    assert done.returncode == 0, done.stderr
    assert "left" not in done.stdout
    assert results(out) == first
    assert {p: p.stat().st_mtime_ns for p in before} == before


def test_a_run_is_bit_for_bit_that_of_a_new_process(
    unbroken, tmp_path, monkeypatch
):
    """On Linux, the study's own were forked from one with TensorFlow."""
    _, runs, _, _ = unbroken
    file = next(runs.glob("cross_stitch-*-1.toml"))
    monkeypatch.setattr(processes, "FORKS", False)
    with processes.RunProcesses() as starter:
        given = (load_config(file=file), tmp_path / "run", starter)
        assert train_in_process(*given) == ""
    forked, new = trained(file.with_suffix("")), trained(tmp_path / "run")
    assert len(forked) > 50
    assert forked == new


def trained(run):
    """All numbers of a run: weights, moments, epochs and predictions."""
    found = {"history": (run / "history.csv").read_text()}
    for name in ("state.npz", "predictions.npz"):
        with np.load(run / name) as arrays:
            found |= {k: arrays[k].tobytes() for k in arrays if k != "state"}
    return found


def test_a_run_that_fails_is_told_once_the_others_are_done(unbroken, tmp_path):
    _, runs, _, _ = unbroken
    study = write_study(
        tmp_path,
        '[[variants]]\nname = "faulty"\nmodel = "cross_stitch"\n'
        'settings.model.stitch.stages = ["pool9"]\n',
    )
    done = run(study, runs, tmp_path / "out", "--seeds", "1")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "1 of 1 run failed. The first: 'faulty': Expected" in line
    assert "pool9" in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--data", "nowhere.csv"], "nowhere.csv"),
        (["--data", "nowhere"], "nowhere"),
        (["--data", "nowhere", "--seeds", "-1"], "seeds >= 1. Received: -1"),
        (["--jobs", "0"], "--jobs >= 1. Received: 0"),
        (["--set", "train.epoch=1"], "unknown setting 'train.epoch'"),
        (["--set", "train.epochs=0"], "train.epochs >= 1. Received: 0"),
    ],
)
def test_bad_input_is_one_line_before_any_training(words, message, tmp_path):
    study, runs = write_study(tmp_path), tmp_path / "runs"
    done = run(study, runs, tmp_path / "out", *words)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert message in line
    assert not list(runs.glob("*"))
