"""Text about faces covers neither other faces' points nor other text."""

import numpy as np
import pytest

from facemtl.inference.drawing import draw_faces, short_caption
from facemtl.inference.face import Attribute, Face
from facemtl.inference.plates import Plates


def crowd(n, points, seed, size=(900, 700)):
    """Faces anywhere in a photo, which may overlap."""
    rng = np.random.default_rng(seed)
    faces = []
    for _ in range(n):
        side = rng.uniform(40, 160)
        left, top = rng.uniform(-10, np.array(size) - side + 10)
        named = {
            f"p{i}": tuple(rng.uniform(0.15, 0.85, 2) * side + (left, top))
            for i in range(points)
        }
        box = (left, top, left + side, top + side)
        smile = Attribute("yes", 0.9, {"yes": 0.9, "no": 0.1})
        faces.append(Face(box, named, {"smile": smile, "gender": smile}))
    return np.full((size[1], size[0], 3), 200, np.uint8), faces


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("n", "points"), [(4, 5), (25, 5), (60, 5), (12, 68)])
def test_plates_cover_no_points_of_others(n, points, seed):
    _, faces = crowd(n, points, seed)
    boxes = np.rint([face.box for face in faces]).astype(int)
    places = [face.array() for face in faces]
    plates = Plates((900, 700), boxes, places, radius=3)
    rng = np.random.default_rng(seed)
    placed = []
    for i in range(n):
        size = (int(rng.integers(40, 120)), int(rng.integers(15, 60)))
        corner = plates.place(i, size, pad=4, strict=bool(i % 2))
        if corner is None:
            continue
        low, high = np.array(corner), np.array(corner) + size
        assert (low >= 0).all()
        assert (high <= (900, 700)).all()
        for k, some in enumerate(places):
            inside = ((some > low - 4) & (some < high + 3)).all(axis=1)
            assert not inside.any() or (k == i and not i % 2)
        for other_low, other_high in placed:
            assert (
                np.minimum(high, other_high) <= np.maximum(low, other_low)
            ).any()
        # It is near its own face.
        assert (low <= boxes[i, 2:] + 6).all()
        assert (high >= boxes[i, :2] - 6).all()
        placed.append((low, high))
    assert len(placed) >= (n if n < 10 else n // 4)


@pytest.mark.parametrize("labels", ["all", "short"])
def test_dots_of_a_crowd_stay_visible(labels):
    photo, faces = crowd(14, 5, seed=5)
    titles = [f"face {i}" for i in range(1, 15)]
    bare = draw_faces(photo, faces, titles, "none")
    drawn = draw_faces(photo, faces, titles, labels)
    assert (drawn != bare).any()
    hidden = 0
    for face in faces:
        x, y = np.rint(face.array()).astype(int).T
        on = (x >= 0) & (y >= 0) & (x < 900) & (y < 700)
        hidden += (drawn[y[on], x[on]] != bare[y[on], x[on]]).any(axis=1).sum()
    assert hidden == 0


def test_a_single_face_keeps_its_text():
    photo = np.zeros((480, 480, 3), np.uint8)
    smile = {"smile": Attribute("yes", 0.9)}
    for box in ((100, 100, 300, 300), (-5, -5, 485, 485), (5, 400, 90, 480)):
        x, y = np.linspace(box[0], box[2], 12), np.linspace(box[1], box[3], 12)
        points = {f"{a} {b}": (a, b) for a in x for b in y}
        face = Face(tuple(map(float, box)), points, smile)
        bare = draw_faces(photo, [face], labels="none")
        rows = [
            (draw_faces(photo, [face], titles) != bare).any(axis=(1, 2)).sum()
            for titles in ([], ["face 1"])
        ]
        # As in a video, where the title is one more line.
        assert 0 < rows[0] < rows[1]


def test_no_text_is_drawn_on_request():
    photo, faces = crowd(3, 5, seed=1)
    plain = [Face(face.box, face.points) for face in faces]
    np.testing.assert_array_equal(
        draw_faces(photo, faces, ["a", "b", "c"], "none"),
        draw_faces(photo, plain),
    )


def test_a_short_caption_names_what_is_there():
    face = Face(
        (0, 0, 9, 9),
        {},
        {
            "smile": Attribute("yes", 0.9),
            "glasses": Attribute("no", 0.9),
            "gender": Attribute("male", 0.9),
        },
        {"yaw": 12.345},
    )
    assert short_caption(face) == "smile, male, yaw 12.3"


def test_large_crowds_are_drawn_in_time():
    import time

    photo, faces = crowd(300, 68, seed=4, size=(3000, 2000))
    start = time.process_time()
    draw_faces(photo, faces, [f"face {i}" for i in range(300)])
    assert time.process_time() - start < 5
