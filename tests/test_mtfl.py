"""The MTFL reader, on a made-up archive with the official one's oddities."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from mtfl_fixture import (
    CODES,
    edit_row,
    make_mtfl,
    true_box,
    true_points,
    write_rows,
)

from facemtl.data.faces import ADVICE, BadRows
from facemtl.data.mtfl.reader import has_split, read_mtfl
from facemtl.errors import InputError
from facemtl.pages import page
from facemtl.tasks import MTFL_TASKS


@pytest.fixture
def mtfl(tmp_path: Path) -> Path:
    return make_mtfl(tmp_path / "MTFL")


def assert_is_train(faces) -> None:
    assert faces.tasks == MTFL_TASKS
    assert faces.names.tolist() == [
        *(f"lfw_5590/a_{i}.jpg" for i in range(3)),
        *(f"net_7876/b_{i}.jpg" for i in range(2)),
    ]
    assert faces.rows[1] == "training.txt, row 2"
    expected = [true_points(i) for i in range(5)]
    np.testing.assert_allclose(faces.labels["landmarks"], expected, atol=1e-6)
    for column, task in enumerate(("gender", "smile", "glasses", "pose")):
        codes = [row[column] - 1 for row in CODES]
        assert faces.labels[task].tolist() == codes
        assert faces.labels[task].dtype == np.int32
    np.testing.assert_array_equal(faces.boxes, [true_box(i) for i in range(5)])
    assert faces.images.read(faces.names[1]).shape == (60, 50, 3)


def test_reads_the_odd_lines_as_they_are(mtfl):
    assert_is_train(read_mtfl(mtfl, "train"))
    test = read_mtfl(mtfl, "test")
    assert test.where(3) == "testing.txt, row 4 (AFLW/c_3.jpg)"
    np.testing.assert_array_equal(test.boxes, [true_box(i) for i in range(4)])


def test_reads_a_subfolder_with_the_lists_above_it(mtfl):
    (mtfl / "trainImageList.txt").rename(mtfl.parent / "trainImageList.txt")
    assert_is_train(read_mtfl(mtfl.parent, "train"))


@pytest.mark.parametrize("inside", ["", "MTFL"])
@pytest.mark.parametrize("named", ["the zip", "its folder"])
def test_reads_a_zip_with_the_lists_beside_it(mtfl, tmp_path, inside, named):
    place = tmp_path / "downloads"
    place.mkdir()
    (mtfl / "trainImageList.txt").rename(place / "trainImageList.txt")
    root, base = (tmp_path, inside) if inside else (mtfl, None)
    zipped = shutil.make_archive(str(place / "MTFL"), "zip", root, base)
    faces = read_mtfl(zipped if named == "the zip" else place, "train")
    assert_is_train(faces)


def test_derives_boxes_without_lists(mtfl):
    listed = read_mtfl(mtfl, "train")
    forced = read_mtfl(mtfl, "train", boxes="derived")
    (mtfl / "trainImageList.txt").unlink()
    derived = read_mtfl(mtfl, "train")
    np.testing.assert_array_equal(derived.boxes, forced.boxes)
    assert (derived.boxes != listed.boxes).all()


def test_derives_a_box_only_for_the_face_that_no_list_has(mtfl):
    edit_row(mtfl / "testBoxList.txt", 2, "c_1", "other")
    boxes = read_mtfl(mtfl, "test").boxes
    derived = read_mtfl(mtfl, "test", boxes="derived").boxes
    np.testing.assert_array_equal(boxes[1], derived[1])
    np.testing.assert_array_equal(boxes[2], true_box(2))


def test_reads_points_of_a_list_without_labels(mtfl):
    (mtfl / "training.txt").unlink()
    faces = read_mtfl(mtfl, "train")
    assert faces.rows[4] == "trainImageList.txt, row 5"
    expected = [true_points(i) for i in range(5)]
    np.testing.assert_allclose(faces.labels["landmarks"], expected)
    np.testing.assert_array_equal(faces.boxes, [true_box(i) for i in range(5)])
    for task in MTFL_TASKS[1:]:
        assert faces.labels[task.name].tolist() == [-1] * 5


BAD_ROWS = {
    "truncated row": ("testing.txt", " 38.250000", ""),
    "row too long": ("testing.txt", " 38.250000", " 38.250000 7"),
    "NaN or not a number": ("testing.txt", "38.250000", "NaN"),
    "class out of range": ("testing.txt", "2 2 2 1", "2 2 2 6"),
    "zero-size or inverted box": ("testBoxList.txt", "7 47", "47 7"),
}
DETAILS = {
    "truncated row": "expected 15 fields, received 14",
    "row too long": "expected 15 fields, received 16",
    "NaN or not a number": "y4 is 'NaN'",
    "class out of range": "pose is '6', expected left profile, left, frontal, "
    "right, right profile or 1 to 5",
    "zero-size or inverted box": "left 47, top 12, right 7, bottom 53",
}


@pytest.mark.parametrize("reason", BAD_ROWS)
def test_bad_row_stops_or_is_counted(mtfl, reason):
    file, old, new = BAD_ROWS[reason]
    edit_row(mtfl / file, 2, old, new)
    line = f"{file}, row 2 (AFLW/c_1.jpg): {reason}: {DETAILS[reason]}"
    with pytest.raises(InputError) as error:
        read_mtfl(mtfl, "test")
    assert str(error.value) == f"{line}. {ADVICE}"
    bad = BadRows(skip=True)
    faces = read_mtfl(mtfl, "test", bad)
    assert faces.names.tolist() == [f"AFLW/c_{i}.jpg" for i in (0, 2, 3)]
    np.testing.assert_array_equal(faces.boxes[1], true_box(2))
    assert bad.summary() == f"1 invalid row skipped: 1 {reason}"
    assert bad.first == {reason: line}


@pytest.mark.parametrize("cell", ["nan", "inf", "x"])
def test_bad_box_number_stops_or_is_counted(mtfl, cell):
    edit_row(mtfl / "testBoxList.txt", 4, "11", cell)
    with pytest.raises(InputError) as error:
        read_mtfl(mtfl, "test")
    assert str(error.value) == (
        "testBoxList.txt, row 4 (AFLW/c_3.jpg): NaN or not a number: "
        f"left is '{cell}'. {ADVICE}"
    )
    assert len(read_mtfl(mtfl, "test", BadRows(skip=True))) == 3


def test_zero_size_derived_box_stops_or_is_counted(mtfl):
    row = "AFLW/c_0.jpg" + " 5" * 10 + " 1 1 1 1"
    write_rows(mtfl / "testing.txt", [row, "AFLW/c_1.jpg 1 2"])
    bad = BadRows(skip=True)
    with pytest.raises(InputError) as error:
        read_mtfl(mtfl, "test", bad, boxes="derived")
    assert str(error.value) == (
        f"{mtfl}: expected at least one valid row for 'test'. Received: none. "
        "2 invalid rows skipped: 1 truncated row, 1 zero-size or inverted box"
    )
    assert bad.first["zero-size or inverted box"] == (
        "testing.txt, row 1 (AFLW/c_0.jpg): zero-size or inverted box: "
        "left 4, top 4, right 4, bottom 4 (derived from its points)"
    )


def test_a_list_of_boxes_alone_is_no_split(mtfl):
    assert has_split(mtfl, "train") and has_split(mtfl, "test")
    (mtfl / "testing.txt").unlink()
    (mtfl / "testBoxList.txt").rename(mtfl / "testImageList.txt")
    assert not has_split(mtfl, "test")


def test_missing_files_are_named(mtfl):
    (mtfl / "testing.txt").unlink()
    with pytest.raises(InputError) as error:
        read_mtfl(mtfl, "test")
    assert str(error.value) == (
        f"{mtfl}: expected testing.txt, or testImageList.txt with 15 fields "
        "a row, there, in a folder or in a zip of it. Received: training.txt, "
        "trainImageList.txt, testBoxList.txt. See "
        f"{page('data/README.md')} for what "
        "goes where."
    )


def test_missing_folder_broken_zip_and_wrong_split(tmp_path):
    with pytest.raises(InputError, match=r"nowhere: expected a folder or zip"):
        read_mtfl(tmp_path / "nowhere", "train")
    (tmp_path / "MTFL.zip").write_bytes(b"no zip")
    with pytest.raises(InputError, match=r"MTFL\.zip: expected a zip"):
        read_mtfl(tmp_path / "MTFL.zip", "train")
    with pytest.raises(InputError, match="Received: split='val'"):
        read_mtfl(tmp_path, "val")
