"""The commands through a subprocess: real faces' formats in, files out."""

import json
import sys
from dataclasses import replace
from typing import NamedTuple

import cv2
import forked
import numpy as np
import pytest

from facemtl.__main__ import main
from facemtl.config import load_config
from facemtl.data.csv.writer import write_csv
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.process.cli import run
from facemtl.training.runs import train

QUICK = ["train.epochs=1", "model.width=0.25", "train.batch_size=16"]
OWN_TASKS = """
[[task]]
name = "landmarks"
kind = "landmarks"
names = ["left eye", "right eye", "chin"]
mirror = [["left eye", "right eye"]]

[[task]]
name = "beard"
kind = "classes"
names = ["none", "some", "full"]

[[task]]
name = "yaw"
kind = "value"
mirror = "negate"
"""


class Done(NamedTuple):
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def facemtl_process(*words):
    """The command as a user starts it: in a process of its own."""
    done = forked.run([sys.executable, "-m", "facemtl", *words])
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def facemtl(capfd):
    """The same command in this process, which has TensorFlow loaded."""

    def call(*words):
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            run(lambda _: main(list(map(str, words))))
        return Done(end.value.code, *capfd.readouterr())

    return call


def quick(*settings):
    """--set words of a run that takes a second."""
    return [w for s in (*QUICK, *settings) for w in ("--set", s)]


@pytest.fixture(scope="module")
def drawn_folder(tmp_path_factory):
    """40 drawn faces as photos with a CSV in the format of a user."""
    folder = tmp_path_factory.mktemp("own")
    faces = synthetic_faces(40, seed=3)
    names = []
    for i, name in enumerate(faces.names):
        names.append(f"{i}.png")
        photo = cv2.cvtColor(faces.images.read(name), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(folder / names[-1]), photo)
    write_csv(replace(faces, names=np.array(names)), folder / "faces.csv")
    return folder


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory, drawn_folder):
    """A split network, trained for an epoch on the CSV."""
    folder = tmp_path_factory.mktemp("runs") / "split"
    source = f"data.source={drawn_folder / 'faces.csv'}"
    config = load_config("split", settings=[*QUICK, source])
    train(config, folder, verbose=0)
    return folder


@pytest.mark.slow
def test_fit_ends_with_scores_in_words_and_says_where_all_is(
    drawn_folder, tmp_path
):
    out = tmp_path / "run"
    csv = drawn_folder / "faces.csv"
    done = facemtl_process("fit", "--data", csv, "--out", out, *quick())
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    assert done.stdout.startswith(f"Data: {csv}. Run folder: {out}\n")
    assert "On 4 unseen faces: landmarks has an NME-box of " in done.stdout
    for name in ("model.keras", "predictions.png", "report.json"):
        assert f"{out}/{name}" in done.stdout
        assert (out / name).is_file()


def test_evaluate_prints_a_table_and_writes_json(
    facemtl, run_folder, drawn_folder, tmp_path
):
    file = tmp_path / "deep/scores.json"
    csv = drawn_folder / "faces.csv"
    done = facemtl("evaluate", run_folder, "--data", csv, "--json", file)
    assert done.returncode == 0, done.stderr
    assert f"{csv}, all rows, two passes: 40 faces" in done.stdout
    assert "left mouth corner" in done.stdout
    scores = json.loads(file.read_text())
    assert scores["n"] == 40
    assert set(scores["attributes"]) == {"smile", "gender", "glasses", "pose"}
    points = scores["landmarks"]
    for key in (
        "mean_error_box",
        "failure_rate_box_5",
        "failure_rate_face_box_5",
        "mean_error_interocular",
        "failure_rate_interocular_10",
        "mean_error_interocular_shift_free",
    ):
        assert isinstance(points[key], float), key
    assert set(points["bias_box"]) == {"x", "y"}
    assert len(points["per_landmark"]) == 5
    assert "frontal" in points["per_pose"]


