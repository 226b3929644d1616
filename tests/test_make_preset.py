"""A preset is made by one command: trained, exported, scored, described."""

import json
import sys
from pathlib import Path

import forked
import numpy as np
import pytest
from export_case import random_crops, write_drawn

import facemtl
from facemtl.presets import FOLDER

ROOT = Path(__file__).parent.parent
SMALL = "model.channels=[2, 4, 8, 8, 8]"


@pytest.mark.slow
def test_a_preset_is_made(tmp_path):
    before = {file: file.stat().st_mtime_ns for file in FOLDER.iterdir()}
    command = [sys.executable, ROOT / "presets/make.py", "tiny", "--mirrored"]
    # Few faces: those of "synthetic" are drawn anew for every score.
    (tmp_path / "data").mkdir()
    split = [*["train"] * 40, *["val"] * 20, *["test"] * 20]
    data = write_drawn(tmp_path / "data", len(split), seed=4, split=split)
    command += ["--data", data, "--seeds", "1", "--jobs", "1"]
    command += ["--runs", tmp_path / "runs", "--out", tmp_path]
    for setting in ("train.epochs=1", SMALL):
        command += ["--set", setting]
    done = forked.run(command, ROOT)
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "scores/tiny.json").read_text("utf-8"))
    assert result["seeds"][0]["test"]["landmarks"]["mean_error_box"] > 0
    assert (tmp_path / "tiny.md").read_text("utf-8") in done.stdout
    assert "for the face and its mirror image" in done.stdout
    network = facemtl.load_network(tmp_path / "tiny.tflite")
    assert network.tasks[0].name == "landmarks"
    # The Keras network is the same one.
    crops = random_crops(5, network.crop.shape)
    whole = facemtl.load_network(tmp_path / "tiny.keras").predict(crops)
    for task, predictions in network.predict(crops).items():
        np.testing.assert_allclose(whole[task], predictions, atol=4e-3)
    sidecar = json.loads((tmp_path / "tiny.json").read_text("utf-8"))
    assert sidecar["checksum"] == result["keras"]["sha256"]
    assert result["keras"]["sha256"] in done.stdout
    # The package's own are left alone.
    after = {file: file.stat().st_mtime_ns for file in FOLDER.iterdir()}
    assert after == before
