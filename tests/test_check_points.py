"""`facemtl data check` about points and boxes, on faces with known faults."""

from dataclasses import replace

import numpy as np
import pytest

from facemtl.data.check.extents import extents
from facemtl.data.check.places import constant_places
from facemtl.data.check.readings import (
    READINGS,
    best_reading,
    misplaced_boxes,
    misread_boxes,
)
from facemtl.data.check.sides import sides, swapped_axes
from facemtl.data.check.turns import unturned_labels
from facemtl.data.check.units import other_units
from tests.check_case import SIDE, clean, reboxed, relabelled, texts


def _size(b):
    return np.c_[b[:, :2], b[:, 2:] - b[:, :2]]


def _centre(b):
    return np.c_[(b[:, :2] + b[:, 2:]) / 2, b[:, 2:] - b[:, :2]]


# What a user may write for left, top, right, bottom.
WRITTEN = {
    "x, y, width, height": _size,
    "left, right, top, bottom": lambda b: b[:, [0, 2, 1, 3]],
    "the centre's x and y, width, height": _centre,
    "of photos about 2 times as large": lambda b: 2 * b,
    "of photos about 0.49 times as large": lambda b: b / 2,
}


def test_nothing_is_said_of_clean_faces():
    seen = clean(300)
    looks = (
        *(constant_places, other_units, misread_boxes, misplaced_boxes),
        *(sides, swapped_axes, unturned_labels),
    )
    for look in looks:
        assert look(seen) == [], look.__name__
    assert extents(seen, size=40) == []


@pytest.mark.parametrize("place", [(0, 0), (-1, -1)], ids=str)
def test_points_at_the_origin(place):
    seen = clean()
    points = seen.points.copy()
    points[7, 1] = points[9, 4] = place
    (finding,) = constant_places(relabelled(seen, landmarks=points))
    assert finding.text.startswith(
        f"right eye, right mouth corner: at ({place[0]}, {place[1]}) in 2 of "
        "60 faces (the first: drawn faces, row 8 (drawn/0/7))."
    )
    assert "empty" in finding.text
    assert list(finding.faces) == [7, 9]


def test_points_at_another_place_that_many_share():
    seen = clean()
    points = seen.points.copy()
    points[::6, 0] = (SIDE - 1, SIDE - 1)
    (finding,) = constant_places(relabelled(seen, landmarks=points))
    assert "left eye: at (159, 159) in 10 of 60 faces" in finding.text


def test_photos_aligned_by_their_eyes_are_no_fault():
    seen = clean()
    points = seen.points - seen.points[:, :1] + (60.0, 70.0)
    assert constant_places(relabelled(seen, landmarks=points)) == []


def test_missing_points_are_at_no_place():
    seen = clean()
    points = seen.points.copy()
    points[::2, 3] = np.nan
    assert constant_places(relabelled(seen, landmarks=points)) == []


@pytest.mark.parametrize("name", WRITTEN)
def test_boxes_of_another_reading(name):
    seen = clean()
    seen = reboxed(seen, WRITTEN[name](seen.faces.boxes))
    (finding,) = misread_boxes(seen)
    assert f"The boxes seem to be {name}" in finding.text
    assert "60 of 60 contain their faces' points" in finding.text
    assert "drawn faces, row 1 (drawn/0/0)" in finding.text


@pytest.mark.parametrize("reading", READINGS, ids=lambda r: r.name)
def test_a_reading_gives_the_box_back(reading):
    boxes = np.array([[20.0, 30.0, 60.0, 80.0]])
    written = {
        **WRITTEN,
        "top, left, bottom, right": lambda b: b[:, [1, 0, 3, 2]],
    }
    np.testing.assert_allclose(
        reading.boxes(written[reading.name](boxes)), boxes
    )


def test_boxes_of_one_place_given_as_size():
    # Photos that were cut out round their faces: nothing but the size tells.
    seen = clean(200)
    box = np.array([20.0, 20.0, 100.0, 100.0])
    side = (seen.faces.boxes[:, 2:] - seen.faces.boxes[:, :2]).max(axis=1)
    corner = seen.faces.boxes[:, :2]
    shares = (seen.points - corner[:, None]) / side[:, None, None]
    points, boxes = 20 + 80 * shares, np.tile(box, (200, 1))
    seen = relabelled(reboxed(seen, boxes), landmarks=points)
    assert misread_boxes(seen) == []
    (finding,) = misread_boxes(reboxed(seen, _size(boxes)))
    assert "seem to be x, y, width, height" in finding.text


