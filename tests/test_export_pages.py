"""What docs/export/python.md shows is what its program prints."""

import importlib.util
import re
from pathlib import Path

import cv2
import pytest

from facemtl.data.synthetic.faces import synthetic_faces

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/export/python.md").read_text(encoding="utf-8")
NUMBER = r"-?\d+\.\d+"


def test_a_drawn_face_has_the_shown_predictions(tmp_path, capsys):
    (words,) = re.findall(r"face\.py \S+tflite photo\.png (.+)", PAGE)
    (shown,) = re.findall(r"```text\n(.+?)```", PAGE, re.DOTALL)
    faces = synthetic_faces(1, seed=3)
    assert [round(x) for x in faces.boxes[0]] == [int(x) for x in words.split()]
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), faces.images.read(faces.names[0])[..., ::-1])
    preset = ROOT / "facemtl/presets/base.tflite"
    program().main(str(preset), str(photo), *words.split())
    printed = capsys.readouterr().out
    assert re.sub(NUMBER, "", printed) == re.sub(NUMBER, "", shown)
    # The page shows float32; the weights of the preset have 16 bits.
    assert numbers(printed) == pytest.approx(numbers(shown), abs=0.02)


def numbers(text):
    return [float(x) for x in re.findall(NUMBER, text)]


def program():
    file = ROOT / "export/apps/python/face.py"
    found = importlib.util.spec_from_file_location("face", file)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module
