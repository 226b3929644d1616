"""Runs: the same seed, the same weights; cut off and resumed, the same too."""

import csv
import json
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from facemtl.config import load_config
from facemtl.datasets.faces import BadRows
from facemtl.datasets.sources import Splits
from facemtl.datasets.synthetic import synthetic_faces
from facemtl.errors import InputError
from facemtl.preparation import build_network, chosen_tasks, crop_splits
from facemtl.runs import train
from facemtl.training import fit_network

SMALL = ["data.source=synthetic", "data.faces=64", "train.batch_size=16"]
STITCHED = [
    *SMALL,
    "train.threads=1",
    "train.epochs=3",
    "weighting.method=dynamic_weight_average",
    "stopping.method=threshold",
    "model.width=0.25",
]


def command(out, *more, settings=STITCHED):
    sets = [word for setting in settings for word in ("--set", setting)]
    model = ["--model", "cross_stitch_regularized"]
    return [
        *(sys.executable, "-m", "facemtl.fit", *model, *sets),
        *("--out", str(out), *more),
    ]


def weights(folder):
    """All weights of a run's best network, by path."""
    from facemtl.models import load_model

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
    subprocess.run(command(again), check=True, capture_output=True)
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
    subprocess.run(command(folder, "--resume"), check=True, capture_output=True)
    assert_equal_runs(unbroken, folder)


def test_resume_shows_a_finished_run(unbroken):
    before = (unbroken / "state.npz").stat().st_mtime_ns
    done = subprocess.run(
        command(unbroken, "--resume"), capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "Best epoch" in done.stdout
    assert (unbroken / "state.npz").stat().st_mtime_ns == before


def test_a_folder_with_a_run_is_not_written_over(unbroken):
    config = load_config("cross_stitch_regularized", settings=STITCHED)
    with pytest.raises(InputError, match="holds a run already"):
        train(config, unbroken)
    config["train"]["epochs"] = 4
    with pytest.raises(InputError, match=r"other settings of train\.epochs"):
        train(config, unbroken, resume=True)


def test_streams_are_first_trained_alone_if_asked(tmp_path):
    more = ["train.alone_epochs=1", "train.epochs=1", "model.width=0.25"]
    config = load_config("cross_stitch", settings=[*SMALL, *more])
    train(config, tmp_path / "run", verbose=0)
    alone, joined = weights(tmp_path / "run/alone"), weights(tmp_path / "run")
    units = {path for path in joined if "alpha" in path}
    assert units
    assert alone.keys() == joined.keys() - units
    # The second phase starts from the first: its streams are near it.
    path = "fc/fc_stream1/kernel"
    same = np.corrcoef(alone[path].ravel(), joined[path].ravel())[0, 1]
    assert same > 0.9


@pytest.mark.parametrize("task", ["smile", "pose"])
def test_single_learns_an_attribute_alone(tmp_path, task):
    more = [f'model.tasks=["{task}"]', "train.epochs=1", "model.width=0.25"]
    config = load_config("single", settings=[*SMALL, *more])
    report = train(config, tmp_path / "run", verbose=0)
    assert list(report["scores"]["test"]["attributes"]) == [task]
    assert "landmarks" not in report["scores"]["test"]


@pytest.mark.parametrize(
    "settings",
    [
        ["weighting.method=uncertainty"],
        ["stopping.method=tcdcn", "stopping.window=1"],
        ["train.precision=mixed_bfloat16"],
        ["train.precision=mixed_float16"],
        ["data.color=rgb", "data.size=48", "data.margin=0.1"],
        ["loss.landmarks=wing", "loss.class_balance=1.0"],
        ["train.average=0.0", "train.warm_up=0.0"],
    ],
    ids=str,
)
def test_settings_train(tmp_path, settings):
    more = ["train.epochs=1", "model.width=0.25", *settings]
    report = train(
        load_config("split", settings=[*SMALL, *more]),
        tmp_path / "run",
        verbose=0,
    )
    error = report["scores"]["validation"]["landmarks"]["mean_error_box"]
    assert 0 < error < 60


def test_a_run_that_diverges_says_so(tmp_path):
    more = ["train.learning_rate=1e30", "train.epochs=2", "train.warm_up=0.0"]
    config = load_config("single", settings=[*SMALL, *more])
    with pytest.raises(InputError, match=r"diverged in epoch [12]: the loss"):
        train(config, tmp_path / "run", verbose=0)
    assert not (tmp_path / "run/report.json").exists()


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("stopping.method=soon", "Expected stopping.method in"),
        ("weighting.method=fair", "Expected weighting.method in"),
        ("weighting.lambdas.age=1.0", "Expected weighting.lambdas >= 0 for"),
        ("loss.landmarks=l3", "Expected loss.landmarks in"),
        ("train.precision=int4", "Expected train.precision in"),
        ("train.stitch_optimizer=lion", "Expected train.stitch_optimizer in"),
        ("data.color=blue", "Expected a color in"),
        ("model.tasks=['age']", "Expected model.tasks out of the labelled"),
    ],
)
def test_a_wrong_setting_is_told(tmp_path, setting, message):
    config = load_config("split", settings=[*SMALL, setting])
    with pytest.raises(InputError, match=message):
        train(config, tmp_path / "run", verbose=0)


def test_validation_needs_a_label_to_choose_by(tmp_path):
    config = load_config("split", settings=SMALL)
    faces = synthetic_faces(20)
    missing = {**faces.labels, "landmarks": np.full((20, 5, 2), np.nan)}
    splits = Splits(faces, replace(faces, labels=missing), None)
    tasks = chosen_tasks(faces, [])
    crops = crop_splits(splits, config, tasks, BadRows(), 0)
    network = build_network(config, tasks)
    with pytest.raises(InputError, match="label of 'landmarks' to choose"):
        fit_network(network, *crops, config, tmp_path, verbose=0)
