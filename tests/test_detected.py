"""Labels without boxes: the detector's boxes, and which face a row means."""

import csv
from dataclasses import replace

import cv2
import numpy as np
import pytest

from facemtl.config import load_settings
from facemtl.data.csv.reader import read_csv
from facemtl.data.detected import detected
from facemtl.data.faces import BadRows
from facemtl.data.sources import load_split, load_splits
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.detection.detector import overlap
from facemtl.errors import InputError
from facemtl.tasks import MTFL_TASKS

POINTS = [f"{axis}{i}" for axis in "xy" for i in range(1, 6)]
DRAWN = synthetic_faces(12, seed=3)
PHOTOS = [DRAWN.images.read(name)[..., ::-1] for name in DRAWN.names]
FOUND = [0, 2, 3, 4, 5, 6, 7, 8, 9, 10]  # Face 1 is too far turned for it.


def write(folder, rows, columns):
    path = folder / "faces.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([columns, *rows])
    return path


def single_photos(folder):
    """Labels alone: a photo a face."""
    for i in FOUND:
        cv2.imwrite(str(folder / f"{i}.png"), PHOTOS[i])
    rows = [(f"{i}.png", "yes" if i % 2 else "no") for i in FOUND]
    return write(folder, rows, ["file", "smile"])


def points_of(i, shift=0.0):
    points = DRAWN.labels["landmarks"][i] + [shift, 0.0]
    return points.T.ravel().tolist()


def read(path):
    return read_csv(path, boxes="detect")


def test_labels_alone_get_the_boxes_of_the_faces(tmp_path):
    found = detected(read(single_photos(tmp_path)), BadRows())
    assert len(found) == len(FOUND)
    shared = [
        overlap(box, DRAWN.boxes[i])
        for box, i in zip(found.boxes, FOUND, strict=True)
    ]
    # The detector's boxes are larger than the drawn ones, by their own rule.
    assert min(shared) > 0.4
    assert np.median(shared) > 0.6
    assert found.notes == ("data.boxes = 'detect': 10 of 10 faces detected.",)


def test_a_row_means_the_face_round_its_points(tmp_path):
    pair = np.concatenate([PHOTOS[2], PHOTOS[4]], axis=1)
    width = PHOTOS[2].shape[1]
    cv2.imwrite(str(tmp_path / "pair.png"), pair)
    rows = [("pair.png", *points_of(4, width)), ("pair.png", *points_of(2))]
    found = detected(read(write(tmp_path, rows, ["file", *POINTS])), BadRows())
    for box, (i, shift) in zip(found.boxes, [(4, width), (2, 0)], strict=True):
        truth = DRAWN.boxes[i] + np.array([shift, 0, shift, 0])
        assert overlap(box, truth) > 0.6


def test_a_row_means_the_face_in_its_own_box(tmp_path):
    pair = np.concatenate([PHOTOS[2], PHOTOS[4]], axis=1)
    cv2.imwrite(str(tmp_path / "pair.png"), pair)
    loose = DRAWN.boxes[2] + [-6, -6, 9, 9]
    columns = ["file", "left", "top", "right", "bottom", "smile"]
    path = write(tmp_path, [("pair.png", *loose, "yes")], columns)
    found = detected(read(path), BadRows())
    assert overlap(found.boxes[0], DRAWN.boxes[2]) > 0.6


def test_faces_that_are_not_found_are_left_out_and_listed(tmp_path):
    path = single_photos(tmp_path)
    cv2.imwrite(str(tmp_path / "3.png"), np.full((90, 90, 3), 128, np.uint8))
    bad = BadRows()
    found = detected(read(path), bad)
    assert [name for name in found.names if name == "3.png"] == []
    assert found.notes == (
        "data.boxes = 'detect': 9 of 10 faces detected. The others are left "
        "out; the first is faces.csv, row 4 (3.png).",
    )
    assert bad.lines() == [
        "faces.csv, row 4 (3.png): no face found: 0 faces detected"
    ]


def test_several_rows_of_a_photo_need_points_or_boxes(tmp_path):
    path = single_photos(tmp_path)
    path.write_text(path.read_text() + "0.png,yes\n")
    bad = BadRows()
    found = detected(read(path), bad)
    assert "0.png" not in found.names.tolist()
    assert [where for where, _, _ in bad.rows] == [
        "faces.csv, row 2 (0.png)",
        "faces.csv, row 12 (0.png)",
    ]
    assert "to tell its faces apart" in bad.rows[0][2]


def test_a_missing_photo_stops_and_no_face_at_all_does(tmp_path):
    path = single_photos(tmp_path)
    (tmp_path / "5.png").unlink()
    with pytest.raises(InputError, match=r"faces\.csv, row 6 \(5\.png\)"):
        detected(read(path), BadRows())
    for i in FOUND:
        gray = np.full((90, 90, 3), 128, np.uint8)
        cv2.imwrite(str(tmp_path / f"{i}.png"), gray)
    with pytest.raises(InputError, match="0 of 10 faces detected"):
        detected(read(path), BadRows())


def test_boxes_are_kept_until_a_photo_changes(tmp_path, monkeypatch):
    path = single_photos(tmp_path)
    first = detected(read(path), BadRows(), tmp_path / "kept")

    class NoDetector:
        def __call__(self, photo):
            raise AssertionError("detected again")

    monkeypatch.setattr("facemtl.detection.detector.FaceDetector", NoDetector)
    again = detected(read(path), BadRows(), tmp_path / "kept")
    np.testing.assert_array_equal(again.boxes, first.boxes)
    cv2.imwrite(str(tmp_path / "5.png"), PHOTOS[5][:150])
    with pytest.raises(AssertionError, match="detected again"):
        detected(read(path), BadRows(), tmp_path / "kept")


def test_all_parts_of_a_source_are_detected(tmp_path):
    path = single_photos(tmp_path)
    given = {"source": str(path), "boxes": "detect"}
    data = replace(load_settings().data, **given)
    splits = load_splits(data, BadRows())
    assert (len(splits.train), len(splits.validation)) == (9, 1)
    assert splits.notes == (
        "training: data.boxes = 'detect': 9 of 9 faces detected.",
        "validation: data.boxes = 'detect': 1 of 1 face detected.",
    )
    faces = load_split(str(path), "test", MTFL_TASKS, BadRows(), data)
    assert len(faces) == 10
    assert np.isfinite(faces.boxes).all()
    with pytest.raises(InputError, match="'detect' detects the face"):
        load_split(str(path), "test", MTFL_TASKS, BadRows())
