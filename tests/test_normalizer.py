"""Normalizers of points: a task's own, in TOMLs, scores and networks."""

from dataclasses import replace

import numpy as np
import pytest
from test_convert_points import template_68, template_98
from test_scores import table

from facemtl.data.csv.reader import read_csv
from facemtl.data.csv.writer import write_csv
from facemtl.errors import InputError
from facemtl.evaluation.predictions import Predictions
from facemtl.evaluation.report import table as score_table
from facemtl.evaluation.scores import score
from facemtl.geometry.crops import CropSpec
from facemtl.inference.sidecar import Sidecar
from facemtl.models import FaceNetwork
from facemtl.studies.measures import describe, face_scores
from facemtl.studies.report.study_report import how_to_read
from facemtl.tasks import (
    LANDMARKS,
    SMILE,
    Normalizer,
    Task,
    load_layout,
    load_tasks,
)

POINTS_68 = load_layout("points68")
# iBUG's eyes, counted from 1.
LEFT, RIGHT = range(37, 43), range(43, 49)
PUPILS = Normalizer(
    "pupils",
    (
        [POINTS_68.names[i - 1] for i in LEFT],
        [POINTS_68.names[i - 1] for i in RIGHT],
    ),
)


def some_faces(task, n=6):
    """N faces of 68 points in boxes 100 wide, and predictions."""
    rng = np.random.default_rng(1)
    truth = 50 + 5 * template_68() + rng.normal(0, 1, (n, 68, 2))
    faces = table((task,), landmarks=truth)
    return faces, {"landmarks": truth + rng.normal(0, 2, truth.shape)}


def nme(truth, predicted, left, right):
    """300-W's formula in percent, with points counted from 1."""
    ends = [truth[:, np.array(end) - 1].mean(axis=1) for end in (left, right)]
    apart = np.linalg.norm(ends[0] - ends[1], axis=1)
    error = np.linalg.norm(predicted - truth, axis=2).mean(axis=1)
    return 100 * error / apart


@pytest.mark.parametrize(
    ("normalizer", "left", "right"),
    [(POINTS_68.normalizer, [37], [46]), (PUPILS, LEFT, RIGHT)],
    ids=["corners", "pupils"],
)
def test_scores_follow_the_formula_of_300_w(normalizer, left, right):
    task = replace(POINTS_68, normalizer=normalizer)
    faces, predicted = some_faces(task)
    truth = faces.labels["landmarks"]
    expected = nme(truth, predicted["landmarks"], left, right)
    found = score(faces, predicted)["landmarks"]
    name = normalizer.name
    assert found[f"mean_error_{name}"] == pytest.approx(
        expected.mean(), abs=1e-4
    )
    failed = 100 * (expected > 10).mean()
    assert found[f"failure_rate_{name}_10"] == pytest.approx(failed, abs=1e-4)
    assert found["normalizer"] == normalizer.to_dict()
    assert not [key for key in found if "interocular" in key]
    # The scores of a study are the same, face by face.
    one = Predictions(
        faces.tasks, faces.names, faces.boxes, faces.labels, predicted
    )
    scores = face_scores(one)
    np.testing.assert_allclose(scores[f"mean_error_{name}"], expected)
    over = scores[f"failure_rate_{name}_10"]
    np.testing.assert_array_equal(over, 100.0 * (expected > 10))


def test_faces_without_a_point_of_an_end_are_left_out():
    task = replace(POINTS_68, normalizer=PUPILS)
    faces, predicted = some_faces(task)
    faces.labels["landmarks"][0, 40] = np.nan  # a point of the left eye
    faces.labels["landmarks"][1, 0] = np.nan  # of the jaw
    found = score(faces, predicted)["landmarks"]
    assert found["n_pupils"] == 5
    faces.labels["landmarks"][:, 40] = np.nan
    found = score(faces, predicted)["landmarks"]
    assert not [key for key in found if "pupils" in key]


