"""No text that we write into a CSV is a formula, and none is changed by it."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from facemtl.data.csv.reader import read_csv
from facemtl.data.csv.writer import write_csv
from facemtl.data.detected import write_boxes
from facemtl.data.faces import BadRows
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.files.csv_cells import read_cell, written_cell
from facemtl.inference.face import Attribute, Face
from facemtl.photos.images import FolderImages
from facemtl.predict.boxes import read_boxes
from facemtl.predict.output import CsvTable, PhotoResult
from facemtl.predict.text_file import TextFile
from facemtl.tasks import Task

NAMES = (
    *("=1+1.jpg", "+a.jpg", "-a.jpg", "@SUM(A1).jpg", "'=a.jpg", "''-a.jpg"),
    *("'tis.jpg", "a=b.jpg", "-1", "\uff1dA1.jpg", "--2.jpg", "+1e.jpg"),
)
BEGINS = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")


def is_formula(cell):
    try:
        float(cell)
    except ValueError:
        return cell.startswith(BEGINS)
    return False


def cells_of(file):
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.reader(text))


def formulas(file):
    return [x for row in cells_of(file) for x in row if is_formula(x)]


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_is_read_as_it_was(name):
    assert not is_formula(written_cell(name))
    assert read_cell(written_cell(name)) == name


@pytest.mark.parametrize("value", [-1.5, "-1.5", "+2", "-.5e-7", -3, None, ""])
def test_a_number_stays_one(value):
    assert written_cell(value) == value


def test_labels_are_read_back_from_our_own_csv(tmp_path):
    mood = Task("mood", "classes", ("+", "-", "=sad"))
    faces = synthetic_faces(len(NAMES), seed=2)
    faces = replace(
        faces.only((faces.tasks[0],)),
        tasks=(faces.tasks[0], mood),
        names=np.array(NAMES),
        images=FolderImages(tmp_path),
        labels={
            faces.tasks[0].name: faces.labels[faces.tasks[0].name],
            "mood": np.arange(len(NAMES), dtype=np.int32) % 3,
        },
    )
    write_csv(faces, tmp_path / "faces.csv")
    assert formulas(tmp_path / "faces.csv") == []
    again = read_csv(tmp_path / "faces.csv", faces.tasks)
    assert again.names.tolist() == list(NAMES)
    for name, labels in faces.labels.items():
        np.testing.assert_array_equal(again.labels[name], labels)
    write_boxes({"train": faces}, tmp_path / "boxes.csv")
    assert formulas(tmp_path / "boxes.csv") == []
    assert list(read_boxes(tmp_path / "boxes.csv")) == list(NAMES)


def test_predictions_are_read_back_as_boxes(tmp_path):
    file = tmp_path / "out.csv"
    face = Face(
        (-3.5, 1.0, 40.0, 50.0),
        {"=eye": (-1.0, 2.0)},
        {"mood": Attribute("@sad", 0.5, {"@sad": 0.5, "calm": 0.5})},
    )
    with TextFile(str(file)) as out, CsvTable(out) as table:
        for name in NAMES:
            table.add(PhotoResult(name, [face]))
    rows = cells_of(file)
    assert formulas(file) == []
    assert rows[1][2] == "-3.5"
    boxes = read_boxes(file)
    assert list(boxes) == list(NAMES)
    assert boxes["=1+1.jpg"] == [[-3.5, 1.0, 40.0, 50.0]]


def test_skipped_rows_are_no_formulas(tmp_path):
    bad = BadRows(skip=True)
    bad.report("=cmd()", "-reason", "@detail")
    bad.write(tmp_path / "skipped.csv")
    assert formulas(tmp_path / "skipped.csv") == []