@pytest.mark.slow
def test_evaluate_reads_the_data_of_a_run_as_fit_did(
    facemtl, drawn_folder, tmp_path
):
    """Another validation split would hold faces that were trained on."""
    csv = drawn_folder / "faces.csv"
    out, file = tmp_path / "run", tmp_path / "scores.json"
    settings = quick("data.validation=2", "data.boxes=derived")
    assert facemtl("fit", "--data", csv, "--out", out, *settings)[0] == 0
    report = json.loads((out / "report.json").read_text())
    assert report["scores"]["validation"]["n"] == 2
    words = ("--data", csv, "--split", "val", "--json", file)
    for model in (out, out / "model.keras"):
        once = facemtl("evaluate", model, *words, "--no-second-look")
        assert once.returncode == 0, once.stderr
        assert json.loads(file.read_text()) == report["scores"]["validation"]


def test_fit_and_evaluate_say_how_codes_are_read(
    facemtl, run_folder, drawn_folder, tmp_path
):
    text = (drawn_folder / "faces.csv").read_text()
    coded = text.replace(",male,", ",0,").replace(",female,", ",1,")
    rows = coded.splitlines()
    rows = [f"{rows[0]},split", *(f"{row},train" for row in rows[1:])]
    csv = drawn_folder / "coded.csv"
    csv.write_text("\n".join(rows))
    line = "gender: 0 is read as male, 1 as female; state another coding in "
    done = facemtl("fit", "--data", csv, "--out", tmp_path / "run", *quick())
    assert done.returncode == 0, done.stderr
    assert f"\n{line}" in done.stdout
    assert f"{csv}: no row with split = test; no test faces" in done.stdout
    done = facemtl("evaluate", run_folder, "--data", csv, "--split", "train")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(line)
    done = facemtl("evaluate", run_folder, "--data", csv)
    assert done.returncode == 2
    assert "split 'test'. Received: 40 rows train." in done.stderr


def test_evaluate_scores_a_keras_file_on_points_without_boxes(
    facemtl, run_folder, drawn_folder, tmp_path
):
    rows = (drawn_folder / "faces.csv").read_text().splitlines()
    header = rows[0].split(",")
    kept = [
        i
        for i, name in enumerate(header)
        if name == "file" or (name[0] in "xy" and name[1:].isdigit())
    ]
    bare = drawn_folder / "bare.csv"
    bare.write_text(
        "\n".join(",".join(row.split(",")[i] for i in kept) for row in rows)
    )
    file = tmp_path / "scores.json"
    model = run_folder / "model.keras"
    done = facemtl("evaluate", model, "--data", bare, "--json", file)
    assert done.returncode == 0, done.stderr
    scores = json.loads(file.read_text())
    assert scores["n"] == 40
    assert "attributes" not in scores
    assert scores["landmarks"]["mean_error_box"] > 0


def test_evaluate_splits_a_csv_as_fit_does(
    facemtl, run_folder, drawn_folder, tmp_path
):
    csv, file = drawn_folder / "faces.csv", tmp_path / "scores.json"
    words = ("--data", csv, "--split", "val", "--json", file)
    assert facemtl("evaluate", run_folder, *words).returncode == 0
    report = json.loads((run_folder / "report.json").read_text())
    assert json.loads(file.read_text()) == report["scores"]["validation"]