def test_few_faces_are_no_ground_for_a_reading():
    seen = clean(9)
    assert best_reading(_size(seen.faces.boxes), seen.points) is None


def test_the_box_of_another_face():
    seen = clean()
    boxes = seen.faces.boxes.copy()
    boxes[5] += 100
    (finding,) = misplaced_boxes(reboxed(seen, boxes))
    assert "fewer than half" in finding.text
    assert "1 of 60 faces (drawn faces, row 6 (drawn/0/5))" in finding.text
    assert misplaced_boxes(reboxed(seen, boxes), least_share=0.05) == []


def test_points_and_boxes_as_shares_of_the_photo():
    seen = clean()
    seen = relabelled(seen, landmarks=seen.points / SIDE)
    text = texts(other_units(seen))
    assert "The points lie between 0 and 1 in 60 of 60 faces" in text
    assert "boxes" not in text
    text = texts(other_units(reboxed(seen, seen.faces.boxes / SIDE)))
    assert "The boxes lie between 0 and 1 in 60 of 60 faces" in text


@pytest.mark.parametrize(
    ("factor", "word"), [(0.4, "upper left quarter"), (4, "beyond the photo")]
)
def test_labels_of_photos_of_another_size(factor, word):
    seen = clean()
    seen = relabelled(seen, landmarks=factor * seen.points)
    seen = reboxed(seen, factor * seen.faces.boxes)
    (finding,) = other_units(seen)
    assert word in finding.text
    assert "60 of 60" in finding.text


def test_x_and_y_swapped():
    seen = clean()
    seen = relabelled(seen, landmarks=seen.points[..., ::-1])
    (finding,) = swapped_axes(seen)
    assert "above each other" in finding.text
    assert "Are x and y swapped" in finding.text


def test_sides_of_the_person():
    seen = clean()
    seen = relabelled(seen, landmarks=seen.points[:, [1, 0, 2, 4, 3]])
    (finding,) = sides(seen)
    assert "'left eye' and 'right eye' (" in finding.text
    assert "sides are the person's" in finding.text


def test_sides_mixed_up_in_some_faces():
    seen = clean()
    points = seen.points.copy()
    points[::3] = points[::3][:, [0, 1, 2, 4, 3]]  # the mouth's corners alone
    (finding,) = sides(relabelled(seen, landmarks=points))
    assert "'left mouth corner' and 'right mouth corner'" in finding.text
    assert "eye" not in finding.text
    assert "Name all alike" in finding.text
    assert 0 in finding.faces


def test_tiny_faces_and_photos():
    seen = clean()
    boxes, sizes = seen.faces.boxes.copy(), seen.sizes.copy()
    boxes[4, 2:] = boxes[4, :2] + 8
    sizes[5] = (30, 200)
    text = texts(extents(reboxed(replace(seen, sizes=sizes), boxes), size=40))
    assert "smaller than 10 pixels in 1 of 60 faces (drawn faces, row 5" in text
    assert (
        "crop (40 pixels, data.size) in 1 of 60 faces (drawn faces, row 6"
        in text
    )


def test_labels_outside_the_photo():
    seen = clean()
    points, boxes = seen.points.copy(), seen.faces.boxes.copy()
    points[3, 0] = (900, 20)
    boxes[8] += 140
    seen = reboxed(relabelled(seen, landmarks=points), boxes)
    text = texts(extents(seen, size=40))
    assert "1 of 60 faces (drawn faces, row 4 (drawn/0/3)): x1, y1" in text
    assert "More than half of the box lies outside" in text
    assert "(drawn faces, row 9 (drawn/0/8))" in text


def test_one_box_in_photos_of_different_sizes():
    seen = clean()
    seen = reboxed(seen, np.tile([20.0, 20.0, 140.0, 140.0], (60, 1)))
    assert extents(seen, size=40) == []
    sizes = seen.sizes + np.arange(60)[:, None]
    (finding,) = extents(replace(seen, sizes=sizes), size=40)
    assert "left 20, top 20, right 140, bottom 140" in finding.text
