"""The same seed, the same weights; cut off and resumed, the same too."""

import csv
import json
import shutil
import signal
import subprocess
import sys
import time

import forked
import numpy as np
import pytest

from facemtl.config import load_config
from facemtl.errors import InputError
from facemtl.models import load_model
from facemtl.training.runs import train

SETTINGS = [
    "data.source=synthetic",
    "data.faces=64",
    "train.batch_size=16",
    "train.threads=1",
    "train.epochs=3",
    "weighting.method=dynamic_weight_average",
    "stopping.method=threshold",
    "model.width=0.25",
]


def command(out, *more, settings=SETTINGS):
    sets = [word for setting in settings for word in ("--set", setting)]
    model = ["--model", "cross_stitch_regularized"]
    return [
        *(sys.executable, "-m", "facemtl.fit", *model, *sets),
        *("--out", str(out), *more),
    ]


def weights(folder):
    """All weights of a run's best network, by path."""
    return {w.path: w.numpy() for w in load_model(folder).weights}


def assert_equal_runs(first, second):
    """Weights and history agree bit for bit."""
    one, other = weights(first), weights(second)
    assert one.keys() == other.keys()
    for path in one:
        np.testing.assert_array_equal(one[path], other[path], err_msg=path)
    history = "history.csv"
    assert (first / history).read_text() == (second / history).read_text()


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """A run of three epochs in a process of its own, on one thread."""
    folder = tmp_path_factory.mktemp("unbroken") / "run"
    subprocess.run(command(folder), check=True, capture_output=True)
    return folder


def test_a_run_folder_holds_all_its_results(unbroken):
    names = {path.name for path in unbroken.iterdir()}
    assert {
        "config.toml",
        "history.csv",
        "logs",
        "model.keras",
        "predictions.png",
        "report.json",
        "state.npz",
    } <= names
    assert not [name for name in names if "part" in name]
    report = json.loads((unbroken / "report.json").read_text())
    assert report["scores"]["validation"]["n"] == 6
    assert report["scores"]["test"]["n"] == 64
    assert report["source"] == "synthetic"


def test_history_records_what_the_streams_share(unbroken):
    with (unbroken / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    shared = ("conv1_r_w", "fc_map_a", "conv2_norm1", "stitch_pool1_own")
    for key in (*shared, "lambda_w", "smile_weight", "smile_stopping"):
        assert np.isfinite(float(rows[0][key])), key


def test_the_same_seed_gives_the_same_run(unbroken, tmp_path):
    again = tmp_path / "again"
    forked.run(command(again)).check_returncode()
    assert_equal_runs(unbroken, again)


def test_a_killed_run_resumes_to_the_same_weights(unbroken, tmp_path):
    folder = tmp_path / "killed"
    process = subprocess.Popen(
        command(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not (folder / "state.npz").is_file():  # the first epoch's end
        assert process.poll() is None, "ended before it could be killed"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (folder / "report.json").exists()
    forked.run(command(folder, "--resume")).check_returncode()
    assert_equal_runs(unbroken, folder)


@pytest.mark.parametrize("rows", [0, 2])
def test_a_run_killed_before_its_last_history_resumes(unbroken, tmp_path, rows):
    """It has the state of its last epoch, and nothing is left to train."""
    folder = tmp_path / "run"
    shutil.copytree(unbroken, folder)
    (folder / "report.json").unlink()
    history = (folder / "history.csv").read_text().splitlines(keepends=True)
    (folder / "history.csv").write_text("".join(history[:-1]))
    forked.run(command(folder, "--resume")).check_returncode()
    assert_equal_runs(unbroken, folder)


def test_resume_shows_a_finished_run(unbroken):
    before = (unbroken / "state.npz").stat().st_mtime_ns
    done = forked.run(command(unbroken, "--resume"))
    assert done.returncode == 0
    assert "Best epoch" in done.stdout
    assert (unbroken / "state.npz").stat().st_mtime_ns == before


def test_a_folder_with_a_run_is_not_written_over(unbroken):
    config = load_config("cross_stitch_regularized", settings=SETTINGS)
    with pytest.raises(InputError, match="already holds a run"):
        train(config, unbroken)
    config["train"]["epochs"] = 4
    with pytest.raises(InputError, match=r"other settings of train\.epochs"):
        train(config, unbroken, resume=True)