def test_eyes_by_name_serve_a_task_without_a_normalizer():
    truth = np.array([[[30.0, 20.0], [70.0, 20.0], [50.0, 60.0]]])
    names = ("left eye", "right eye", "chin")
    plain = Task("landmarks", "landmarks", names)
    moved = {"landmarks": truth + [4.0, 0.0]}
    found = score(table((plain,), landmarks=truth), moved)["landmarks"]
    assert found["mean_error_interocular"] == 10.0
    assert "normalizer" not in found
    height = Normalizer("height", (("left eye", "right eye"), "chin"))
    named = replace(plain, normalizer=height)
    found = score(table((named,), landmarks=truth), moved)["landmarks"]
    assert found["mean_error_height"] == 10.0  # 40 px from (50, 20)
    assert "mean_error_interocular" not in found


def test_the_layouts_corners_are_the_published_ones():
    points_98 = load_layout("points98")
    for task, ends in ((POINTS_68, ([36], [45])), (points_98, ([60], [72]))):
        assert task.normalizer.name == "eye_corners"
        assert task.normalizer.indices(task.names) == ends
    # The corners are the outermost points of the eyes.
    for face, task in ((template_68(), POINTS_68), (template_98(), points_98)):
        eyes = [i for i, name in enumerate(task.names) if "eye" in name]
        ends = task.normalizer.indices(task.names)
        outer = face[eyes, 0].argmin(), face[eyes, 0].argmax()
        assert [eyes[i] for i in outer] == [ends[0][0], ends[1][0]]


def test_tables_name_the_normalizer():
    faces, predicted = some_faces(POINTS_68)
    text = score_table(score(faces, predicted))
    lines = text.splitlines()
    head = next(line for line in lines if line.startswith("landmarks"))
    assert head.split("  ")[-2:] == [
        "NME-eye corners, %",
        "FR@10 %-eye corners",
    ]
    whole = next(line for line in lines if line.startswith("all"))
    assert len(whole) == len(head)
    assert "eye corners: the distance from left eye 1 to right eye 4" in lines
    # 68 points are shown by part of the face.
    parts = [line[2:24].strip() for line in lines if line.startswith("  ")]
    assert parts[:3] == ["jaw (17 points)", "left brow (5 points)"] + [
        "right brow (5 points)"
    ]
    assert len(parts) == 9
    assert describe("mean_error_eye_corners").title == "NME-eye corners, %"
    title = describe("failure_rate_eye_corners_10").title
    assert title == "FR@10 %-eye corners"


def test_the_normalizer_of_the_data_has_priority():
    faces, predicted = some_faces(replace(POINTS_68, normalizer=PUPILS))
    found = score(faces.including((POINTS_68,)), predicted)["landmarks"]
    assert "mean_error_pupils" in found
    assert "mean_error_eye_corners" not in found
    faces, _ = some_faces(replace(POINTS_68, normalizer=None))
    found = score(faces.including((POINTS_68, SMILE)), predicted)["landmarks"]
    assert "mean_error_eye_corners" in found


TOML = """
[[task]]
name = "points"
kind = "landmarks"
names = ["leye", "reye", "chin"]
mirror = [["leye", "reye"]]
"""


def test_a_toml_names_the_normalizer(tmp_path):
    file = tmp_path / "tasks.toml"
    file.write_text(
        TOML + 'normalizer = { name = "eyes", ends = ["leye", "reye"] }'
    )
    (task,) = load_tasks(file)
    assert task.normalizer == Normalizer("eyes", (("leye",), ("reye",)))
    assert Task.from_dict(task.to_dict()) == task
    file.write_text(
        TOML
        + """
        [task.normalizer]
        name = "height"
        ends = [["leye", "reye"], "chin"]
        """
    )
    (task,) = load_tasks(file)
    assert task.normalizer.indices(task.names) == ([0, 1], [2])
    assert "normalizer" not in LANDMARKS.to_dict()


EXPECTED = (
    'Expected normalizer = { name = "eye_corners", ends = ["POINT", "POINT"] }'
    ", where an end is a point or a list of points. Received: "
)


