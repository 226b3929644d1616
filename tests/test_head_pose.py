"""Yaw, pitch and roll of a head, from its points."""

import csv
import io
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from facemtl.data.synthetic.head import View, rotation
from facemtl.data.synthetic.sample import people
from facemtl.geometry.head_pose import (
    MEAN_HEAD,
    HeadPose,
    euler_angles,
    head_angles,
    head_pose,
)
from facemtl.inference.face import Face
from facemtl.inference.make_face import make_face
from facemtl.predict.output import CsvTable, PhotoResult
from facemtl.tasks import LANDMARKS, SMILE, load_tasks

HEAD = np.array([*MEAN_HEAD.values()])
MIRRORED = [1, 0, 2, 4, 3]
# Poses as (yaw, pitch, roll), of each sign.
POSES = [
    (0, 0, 0),
    (40, 0, 0),
    (-40, 0, 0),
    (0, 25, 0),
    (0, -25, 0),
    (0, 0, 30),
    (0, 0, -120),
    (60, -20, 15),
    (-75, 30, -45),
    (85, 10, 179),
]


def projected(yaw, pitch, roll, scale=40.0, shift=(300.0, 200.0)):
    """The mean head's points, by the drawn faces' rotation."""
    radians = np.radians([yaw, -pitch, roll])
    turn = rotation(View(*radians, distance=9, scale=1, centre_x=0, centre_y=0))
    return scale * HEAD @ turn[:2].T + shift


def angles(points):
    pose = head_pose(points)
    return np.array([pose.yaw, pose.pitch, pose.roll])


def face_of(points):
    places = zip(MEAN_HEAD, map(tuple, points.tolist()), strict=True)
    return Face((0.0, 0.0, 9.0, 9.0), dict(places))


@pytest.mark.parametrize("pose", POSES)
def test_a_projected_head_has_its_angles(pose):
    np.testing.assert_allclose(angles(projected(*pose)), pose, atol=1e-6)


def test_the_signs_are_those_of_the_docstring():
    middle = projected(0, 0, 0)
    right, up = projected(20, 0, 0), projected(0, 20, 0)
    clockwise = projected(0, 0, 20)
    assert right[2, 0] > middle[2, 0]
    assert up[2, 1] < middle[2, 1]
    # The eye at the image's right goes down.
    assert clockwise[1, 1] > clockwise[0, 1]


@pytest.mark.parametrize("pose", POSES[:8])
def test_scale_and_shift_change_nothing(pose):
    found = angles(projected(*pose, scale=1e-3, shift=(-5.0, 1e3)))
    np.testing.assert_allclose(found, pose, atol=1e-4)


@pytest.mark.parametrize("degrees", [10, -35, 90])
def test_a_rotated_photo_changes_roll_alone(degrees):
    points = projected(25, -10, 5) + np.random.default_rng(0).normal(
        0, 1, (5, 2)
    )
    before = angles(points)
    matrix = cv2.getRotationMatrix2D((50, 60), -degrees, 1)  # clockwise
    after = angles(points @ matrix[:, :2].T + matrix[:, 2])
    np.testing.assert_allclose(after - before, [0, 0, degrees], atol=1e-6)


def test_a_mirror_image_negates_yaw_and_roll():
    points = projected(25, -10, 5) + np.random.default_rng(1).normal(
        0, 1, (5, 2)
    )
    mirrored = (points * (-1, 1))[MIRRORED]
    expected = angles(points) * (-1, 1, -1)
    np.testing.assert_allclose(angles(mirrored), expected, atol=1e-6)


def test_an_upside_down_face_is_rolled_by_180_degrees():
    yaw, pitch, roll = angles(-projected(10, 5, 0))
    np.testing.assert_allclose([yaw, pitch, abs(roll)], [10, 5, 180], atol=1e-6)


@pytest.mark.parametrize(
    "points",
    [
        np.zeros((5, 2)),
        np.full((5, 2), 100.0),
        np.full((5, 2), np.nan),
        np.where(np.arange(10).reshape(5, 2) == 4, np.nan, projected(0, 0, 0)),
        np.where(np.arange(10).reshape(5, 2) == 7, np.inf, projected(0, 0, 0)),
        np.arange(5.0)[:, None] * (2.0, 3.0) + 0.1,
        projected(0, 0, 0) * (-1, 1),  # left and right are not exchanged
        projected(0, 0, 0) * (1, -1),
        projected(30, 10, 5)[MIRRORED],
    ],
    ids=[
        *("zeros", "one place", "NaN", "one NaN", "infinity", "a line"),
        *("mirrored", "flipped", "exchanged sides"),
    ],
)
def test_points_that_no_head_has_have_no_pose(points):
    assert head_pose(points) is None
    face = face_of(points)
    assert face.pose is None
    assert face.to_dict()["head_pose"] is None


def test_many_heads_have_the_angles_of_each():
    drawn = people(3, range(40), 160).points
    drawn[7, 2] = np.nan
    found = head_angles(drawn)
    assert np.isnan(found[7]).all()
    for i in (0, 6, 8, 39):
        np.testing.assert_allclose(found[i], angles(drawn[i]), atol=1e-9)
    assert head_angles(np.empty((0, 5, 2))).shape == (0, 3)


