"""Where there is no TensorFlow: NumPy, OpenCV and ai-edge-litert are enough."""

import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from export_case import own_export, stitched_export

import facemtl
from facemtl.data.synthetic.faces import synthetic_faces

ROOT = Path(facemtl.__file__).parent.parent
# Made beside the environment of the tests, as .venv-lite beside .venv.
PYTHON = Path(f"{sys.prefix}-lite/bin/python")
FACES = synthetic_faces(1, seed=31)
BOX = FACES.boxes[0] + [-3.0, 2.0, -3.0, 4.0]

pytestmark = [
    pytest.mark.lite,
    pytest.mark.skipif(
        not PYTHON.exists(),
        reason=f"needs {PYTHON}, which `make test` sets up",
    ),
]


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    file = tmp_path_factory.mktemp("photo") / "face.png"
    cv2.imwrite(str(file), FACES.images.read(FACES.names[0])[..., ::-1])
    return file


def python(*words):
    return subprocess.run(
        [str(PYTHON), *map(str, words)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_there_is_no_tensorflow():
    assert "No module named" in python("-c", "import tensorflow").stderr


@pytest.mark.parametrize("name", ["float32", "int8", "tiny"])
def test_the_command_predicts(name, photo, tmp_path):
    boxes = tmp_path / "boxes.csv"
    row = ",".join(map(str, BOX))
    boxes.write_text(f"file,left,top,right,bottom\n{photo},{row}\n")
    exported = stitched_export() / f"model_{name}.tflite"
    model = exported if exported.exists() else name  # a preset
    done = python(
        *("-m", "facemtl.predict", photo, "--model", model),
        *("--boxes", boxes, "--json", "-"),
    )
    assert done.returncode == 0, done.stderr
    (face,) = json.loads(done.stdout)[0]["faces"]
    (wanted,) = facemtl.Predictor.load(model)(photo, [BOX])
    for point, place in wanted.to_dict()["points"].items():
        np.testing.assert_allclose(face["points"][point], place, atol=0.02)


def test_what_is_not_there_is_told_in_a_line(photo):
    for model, package, source in (
        ("saved_model", "TensorFlow", '"facemtl[train]"'),
        ("model.keras", "TensorFlow", '"facemtl[train]"'),
        ("model.onnx", "ONNX Runtime", '"facemtl[export]"'),
    ):
        file = stitched_export() / model
        done = python("-m", "facemtl.predict", photo, "--model", file)
        assert done.returncode == 2
        assert done.stderr == (
            f"error: {file} needs {package}. "
            f"Install it with: pip install {source}\n"
        )


@pytest.mark.parametrize("export", [stitched_export, own_export])
def test_the_python_app_says_what_the_predictor_says(export, photo):
    app = ROOT / "export/apps/python/face.py"
    assert len(app.read_text().splitlines()) < 90
    model = export() / "model_float32.tflite"
    done = python(app, model, photo, *BOX)
    assert done.returncode == 0, done.stderr
    lines = [line.split(": ") for line in done.stdout.splitlines()]
    assert {*map(len, lines)} == {2}, done.stdout
    said = dict(lines)
    (face,) = facemtl.Predictor.load(model)(photo, [BOX])
    for name, place in face.points.items():
        shown = [float(x) for x in said[name].split()]
        np.testing.assert_allclose(shown, place, atol=0.05)
    for task, attribute in face.attributes.items():
        # A class may have a space in its name, such as "left profile".
        name, _, probability = said[task].rpartition(" ")
        assert name == attribute.name
        assert float(probability) == pytest.approx(
            attribute.probability, abs=1e-3
        )
    assert "python face.py" in python(app).stderr


def test_the_app_with_onnx_runtime_says_the_same(photo, capsys):
    app = runpy.run_path(str(ROOT / "export/apps/python/face.py"))
    app["main"](str(stitched_export() / "model.onnx"), str(photo), *BOX)
    said = capsys.readouterr().out
    model = stitched_export() / "model_float32.tflite"
    done = python(ROOT / "export/apps/python/face.py", model, photo, *BOX)
    assert re.sub(r"[\d.]", "", said) == re.sub(r"[\d.]", "", done.stdout)
    numbers = [
        [float(x) for x in re.findall(r"\d+\.\d+", text)]
        for text in (said, done.stdout)
    ]
    np.testing.assert_allclose(*numbers, atol=0.011)
