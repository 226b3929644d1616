"""Names of points and classes: refused when a task is made, or shown right."""

import csv
import io
import subprocess
import sys
from dataclasses import replace

import cv2
import numpy as np
import pytest

from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.evaluation.report import draw_predictions
from facemtl.inference.face import Attribute, Face
from facemtl.inference.sidecar import Sidecar
from facemtl.models import FaceNetwork
from facemtl.predict.output import CsvTable, PhotoResult
from facemtl.tasks import LANDMARKS, Task, load_tasks

REFUSED = {
    "half a character": "a\ud800",
    "another half": "\udce9",
    "a line": "two\nlines",
    "a tab": "a\tb",
    "nul": "a\0b",
    "escape": "\x1b[2J",
    "delete": "\x7f",
    "a C1 control": "\x9b2J",
    "a line separator": "a\u2028b",
    "empty": "",
    "blank": "  ",
    "a blank before": " yes",
    "a blank behind": "yes ",
    "a wide blank behind": "yes\u3000",
    "long": "a" * 201,
    "very long": "a" * 10**6,
}
TAKEN = [
    *("$x_1$", "$", "$$", r"\$a", r"$\frac", "a\\b", '"quoted"', "it's"),
    *("a/b", "a.b", "left eye (outer)", "größer als", "笑", "😀", "e\u0301"),
    *("=1+1", "+a", "-", "@x", "|", "<b>", "%s", "{0}", "_x", "a" * 200),
]


@pytest.mark.parametrize("kind", ["classes", "landmarks"])
@pytest.mark.parametrize("what", REFUSED)
def test_a_name_that_cannot_be_written_is_refused(what, kind):
    with pytest.raises(InputError) as error:
        Task("mood", kind, ("calm", REFUSED[what]))
    said = str(error.value)
    assert said.startswith("Task 'mood': expected names of 1 to 200 characters")
    assert said.isprintable()
    assert len(said) < 600


@pytest.mark.parametrize("name", TAKEN, ids=range(len(TAKEN)))
def test_other_names_are_taken(name):
    task = Task("mood", "classes", ("calm", name))
    assert Sidecar.from_json(
        Sidecar((task,), FaceNetwork((task,), width=0.1).crop).to_json()
    ).tasks == (task,)


@pytest.mark.parametrize("name", ["image", "scale", "fc", "flat", "conv1"])
def test_names_of_every_networks_layers(name):
    with pytest.raises(InputError) as error:
        Task(name, "value")
    assert str(error.value) == (
        "Expected task names other than those of the network's own layers. "
        f"Received: task '{name}', and a layer '{name}'. Rename the task."
    )


@pytest.mark.parametrize("name", ["crops", "boxes"])
def test_names_of_an_exports_inputs(name):
    with pytest.raises(InputError) as error:
        Task(name, "classes", ("yes", "no"))
    assert str(error.value) == (
        f"Expected task names other than '{name}', an export's input. Rename "
        "the task."
    )


def test_a_long_task_name():
    assert Task("a" * 100, "value").size == 1
    with pytest.raises(InputError, match="at most 100 characters"):
        Task("a" * 101, "value")


def test_a_file_of_tasks_names_itself(tmp_path):
    file = tmp_path / "tasks.toml"
    file.write_text(
        '[[task]]\nname = "mood"\nkind = "classes"\nnames = ["a", "b\\t"]\n'
    )
    with pytest.raises(InputError, match="names of 1 to 200 characters"):
        load_tasks(file)


@pytest.mark.slow
def test_names_that_sound_like_inputs_work(tmp_path):
    from facemtl.export.formats import export_network
    from facemtl.inference.runtimes import load_network

    names = ("photo", "jpeg", "score", "left", "file")
    values = [Task(name, "value") for name in names]
    network = FaceNetwork((LANDMARKS, *values), width=0.1)
    network.save(tmp_path / "m.keras")
    out = export_network(
        tmp_path / "m.keras", tmp_path / "out", quantize=["none"], verbose=0
    )
    crops = np.full((2, 40, 40, 1), 9, np.uint8)
    expected = network.predict(crops, verbose=0)
    for file in ("saved_model", "model.onnx", "model_float32.tflite"):
        found = load_network(out / file).predict(crops)
        for name in names:
            np.testing.assert_allclose(found[name], expected[name], atol=1e-4)


@pytest.mark.parametrize("task", ["file", "face", "left", "top", "score"])
def test_a_task_does_not_take_another_column(task):
    faces = [
        Face((1.0, 2.0, 3.0, 4.0), {}, {task: Attribute("yes", 0.9)}),
        Face((5.0, 6.0, 7.0, 8.0), {}, {task: Attribute("no", 0.8)}),
    ]
    out = io.StringIO()
    with CsvTable(out) as table:
        table.add(PhotoResult("a.jpg", faces))
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    column = task if task == "score" else f"{task} class"
    assert [row[column] for row in rows] == ["yes", "no"]
    assert [row["file"] for row in rows] == ["a.jpg"] * 2
    assert [row["face"] for row in rows] == ["1", "2"]
    assert [row["left"] for row in rows] == ["1.0", "5.0"]
    assert rows[0]["detector score" if task == "score" else "score"] == ""


# A file of another facemtl may hold any name.
DRAW = """
import numpy as np
from facemtl.inference.drawing import draw_faces
from facemtl.inference.face import Attribute, Face
for name in ("a\\ud800b", "\\udce9", "two\\nlines", "\\0", "$x$", "a" * 9000):
    face = Face((9.0, 9.0, 40.0, 40.0), {}, {"mood": Attribute(name, 0.9)})
    drawn = draw_faces(np.zeros((50, 50, 3), np.uint8), [face], [name])
    assert drawn.max() == 255
print("alive")
"""


def test_drawing_survives_half_a_character():
    done = subprocess.run(
        [sys.executable, "-c", DRAW], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "alive\n"


def test_a_title_of_dollars_is_drawn_as_it_is(tmp_path):
    faces = synthetic_faces(4, seed=1)
    odd = Task("mood", "classes", (r"$\frac", "a$b$c"))
    labels = {**faces.labels, "mood": np.array([0, 1, 0, 1])}
    faces = replace(faces, tasks=(LANDMARKS, odd), labels=labels)
    answers = {
        "landmarks": faces.labels["landmarks"],
        "mood": np.array([[0.9, 0.1]] * 4),
    }
    draw_predictions(faces, answers, tmp_path / "odd.png")
    assert cv2.imread(str(tmp_path / "odd.png")).shape[2] == 3
