"""Points of a face that are missing, and what they leave of its box."""

import numpy as np
import pytest

from facemtl.data.boxes import derived_boxes
from facemtl.data.csv.reader import read_csv
from facemtl.data.csv.rows import NOTHING
from facemtl.data.csv.writer import write_csv
from facemtl.data.faces import ADVICE
from facemtl.errors import InputError
from facemtl.tasks import Task
from tests.csv_case import write_lines
from tests.mtfl_fixture import assert_equal

NAN = np.nan
HEADER = "file,x1,x2,x3,x4,x5,y1,y2,y3,y4,y5"
BOX = ",left,top,right,bottom"
VISIBLE = ",v1,v2,v3,v4,v5"
SEEN = "a.jpg,15,31,23,17,29,20,20,28,36,36"


def read(folder, *lines):
    return read_csv(write_lines(folder / "faces.csv", *lines))


def points(folder, *lines):
    return read(folder, *lines).labels["landmarks"]


def test_points_whose_cells_are_empty_are_missing(tmp_path):
    found = points(
        tmp_path,
        HEADER + BOX,
        "a.jpg,15,,23,,29,20,,28,,36,5,10,45,51",
        "b.jpg,,,,,29,,,,,36,5,10,45,51",
        "c.jpg,,,,,,,,,,,5,10,45,51",
    )
    expected = [[15, 20], [NAN, NAN], [23, 28], [NAN, NAN], [29, 36]]
    np.testing.assert_array_equal(found[0], expected)
    assert np.isnan(found[1, :4]).all()
    assert found[1, 4].tolist() == [29, 36]
    assert np.isnan(found[2]).all()


def test_missing_points_are_written_as_they_were_read(tmp_path):
    faces = read(
        tmp_path,
        HEADER,
        "a.jpg,15,,23,,29,20,,28,,36",
        "b.jpg,15,31,23,17,29,20,20,28,36,36",
    )
    write_csv(faces, tmp_path / "back.csv")
    assert_equal(read_csv(tmp_path / "back.csv"), faces)


def test_visibility_says_which_are_missing(tmp_path):
    found = points(
        tmp_path,
        HEADER + VISIBLE + BOX,
        f"{SEEN},2,1,0,2.0,0,5,10,45,51",
        "b.jpg,0,31,nan,,29,0,20,,,36,0,2,0,,1,5,10,45,51",
        f"{SEEN},0,0,0,0,0,5,10,45,51",
    )
    nan = [NAN, NAN]
    np.testing.assert_array_equal(
        found[0], [[15, 20], [31, 20], nan, [17, 36], nan]
    )
    np.testing.assert_array_equal(found[1], [nan, [31, 20], nan, nan, [29, 36]])
    assert np.isnan(found[2]).all()


@pytest.mark.parametrize(
    ("header", "row", "message"),
    [
        (
            BOX,
            "a.jpg,15,31,23,17,29,20,,28,36,36,5,10,45,51",
            "incomplete row: y2 empty, x2 not, expected both or neither of a "
            "point",
        ),
        (
            VISIBLE,
            f"{SEEN},2,2,3,2,2",
            "unknown visibility: v3 is '3', expected 0 (missing), 1 (occluded) "
            "or 2 (visible)",
        ),
        (
            VISIBLE,
            f"{SEEN},2,2,yes,2,2",
            "unknown visibility: v3 is 'yes', expected 0 (missing), 1 "
            "(occluded) or 2 (visible)",
        ),
        (
            VISIBLE,
            f"{SEEN},2,2,,2,2",
            "incomplete row: v3 empty, expected 0 (missing), 1 (occluded) or 2 "
            "(visible)",
        ),
        (
            VISIBLE,
            "a.jpg,15,31,,17,29,20,20,,36,36,2,2,1,2,2",
            "incomplete row: x3, y3 empty, but v3 is 1, not 0",
        ),
        (
            "",
            "a.jpg,15,,,,29,20,,,,36",
            "incomplete row: 2 of 5 points, and no box: expected a box, or at "
            "least 3 points to derive it from",
        ),
        (
            "",
            "a.jpg,9,9,9,,,7,7,7,,",
            "zero-size or inverted box: all points are the same, and no box",
        ),
        (
            VISIBLE,
            f"{SEEN},0,0,0,0,0",
            f"incomplete row: {NOTHING}",
        ),
    ],
)
def test_rows_that_are_refused(tmp_path, header, row, message):
    with pytest.raises(InputError) as error:
        read(tmp_path, HEADER + header, row)
    line = f"faces.csv, row 2 (a.jpg): {message}. {ADVICE}"
    assert str(error.value) == line


def test_a_box_comes_from_the_points_that_are_there(tmp_path):
    faces = read(tmp_path, HEADER, "a.jpg,15,,23,,29,20,,28,,36")
    three = np.array([[[15.0, 20], [23, 28], [29, 36]]])
    np.testing.assert_array_equal(faces.boxes, derived_boxes(three, ["a.jpg"]))


def test_one_of_two_points_gives_no_box(tmp_path):
    task = Task("landmarks", "landmarks", ("a", "b"))
    path = write_lines(tmp_path / "a.csv", "file,x1,x2,y1,y2", "a.jpg,1,,2,")
    with pytest.raises(InputError, match="1 of 2 points, and no box: expected"):
        read_csv(path, [task])


def test_a_single_point_far_from_its_box_is_found(tmp_path):
    row = "a.jpg,,,,,400,,,,,36,5,10,45,51"
    with pytest.raises(InputError, match=r"far from its box: x5, y5 is \(400"):
        read(tmp_path, HEADER + BOX, row)


def test_all_or_no_columns_of_visibility(tmp_path):
    with pytest.raises(InputError, match="missing: v2, v4, v5"):
        read(tmp_path, f"{HEADER},v1,v3", f"{SEEN},2,2")
    with pytest.raises(InputError, match="unknown: v6"):
        read(tmp_path, f"{HEADER}{VISIBLE},v6", f"{SEEN},2,2,2,2,2,2")


@pytest.mark.parametrize("name", ["left", "Left", "x1", "v1", "V2", "split"])
def test_a_task_with_the_name_of_a_column_is_not_written(tmp_path, name):
    faces = read(tmp_path, HEADER, SEEN)
    task = Task(name, "value")
    labels = {**faces.labels, name: np.array([1.0])}
    both = type(faces)(
        (*faces.tasks, task),
        *(faces.images, faces.names, faces.rows, faces.boxes, labels),
    )
    with pytest.raises(InputError, match=f"own columns. Received: {name}"):
        write_csv(both, tmp_path / "back.csv")
    assert not (tmp_path / "back.csv").exists()
    path = write_lines(tmp_path / "own.csv", f"file,{name}", "a.jpg,1")
    with pytest.raises(InputError, match=f"own columns. Received: {name}"):
        read_csv(path, [task])
