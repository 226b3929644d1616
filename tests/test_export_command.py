"""`facemtl export` and `--check` in processes of their own."""

import json
import shutil
import sys

import forked
import pytest
from export_case import own_export, stitched_export, write_drawn

from facemtl.export.check import check_export, exported_files
from facemtl.export.check_table import table
from facemtl.export.format_check import FormatCheck
from facemtl.export.tolerances import fault

pytestmark = pytest.mark.slow


def run(verb, *words):
    return forked.run([sys.executable, "-m", f"facemtl.{verb}", *words])


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A CSV of drawn faces, all of them to test on."""
    return write_drawn(tmp_path_factory.mktemp("data"), 30, seed=4)


@pytest.fixture
def exported(tmp_path):
    shutil.copytree(stitched_export(), tmp_path / "exported")
    return tmp_path / "exported"


def test_an_export_is_written_and_checked(data, tmp_path):
    out = tmp_path / "out"
    made = run(
        "export",
        *(stitched_export() / "model.keras", "--out", out),
        *("--formats", "tflite", "--quantize", "none,int8", "--data", data),
    )
    assert made.returncode == 0, made.stderr
    assert f"{out}/model_int8_batch.tflite: " in made.stdout
    names = {file.name for file in out.iterdir()}
    assert names == {
        "facemtl.json",
        "model.keras",
        "model_float32.tflite",
        "model_float32_batch.tflite",
        "model_int8.tflite",
        "model_int8_batch.tflite",
    }
    report = tmp_path / "results" / "export"
    done = run("export", "--check", out, "--data", data, "--report", report)
    assert "| model_int8.tflite | " in done.stdout, done.stderr
    assert "30 faces; differences from `model.keras`" in done.stdout
    assert "cross_stitch, " in done.stdout
    assert (report / "check.md").read_text() in done.stdout
    text = (report / "check.json").read_text()
    assert str(tmp_path) not in text + (report / "check.md").read_text()
    content = json.loads(text)
    assert [row["file"] for row in content["formats"]] == [
        file.name for file in exported_files(out)
    ]
    float32 = next(
        row for row in content["formats"] if "float32" in row["file"]
    )
    assert float32["points"][1] < 0.001
    assert float32["milliseconds"] > 0
    sidecar = json.loads((out / "facemtl.json").read_text())
    assert sidecar["scores"]["model_int8.tflite"]["n"] == 30


def test_a_format_of_another_network_fails_the_check(data, exported):
    for file in exported.glob("*.tflite"):
        file.unlink()
    passes = run("export", "--check", exported, "--data", data)
    assert passes.returncode == 0, passes.stderr
    # The same tasks and crops, other weights.
    from facemtl.export.formats import export_network
    from facemtl.models import FaceNetwork, load_model

    config = load_model(exported / "model.keras").get_config()
    FaceNetwork(**config).save(exported.parent / "other.keras")
    other = export_network(
        exported.parent / "other.keras", exported.parent / "other",
        formats=["onnx"], verbose=0,
    )  # fmt: skip
    shutil.copy(other / "model.onnx", exported)
    fails = run("export", "--check", exported, "--data", data)
    assert fails.returncode == 1
    (row,) = [x for x in fails.stdout.splitlines() if "model.onnx" in x]
    assert "a point differs by" in row
    assert "> 0.01" in row


def check(file, points=None, error=0.0, accuracy=0.0):
    scores = {
        "landmarks": {"mean_error_box": error},
        "attributes": {"smile": {"accuracy": accuracy}},
    }
    return FormatCheck(file, points, None, scores, 1, 1, 1)


def test_tolerances_are_those_of_the_readme():
    keras = check("model.keras", (0, 0), 2.0, 90.0)
    for file, points, error, accuracy, passes in [
        ("saved_model", (0.0, 0.009), 2.0, 90.0, True),
        ("saved_model", (0.0, 0.011), 2.0, 90.0, False),
        ("saved_model", (float("nan"),) * 2, 2.0, 90.0, False),
        ("model_float16.tflite", (0.01, 0.049), 2.0, 90.0, True),
        ("model_float16.tflite", (0.01, 0.051), 2.0, 90.0, False),
        ("model_int8.tflite", (0.2, 1.0), 2.09, 89.1, True),
        ("model_int8.tflite", (0.2, 1.0), 2.11, 90.0, False),
        ("model_dynamic.tflite", (0.2, 1.0), 2.0, 88.9, False),
    ]:
        found = fault(check(file, points, error, accuracy), keras)
        assert (found == "") == passes, (file, found)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Expected MODEL --out DIR to export, or --check"),
        (["m", "--check", "d"], "Received: both"),
        (["m"], "Expected --out DIR"),
        (["m", "--out", "o", "--quantize", "int8"], "to calibrate int8"),
        (["m", "--out", "o", "--formats", "coreml"], "Received: coreml"),
        (["m", "--out", "o"], "Expected a run folder with model.keras"),
        (["--check", "nowhere"], "which facemtl export writes"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(words, message, tmp_path):
    words = [tmp_path / "o" if word == "o" else word for word in words]
    done = run("export", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "o").exists()


def test_evaluate_takes_every_format(data):
    for name in ("model.onnx", "saved_model", "model_float16.tflite"):
        done = run("evaluate", stitched_export() / name, "--data", data)
        assert done.returncode == 0, done.stderr
        assert "30 faces" in done.stdout


def test_what_has_no_labels_has_no_score(data, tmp_path):
    folder = shutil.copytree(own_export(), tmp_path / "own")
    faces = tmp_path / "faces.csv"
    photo = data.parent / "0.png"
    faces.write_text(
        f"file,left,top,right,bottom,beard\n{photo},9,9,99,99,some\n"
    )
    lines = table(check_export(folder, str(faces), verbose=0)).splitlines()
    assert len(lines) == 2 + len(exported_files(folder))
    # Differences of points there are; an error of points there is not.
    assert all(line.count(" – ") == 2 for line in lines[2:])