def test_drawn_faces_have_about_their_angles():
    """See `presets/head_pose.md`; 200 faces, of another seed."""
    drawn = people(4, range(200), 160)
    yaw, pitch, roll = head_angles(drawn.points).T
    assert np.abs(yaw - np.degrees(drawn.view.yaw)).mean() < 3.5
    assert np.abs(roll - np.degrees(drawn.view.roll)).mean() < 2.8
    # The drawn pitch is positive downwards.
    assert np.corrcoef(pitch, -drawn.view.pitch)[0, 1] > 0.6


@pytest.mark.parametrize("layout", ["points68", "points98"])
def test_dense_layouts_give_the_same_pose(layout):
    wanted = dict(zip(MEAN_HEAD, projected(30, -10, 5), strict=True))
    points = dict.fromkeys(load_tasks(layout)[0].names, (0.0, 0.0))
    for name in points:
        for eye in ("left eye", "right eye"):
            if name.startswith(f"{eye} "):
                points[name] = tuple(wanted[eye])
    points["nose bridge 4"] = tuple(wanted["nose"])
    points["outer lip 1"] = tuple(wanted["left mouth corner"])
    points["outer lip 7"] = tuple(wanted["right mouth corner"])
    pose = Face((0.0, 0.0, 9.0, 9.0), points).pose
    found = (pose.yaw, pose.pitch, pose.roll)
    np.testing.assert_allclose(found, (30, -10, 5), atol=1e-6)


def test_a_network_without_the_points_has_no_pose():
    none = make_face([SMILE], {"smile": np.array([0.4, 0.6])}, np.arange(4))
    assert none.pose is None
    assert none.to_dict()["head_pose"] is None
    points = face_of(projected(0, 0, 0)).points
    four = {k: x for k, x in points.items() if k != "nose"}
    assert Face((0.0, 0.0, 9.0, 9.0), four).pose is None


def test_json_and_csv_have_the_angles_in_degrees():
    points = projected(-31.236, 8.5, 2)
    face = make_face([LANDMARKS], {"landmarks": points}, np.arange(4))
    assert face.pose == HeadPose(*angles(points))
    told = json.loads(json.dumps(face.to_dict()))["head_pose"]
    assert told == {"yaw": -31.24, "pitch": 8.5, "roll": 2.0}
    lost = face_of(np.full((5, 2), 3.0))
    out = io.StringIO()
    with CsvTable(out) as table:
        table.add(PhotoResult("a.jpg", [face, lost]))
    first, second = csv.DictReader(io.StringIO(out.getvalue()))
    columns = ("head yaw", "head pitch", "head roll")
    assert [first[x] for x in columns] == ["-31.24", "8.5", "2.0"]
    assert [second[x] for x in columns] == [""] * 3


@pytest.fixture
def presets(monkeypatch):
    """The folder `presets/` can be imported from."""
    monkeypatch.syspath_prepend(Path(__file__).parent.parent / "presets")


def test_the_mean_head_is_found_again_from_its_projections(presets):
    from mean_head import mean_head

    rng = np.random.default_rng(5)
    classes = np.arange(150) % 5
    yaws = 25 * (classes - 2) + rng.uniform(-12, 12, 150)
    pitches, rolls = rng.normal(0, 12, (2, 150))
    pitches[classes == 2] -= np.median(pitches[classes == 2])
    poses = zip(yaws, pitches, rolls, strict=True)
    points = np.array([projected(*pose) for pose in poses])
    found = mean_head(points, classes)
    np.testing.assert_allclose(found, HEAD - HEAD.mean(0), atol=2e-3)


def test_drawn_angles_to_the_line_of_sight(presets):
    """A head that looks at the camera, from beside its axis, has yaw 0."""
    from pose_scores import errors, in_sight, neighbours

    def sight(yaw, distance):
        places = {"scale": 1.0, "centre_x": 0.0, "centre_y": 0.0}
        fields = {"yaw": yaw, "pitch": 0.0, "roll": 0.0, "distance": distance}
        view = {k: np.array([x]) for k, x in (fields | places).items()}
        return euler_angles(in_sight(View(**view)))[0]

    np.testing.assert_allclose(
        sight(0.3, 1e9), [np.degrees(0.3), 0, 0], atol=1e-6
    )
    yaw, pitch, _ = sight(0.3, 6.0)
    ahead = 6.0 - 1.07 * np.cos(0.3)
    beside = np.degrees(np.arctan2(1.07 * np.sin(0.3), ahead))
    assert yaw == pytest.approx(np.degrees(0.3) + beside, abs=0.2)
    # The face is below the axis, and so looks below the camera.
    assert pitch == pytest.approx(-np.degrees(np.arctan2(0.5, ahead)), abs=0.2)
    truth = np.array([[10.0, 0.0, 179.0], [-10.0, 5.0, 0.0], [0.0, 1.0, 1.0]])
    found = errors(truth + (1, 0, 3), truth)
    assert found["yaw"]["bias"] == 1.0
    assert found["roll"]["mean_absolute_error"] == 3.0
    classes = np.arange(10) // 2
    assert neighbours(np.arange(10.0), classes) == [1.0] * 4
    assert neighbours(-np.arange(10.0), classes) == [0.0] * 4


def test_the_committed_tables_are_those_of_the_results(presets):
    from head_pose_table import table

    file = Path(__file__).parent.parent / "presets" / "head_pose.json"
    result = json.loads(file.read_text("utf-8"))
    assert table(result) == file.with_suffix(".md").read_text("utf-8")
    for split in result["classes"].values():
        for row in split["rows"]:
            assert sorted(row["yaw"]) == row["yaw"]
            assert min(row["auc"]) > 0.9
