"""Files of earlier versions load, and say what they said.

`older/make.py` made each archive in `older/` by the code of its day.
"""

import json
import tarfile
import tomllib
from pathlib import Path

import numpy as np
import pytest

import facemtl
from facemtl.compare import main as compare
from facemtl.config import load_config
from facemtl.evaluation.predictions import read_predictions
from facemtl.inference.runtimes import load_network
from facemtl.tune import main as tune

ARCHIVES = sorted((Path(__file__).parent / "older").glob("*.tar.xz"))
PIXELS = np.arange(2 * 40 * 40).reshape(2, 40, 40, 1) * 7 % 251
TASKS = ["landmarks", "smile", "gender", "glasses", "pose"]


@pytest.fixture(
    params=ARCHIVES, ids=[x.name.split(".tar")[0] for x in ARCHIVES]
)
def older(request, tmp_path, monkeypatch):
    """The folder of the files, where commands run."""
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path, filter="data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_are_files_of_earlier_versions():
    assert len(ARCHIVES) >= 2


@pytest.mark.parametrize(
    "file", ["run", "run/model.keras", "exported/model_float32.tflite"]
    + ["exported/model.onnx"],
)  # fmt: skip
def test_a_network_predicts_what_it_did(older, file):
    network = load_network(older / file)
    assert [task.name for task in network.tasks] == TASKS
    found = network.predict(PIXELS.astype(np.uint8))
    with np.load(older / "predictions.npz") as wanted:
        assert set(found) == set(wanted.files) == set(TASKS)
        for task, one in wanted.items():
            np.testing.assert_allclose(found[task], one, atol=1e-4)


def test_predictions_about_faces_are_scored_as_they_were(older):
    found = read_predictions(older / "run/predictions.npz")
    report = json.loads((older / "run/report.json").read_text("utf-8"))
    assert set(found) == set(report["scores"]) == {"validation", "test"}
    for split, one in found.items():
        assert [task.name for task in one.tasks] == TASKS
        known = report["scores"][split]["landmarks"]["mean_error_box"]
        points, boxes = one.labels["landmarks"], one.boxes
        off = np.linalg.norm(one.answers["landmarks"] - points, axis=-1)
        side = (boxes[:, 2] - boxes[:, 0])[:, None]
        assert 100 * (off / side).mean() == pytest.approx(known, abs=0.01)


def test_a_finished_run_is_reported_as_it_is(older):
    report = (older / "run/report.json").read_text("utf-8")
    config = load_config(file=older / "run/config.toml")
    found = facemtl.train(config, older / "run", resume=True, verbose=0)
    assert found == json.loads(report)
    assert (older / "run/report.json").read_text("utf-8") == report


@pytest.mark.slow
def test_a_run_that_was_cut_off_goes_on(older):
    file, history = older / "run/config.toml", older / "run/history.csv"
    text, before = file.read_text("utf-8"), history.read_text("utf-8")
    assert text.count("\nepochs = 1\n") == 1
    file.write_text(text.replace("\nepochs = 1\n", "\nepochs = 2\n"), "utf-8")
    (older / "run/report.json").unlink()
    config = load_config(file=file)
    report = facemtl.train(config, older / "run", resume=True, verbose=0)
    assert report["epochs"] == 2
    header, first, *_ = before.splitlines()
    now = history.read_text("utf-8").splitlines()
    assert len(now) == 3
    # Later versions may add columns.
    old = dict(zip(header.split(","), first.split(","), strict=True))
    new = dict(zip(now[0].split(","), now[1].split(","), strict=True))
    assert old.items() <= new.items()


def test_the_results_of_a_study_are_drawn_again(older):
    results = older / "study/results.json"
    assert compare([str(results), "--out", "again"]) == 0
    known = json.loads(results.read_text("utf-8"))
    table = (older / "again/table.md").read_text("utf-8")
    for variant in known["groups"][0]["variants"]:
        error = variant["scores"]["test"]["mean_error_box"]["mean"]
        assert f"| {variant['name']} | {variant['parameters']:,} |" in table
        assert f" {error:.2f} |" in table


@pytest.mark.slow
def test_a_search_goes_on(older, capsys):
    best = (older / "search/best.toml").read_text("utf-8")
    words = ["--data", "synthetic", "--space", "space.toml", "--resume"]
    words += ["--tuner", "random", "--max-trials", "2", "--confirm", "0"]
    assert tune([*words, "--out", "search"]) == 0
    # Both trials are there: none is made anew.
    assert "trial 0:" not in capsys.readouterr().out
    # Its comment may name the measure in other words.
    now = (older / "search/best.toml").read_text("utf-8")
    assert tomllib.loads(now) == tomllib.loads(best)
    assert (older / "search/report.html").is_file()