@pytest.mark.slow
def test_own_tasks_and_points_are_trained_and_scored(
    facemtl, drawn_folder, tmp_path
):
    (tmp_path / "tasks.toml").write_text(OWN_TASKS)
    rng = np.random.default_rng(0)
    lines = ["file,x1,x2,x3,y1,y2,y3,left,top,right,bottom,beard,yaw"]
    for i in range(30):
        beard = ["none", "some", "full", ""][i % 4]
        yaw = "" if i % 5 == 0 else f"{rng.normal():.2f}"
        photo = drawn_folder / f"{i}.png"
        lines.append(f"{photo},60,100,80,70,70,120,40,40,120,120,{beard},{yaw}")
    (tmp_path / "faces.csv").write_text("\n".join(lines))
    out = tmp_path / "run"
    data = ("--data", tmp_path / "faces.csv")
    streams = 'model.streams=[["landmarks"], ["beard"], ["yaw"]]'
    done = facemtl(
        *("fit", *data, "--model", "cross_stitch_regularized", "--out", out),
        *quick(streams),
    )
    assert done.returncode == 0, done.stderr
    file = tmp_path / "scores.json"
    done = facemtl("evaluate", out, *data, "--json", file)
    assert done.returncode == 0, done.stderr
    scores = json.loads(file.read_text())
    assert list(scores["landmarks"]["per_landmark"])[2] == "chin"
    assert set(scores["landmarks"]["per_beard"]) == {"none", "some", "full"}
    assert scores["attributes"]["beard"]["n"] == 23
    assert scores["values"]["yaw"]["n"] == 24


@pytest.mark.slow
def test_bad_rows_stop_or_are_skipped_and_counted(
    facemtl, drawn_folder, tmp_path
):
    rows = (drawn_folder / "faces.csv").read_text().splitlines()
    rows[2] = rows[2].replace("1.png", "missing.png")
    csv = drawn_folder / "bad.csv"
    csv.write_text("\n".join(rows))
    words = ("fit", "--data", csv, *quick(), "--out")
    done = facemtl(*words, tmp_path / "stop")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: bad.csv, row 3 (missing.png): missing image")
    done = facemtl(*words, tmp_path / "skip", "--skip-bad")
    assert done.returncode == 0, done.stderr
    assert "1 invalid row skipped: 1 missing image" in done.stdout
    report = json.loads((tmp_path / "skip/report.json").read_text())
    assert report["skipped"] == {"missing image": 1}


@pytest.mark.slow
def test_an_error_of_a_process_is_one_line(tmp_path):
    done = facemtl_process("fit", "--data", "none", "--out", tmp_path / "run")
    assert done.returncode == 2
    assert done.stderr.startswith("error: none: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["fit", "--model", "vgg"], "Expected a model in ['base', "),
        (["fit", "--set", "train.epoch=3"], "unknown setting 'train.epoch'"),
        (["fit", "--set", "train.epochs=many"], "expected a int such as 16"),
        (["fit", "--epochs", "0"], "Expected train.epochs >= 1. Received: 0"),
        (["fit", "--config", "none.toml"], "none.toml: expected a TOML file"),
        (["fit", "--data", "nowhere"], "nowhere"),
        (["evaluate", "split"], "'split', a configuration. Train"),
        (["evaluate", "nowhere"], "Expected a run folder with model.keras"),
    ],
)
def test_wrong_words_get_one_line(facemtl, words, message, tmp_path):
    more = ["--out", tmp_path / "run"] if words[0] == "fit" else []
    done = facemtl(*words, *more)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert message in line


def test_a_broken_model_file_gets_one_line(facemtl, tmp_path):
    file = tmp_path / "model.keras"
    file.write_bytes(b"PK half")
    done = facemtl("evaluate", file)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: {file}: not a whole Keras file")


@pytest.mark.mtfl
def test_real_faces_are_trained_and_scored(facemtl, mtfl_root, tmp_path):
    out = tmp_path / "run"
    share = quick("data.train_share=0.05")
    words = ("--data", mtfl_root, "--out", out, *share)
    done = facemtl("fit", *words)
    assert done.returncode == 0, done.stderr
    report = json.loads((out / "report.json").read_text())
    assert report["scores"]["validation"]["n"] == 1000
    assert report["scores"]["test"]["n"] == 1000
    file = tmp_path / "scores.json"
    words = ("--data", mtfl_root, "--json", file)
    once = facemtl("evaluate", out, *words, "--no-second-look")
    assert once.returncode == 0
    assert "test, one pass: 1000 faces" in once.stdout
    assert json.loads(file.read_text()) == report["scores"]["test"]
