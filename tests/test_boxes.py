"""Boxes from lists and from points, and the checks of a row."""

import numpy as np
import pytest

from facemtl.data.boxes import derived_boxes, read_box_list
from facemtl.data.checks import class_code
from facemtl.data.faces import BadRows
from facemtl.data.place_checks import (
    check_points_in_photo,
    check_points_near,
    points_outside,
)
from facemtl.errors import InputError
from facemtl.tasks import SMILE

RNG = np.random.default_rng(0)


def points(n: int) -> np.ndarray:
    return RNG.uniform(20, 80, (n, 5, 2))


def test_derived_boxes_are_square_around_the_points():
    names = [f"{i}.jpg" for i in range(4000)]
    where = points(4000)
    boxes = derived_boxes(where, names)
    size = boxes[:, 2:] - boxes[:, :2]
    np.testing.assert_allclose(size[:, 0], size[:, 1])
    low, high = where.min(axis=1), where.max(axis=1)
    ratio = size[:, 0] / (high - low).max(axis=1)
    np.testing.assert_allclose(
        np.percentile(ratio, [5, 50, 95]), [1.50, 1.78, 2.10], atol=0.03
    )
    offset = (boxes[:, :2] + boxes[:, 2:] - low - high) / 2 / size
    np.testing.assert_allclose(offset.mean(axis=0), [0, 0], atol=0.003)
    np.testing.assert_allclose(offset.std(axis=0), [0.055, 0.033], atol=0.002)


def test_a_derived_box_depends_on_its_own_face_alone():
    names, where = ["a.jpg", "b.jpg", "c.jpg"], points(3)
    boxes = derived_boxes(where, names)
    alone = derived_boxes(where[1:2], names[1:2])
    np.testing.assert_array_equal(alone[0], boxes[1])
    assert (derived_boxes(where, names, seed=1) != boxes).all()
    assert derived_boxes(where[:0], []).shape == (0, 4)
    assert np.isnan(derived_boxes(np.full((1, 5, 2), np.nan), ["a"])).all()


def test_a_box_is_derived_from_the_points_that_are_there():
    where = points(1)
    with_missing = np.insert(where, 2, np.nan, axis=1)
    np.testing.assert_array_equal(
        derived_boxes(with_missing, ["a"]), derived_boxes(where, ["a"])
    )


def test_derived_boxes_never_change():
    eyes = np.array([[[10.0, 20.0], [40.0, 20.0]]])
    box = derived_boxes(eyes, ["a.jpg"])[0]
    expected = [-0.7732247, -9.7888918, 52.3229066, 43.3072394]
    np.testing.assert_allclose(box, expected, atol=1e-6)


def test_box_list_order_and_paths():
    lines = ["lfw\\a.jpg 1 40 2 50 9.0 9.0\r", " b.jpg -3 4 -5 6", "", " "]
    boxes = read_box_list(lines)
    assert {name: box.tolist() for name, box in boxes.items()} == {
        "lfw/a.jpg": [1, 2, 40, 50],
        "b.jpg": [-3, -5, 4, 6],
    }


def test_bad_rows_of_a_box_list():
    lines = ["a.jpg 1 2 3", "b.jpg 5 5 1 2", "c.jpg 1 9 1 9"]
    with pytest.raises(InputError) as error:
        read_box_list(lines, "boxes.txt")
    assert str(error.value) == (
        "boxes.txt, row 1 (a.jpg): truncated row: expected path left right "
        "top bottom, received 4 fields. Correct the row, or skip such rows "
        "with --skip-bad (in Python: skip_bad=True or BadRows(skip=True))."
    )
    bad = BadRows(skip=True)
    boxes = read_box_list(lines, "boxes.txt", bad)
    assert np.isnan(boxes["a.jpg"]).all() and np.isnan(boxes["b.jpg"]).all()
    assert bad.first["zero-size or inverted box"] == (
        "boxes.txt, row 2 (b.jpg): zero-size or inverted box: "
        "left 5, top 1, right 5, bottom 2"
    )
    assert list(read_box_list(lines, wanted={"c.jpg"})) == ["c.jpg"]


def test_points_at_the_edge_are_inside():
    edge = np.array([[-0.5, -0.5], [19.5, 9.5], [np.nan, np.nan]])
    assert points_outside(edge, height=10, width=20) == ""
    assert points_outside(edge + [0, 0.1], height=10, width=20) == (
        "x2, y2 is (19.5, 9.6) in a photo 20 wide, 10 high"
    )


BOX = np.array([10.0, 10.0, 50.0, 40.0])  # its larger side: 40


@pytest.mark.parametrize(
    ("points", "first"),
    [
        ([[10, 30], [79.4, 20]], ""),  # 39.9 of 40 beyond the edge at 39.5
        ([[79.4, 30], [79.4, 20]], ""),  # all of them
        ([[10, 30], [79.6, 20]], "x2, y2 is (79.6, 20)"),
        ([[30, 30], [20, -40.6]], "x2, y2 is (20, -40.6)"),
        ([[np.nan, np.nan], [20, -40.6]], "x2, y2 is (20, -40.6)"),
        ([[np.nan, np.nan], [20, -40.4]], ""),
        ([[np.nan, np.nan]] * 2, ""),
    ],
)
def test_points_may_leave_the_photo_by_a_side(points, first):
    points = np.array(points, float)
    if not first:
        check_points_in_photo(points, BOX, 40, 40)
        return
    with pytest.raises(InputError) as error:
        check_points_in_photo(points, BOX, 40, 40)
    assert str(error.value) == (
        f"point outside the image: {first} in a photo 40 wide, 40 high"
    )


def test_points_lie_within_a_side_of_their_box():
    nan = np.nan
    check_points_near(np.array([[nan, nan], [89.9, -29.9]]), BOX)
    with pytest.raises(InputError, match="x2, y2 is"):
        check_points_near(np.array([[nan, nan], [90.1, 20]]), BOX)
    check_points_near(np.array([[-29.9, 79.9], [89.9, -29.9]]), BOX)
    for x, y in ((-30.1, 20), (90.1, 20), (20, -30.1), (20, 80.1)):
        with pytest.raises(InputError) as error:
            check_points_near(np.array([[20, 20], [x, y]]), BOX)
        assert str(error.value) == (
            f"point far from its box: x2, y2 is ({x:g}, {y:g}), more than 40 "
            "pixels from left 10, top 10, right 50, bottom 40"
        )


def test_class_codes():
    assert [class_code(c, SMILE) for c in ("yes", "no", "1", "1.0")] == [
        0,
        1,
        1,
        1,
    ]
    for cell in ("2", "-1", "0.5", "Yes", "inf"):
        with pytest.raises(InputError) as error:
            class_code(cell, SMILE)
        assert str(error.value) == (
            f"class out of range: smile is {cell!r}, expected yes, no or 0 to 1"
        )
    with pytest.raises(InputError, match="NaN or not a number: smile is 'NaN'"):
        class_code("NaN", SMILE)
