"""Drawn faces: reproducible, exactly labelled, MTFL's proportions."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from facemtl.data.synthetic.draw import draw_face, picture
from facemtl.data.synthetic.draws import stream
from facemtl.data.synthetic.faces import (
    KEPT_SIZE,
    DrawnImages,
    synthetic_faces,
)
from facemtl.data.synthetic.head import (
    FACE_CENTRE,
    REFERENCE_Z,
    landmarks,
    project,
)
from facemtl.data.synthetic.sample import people
from facemtl.errors import InputError
from facemtl.tasks import MTFL_TASKS

SIZE = 96


@pytest.fixture(scope="module")
def faces():
    return synthetic_faces(3000, seed=5)


def in_boxes(faces):
    """Points in box units, and the boxes' sides."""
    corner, side = faces.boxes[:, :2], faces.boxes[:, 2] - faces.boxes[:, 0]
    points = faces.labels["landmarks"] - corner[:, None]
    return points / side[:, None, None], side


def nose_offset(points):
    """How far the nose is right of the eyes' middle, in eye distances."""
    eyes = points[:, 1, 0] - points[:, 0, 0]
    return (points[:, 2, 0] - points[:, :2, 0].mean(1)) / eyes


def variant(index, look=None, head=None, seed=3):
    """The photo of a face before the camera, with changed parameters."""
    person = people(seed, [index], 160)
    traits = person.traits.one(0)
    traits = replace(traits, **(look or {}))
    shape = replace(person.head.one(0), **(head or {}))
    view = replace(person.view.one(0), yaw=0.0, pitch=0.0, roll=0.0)
    rng = stream(seed, index, part=1)
    return picture(rng, shape, view, traits, 160).astype(int), view


def test_same_name_same_pixels_in_any_thread():
    def draw(index):
        return draw_face(2, index, SIZE)

    once = [draw(i) for i in range(8)]
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(draw, [*range(8), *range(8)]))
    for a, b, c in zip(once, again[:8], again[8:], strict=True):
        assert a.shape == (SIZE, SIZE, 3)
        assert a.dtype == np.uint8
        assert np.array_equal(a, b)
        assert np.array_equal(a, c)


@pytest.mark.parametrize("size", [SIZE, KEPT_SIZE + 1])
def test_a_photo_that_is_kept_is_the_readers_own(size):
    images = DrawnImages(size)
    photo = images.read("drawn/2/3")
    photo[:] = 0
    assert np.array_equal(images.read("drawn/2/3"), draw_face(2, 3, size))


def test_only_small_photos_are_kept(monkeypatch):
    drawn = []
    module = "facemtl.data.synthetic.faces.draw_face"
    monkeypatch.setattr(
        module, lambda *face: drawn.append(face) or draw_face(*face)
    )
    for size in (SIZE, KEPT_SIZE + 1):
        for _ in range(2):
            DrawnImages(size).read("drawn/91/4")
    large = (91, 4, KEPT_SIZE + 1)
    assert drawn == [(91, 4, SIZE), large, large]


def test_seeds_and_indices_differ():
    images = DrawnImages(SIZE)
    photos = [images.read(f"drawn/{s}/{i}") for s in (0, 1) for i in (0, 1)]
    for i in range(4):
        for j in range(i):
            assert (photos[i] != photos[j]).mean() > 0.5


def test_a_face_does_not_depend_on_how_many():
    few, many = synthetic_faces(3, seed=9), synthetic_faces(50, seed=9)
    assert list(few.names) == list(many.names[:3])
    np.testing.assert_allclose(few.boxes, many.boxes[:3], atol=1e-9)
    for task, labels in few.labels.items():
        np.testing.assert_allclose(labels, many.labels[task][:3], atol=1e-9)


def test_table(faces):
    assert len(faces) == 3000
    assert faces.tasks == MTFL_TASKS
    for task in MTFL_TASKS:
        labels = faces.labels[task.name]
        assert labels.shape == (3000, *task.label_shape)
        assert task.is_labelled(labels).all()
        if task.kind == "classes":
            share = np.bincount(labels, minlength=task.size) / len(labels)
            assert len(share) == task.size
            assert share.min() > 0.03
    assert abs(np.mean(faces.labels["smile"]) - 0.5) < 0.05
    assert abs(np.mean(faces.labels["gender"]) - 0.5) < 0.06
    assert abs(np.mean(faces.labels["glasses"] == 0) - 0.2) < 0.03


def test_points_lie_in_the_photo(faces):
    points = faces.labels["landmarks"]
    assert points.min() > 0
    assert points.max() < 159
    assert (points[:, 0, 0] < points[:, 1, 0]).all()
    assert (points[:, 3, 0] < points[:, 4, 0]).all()