@pytest.mark.parametrize(
    ("normalizer", "message"),
    [
        (
            '{ name = "eyes", ends = ["leye", "nose"] }',
            "Task 'points': Normalizer 'eyes': expected points of the task. "
            "Received: 'nose'.",
        ),
        (
            '{ name = "eyes", ends = [["leye", "chin"], "leye"] }',
            "Task 'points': Normalizer 'eyes': expected each point once, at "
            "one end. Received: 'leye' twice.",
        ),
        (
            '{ name = "eyes", ends = ["leye", []] }',
            "Task 'points': Expected a normalizer with two ends, each a point "
            "or a list of one or more points. Received: ['leye', []].",
        ),
        (
            '{ name = "eyes", ends = ["leye", "reye", "chin"] }',
            "Task 'points': Expected a normalizer with two ends, each a point "
            "or a list of one or more points. Received: ['leye', 'reye', "
            "'chin'].",
        ),
        (
            '{ name = "the eyes", ends = ["leye", "reye"] }',
            "Task 'points': Expected a normalizer's name of at most 40 "
            "lower-case letters, digits and '_', such as 'eye_corners'. "
            "Received: 'the eyes'.",
        ),
        (
            '{ name = "box", ends = ["leye", "reye"] }',
            "Task 'points': Expected a normalizer's name other than 'box' and "
            "'face_box', whose scores exist. Received: 'box'.",
        ),
        ('"eyes"', f"Task 'points': {EXPECTED}'eyes'."),
        (
            '{ ends = ["leye", "reye"] }',
            f"Task 'points': {EXPECTED}{{'ends': ['leye', 'reye']}}.",
        ),
    ],
    ids=["unknown", "twice", "empty", "three", "words", "box", "text", "part"],
)
def test_normalizers_that_cannot_be_read(normalizer, message, tmp_path):
    file = tmp_path / "tasks.toml"
    file.write_text(f"{TOML}normalizer = {normalizer}")
    with pytest.raises(InputError) as error:
        load_tasks(file)
    assert str(error.value) == message


def test_attributes_have_no_normalizer():
    eyes = Normalizer("eyes", ("yes", "no"))
    with pytest.raises(InputError) as error:
        Task("smile", "classes", ("yes", "no"), normalizer=eyes)
    assert str(error.value).startswith(
        "Task 'smile': expected a facemtl.Normalizer, of a task of landmarks "
        "only. Received: "
    )
    with pytest.raises(InputError, match="of a task of landmarks only"):
        Task("points", "landmarks", ("a", "b"), normalizer=("a", "b"))


def test_a_layout_is_found_by_name(tmp_path, monkeypatch):
    faces, _ = some_faces(POINTS_68, 2)
    write_csv(faces, tmp_path / "faces.csv")
    read = read_csv(tmp_path / "faces.csv", tasks_file="points68")
    assert read.tasks == (POINTS_68,)
    np.testing.assert_allclose(
        read.labels["landmarks"], faces.labels["landmarks"], atol=1e-3
    )
    with pytest.raises(InputError) as error:
        read_csv(tmp_path / "faces.csv", tasks_file="points69")
    assert str(error.value) == (
        "Expected a TOML of tasks, or one of points68, points98. Received: "
        "'points69'."
    )
    # As for presets, a name has priority over a file, and ./ names the file.
    monkeypatch.chdir(tmp_path)
    (tmp_path / "points68").write_text(TOML)
    assert load_tasks("points68") == (POINTS_68,)
    assert load_tasks("./points68")[0].size == 3


def test_networks_and_their_files_keep_the_normalizer():
    task = replace(POINTS_68, normalizer=PUPILS)
    network = FaceNetwork((task, SMILE), CropSpec().to_dict(), "split")
    assert FaceNetwork.from_config(network.get_config()).tasks[0] == task
    sidecar = Sidecar((task, SMILE), CropSpec())
    assert Sidecar.from_json(sidecar.to_json()).tasks == (task, SMILE)


def test_columns_of_a_layouts_points_are_recognised(tmp_path):
    faces, _ = some_faces(POINTS_68, 2)
    write_csv(faces, tmp_path / "faces.csv")
    with pytest.raises(InputError, match="unknown: ") as error:
        read_csv(tmp_path / "faces.csv")
    assert str(error.value).endswith(
        "For 68 points in the order of iBUG (300-W), set data.tasks=points68 "
        "(facemtl fit, facemtl data check: --set data.tasks=points68)."
    )


def test_reports_explain_a_normalizer_of_the_task():
    measures = ("mean_error_box", "mean_error_eye_corners")
    study = {"seeds": 1, "baselines": []}
    results = {"measures": measures, "study": study, "groups": []}
    assert "<dt>NME-eye corners, %</dt>" in how_to_read(results)
    results["measures"] = ("mean_error_box", "mean_error_interocular")
    assert how_to_read(results).count("<dt>NME") == 1