def test_points_are_exact_projections():
    person = people(4, range(40), 160)
    view, space = person.view, landmarks(person.head)
    for i in range(40):
        cy, sy = np.cos(view.yaw[i]), np.sin(view.yaw[i])
        cp, sp = np.cos(view.pitch[i]), np.sin(view.pitch[i])
        cr, sr = np.cos(view.roll[i]), np.sin(view.roll[i])
        yaw = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        pitch = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
        roll = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
        turn = roll @ pitch @ yaw
        near = view.distance[i] - REFERENCE_Z

        def flat(place, turn=turn, near=near, i=i):
            x, y, z = turn @ place
            zoom = view.scale[i] * near / (view.distance[i] - z)
            return np.array([x, y]) * zoom

        middle = np.array([view.centre_x[i], view.centre_y[i]])
        middle = middle - flat(np.array(FACE_CENTRE))
        expected = [flat(place) + middle for place in space[i]]
        np.testing.assert_allclose(person.points[i], expected, atol=1e-6)


def test_pose_is_where_the_nose_points(faces):
    offset = nose_offset(faces.labels["landmarks"])
    means = [offset[faces.labels["pose"] == k].mean() for k in range(5)]
    np.testing.assert_allclose(
        means, [-0.50, -0.27, 0.0, 0.24, 0.46], atol=0.12
    )
    for k, sign in ((0, -1), (1, -1), (3, 1), (4, 1)):
        assert (sign * offset[faces.labels["pose"] == k] > -0.05).mean() > 0.95


def test_mirrored_statistics(faces):
    points, _ = in_boxes(faces)
    mirrored = points[:, [1, 0, 2, 4, 3]] * (-1, 1) + (1, 0)
    assert np.abs(points.mean(0) - mirrored.mean(0)).max() < 0.02
    assert np.abs(points.std(0) - mirrored.std(0)).max() < 0.02


def test_boxes_are_like_a_detectors(faces):
    boxes = faces.boxes
    np.testing.assert_allclose(
        boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    )
    points, _ = in_boxes(faces)
    spread = np.ptp(points, axis=1).max(axis=1)
    low, median, high = np.percentile(1 / spread, [5, 50, 95])
    assert 1.40 < low < 1.60
    assert abs(median - 1.78) < 0.06
    assert 2.00 < high < 2.20
    middle = (points.min(1) + points.max(1)) / 2 - 0.5
    low, high = np.percentile(middle, [5, 95], axis=0)
    assert low.min() > -0.11
    assert high.max() < 0.11


def test_pupils_are_dark_and_cheeks_are_not():
    dark = []
    for index in range(30):
        person = people(3, [index], 160)
        if person.traits.one(0).glasses:
            continue
        photo, view = variant(index)
        front = replace(
            person.view, yaw=np.zeros(1), pitch=np.zeros(1), roll=np.zeros(1)
        )
        points = project(front, landmarks(person.head))[0][0]
        grey = photo.mean(axis=2)
        for x, y in points[:2]:
            pupil = _patch(grey, x, y, 1)
            cheek = _patch(grey, x, y + 0.45 * view.scale, 3)
            dark.append(pupil < 0.8 * cheek)
    assert np.mean(dark) > 0.9


def _patch(grey, x, y, radius):
    x, y = round(float(x)), round(float(y))
    part = grey[y - radius : y + radius + 1, x - radius : x + radius + 1]
    return part.mean()


def test_glasses_change_the_eyes():
    changed = 0
    for index in range(6):
        bare, _ = variant(index, {"glasses": False})
        worn, _ = variant(index, {"glasses": True})
        far = np.abs(bare - worn).max(axis=2) > 12
        changed += far.sum() > 40
    assert changed == 6


def test_smile_changes_the_mouth_alone():
    index = 2
    head = {"open": 0.0}
    plain, view = variant(index, head={**head, "smile": 0.0})
    broad, _ = variant(index, head={**head, "smile": 1.0, "mouth_width": 0.6})
    change = np.abs(plain - broad).sum(axis=2)
    middle = int(view.centre_y)
    below = change[middle : middle + 50].sum()
    above = change[: middle - int(0.9 * view.scale)].sum()
    assert below > 10 * above


def test_stamps_tell_sizes_and_names_apart():
    stamps = {
        DrawnImages(size).stamp(name)
        for size in (64, 96)
        for name in ("drawn/0/0", "drawn/0/1", "drawn/1/0")
    }
    assert len(stamps) == 6


@pytest.mark.parametrize(
    "name",
    ["", "drawn/0", "drawn/0/x", "drawn/-1/0", "photo.jpg", "drawn/0/0/"],
)
def test_other_names_are_refused(name):
    with pytest.raises(InputError, match="Expected a drawn face's name"):
        DrawnImages().read(name)


@pytest.mark.parametrize(
    "arguments",
    [
        {"n": 0},
        {"n": -1},
        {"n": 2.5},
        {"n": True},
        {"n": 1, "seed": -1},
        {"n": 1, "size": 16},
        {"n": 1, "size": 4096},
    ],
)
def test_bad_arguments_are_refused(arguments):
    with pytest.raises(InputError, match=r"Expected .* Received"):
        synthetic_faces(**arguments)


def test_importing_does_not_load_tensorflow():
    code = (
        "import sys, facemtl.data.synthetic.faces as s;"
        "s.synthetic_faces(2).images.read('drawn/0/0');"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
