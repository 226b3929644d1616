"""A user's own CSV: every kind of column, and back again."""

import re
from pathlib import Path

import numpy as np
import pytest
from mtfl_fixture import PLACE, POINTS, assert_equal, make_mtfl

from facemtl.data.boxes import derived_boxes
from facemtl.data.csv.reader import csv_splits, read_csv
from facemtl.data.csv.writer import write_csv
from facemtl.data.mtfl.reader import read_mtfl
from facemtl.errors import InputError
from facemtl.tasks import LANDMARKS, MTFL_TASKS, SMILE, load_tasks

OWN_TASKS = """
[[task]]
name = "landmarks"
kind = "landmarks"
names = ["left eye", "right eye", "chin"]
mirror = [["left eye", "right eye"]]

[[task]]
name = "mood"
kind = "classes"
names = ["calm", "cross"]

[[task]]
name = "turn"
kind = "value"
mirror = "negate"
"""


@pytest.fixture
def write(tmp_path):
    """Writes lines as faces.csv; returns its path."""

    def make(*lines: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "faces.csv"
        path.write_text("\n".join(lines), encoding=encoding)
        return path

    return make


def test_points_boxes_and_attributes(write):
    path = write(
        f"file,left,top,right,bottom,{POINTS},smile,pose",
        f"in\\a.jpg,5,10,45.5,51,{PLACE},yes,right profile",
        f"in/b.jpg,-5,10,45,51,{',' * 9},no,",
        f"/data/c.jpg,,,,,{PLACE},,frontal",
        ",,,,,,,,,,,,,,,,",
    )
    faces = read_csv(path)
    assert faces.tasks == (LANDMARKS, SMILE, MTFL_TASKS[-1])
    assert faces.names.tolist() == ["in/a.jpg", "in/b.jpg", "/data/c.jpg"]
    assert faces.where(1) == "faces.csv, row 3 (in/b.jpg)"
    assert faces.boxes[:2].tolist() == [[5, 10, 45.5, 51], [-5, 10, 45, 51]]
    points = faces.labels["landmarks"]
    assert points[0, 3].tolist() == [17, 36]
    assert np.isnan(points[1]).all()
    derived = derived_boxes(points[2:], ["/data/c.jpg"])
    np.testing.assert_array_equal(faces.boxes[2:], derived)
    assert faces.labels["smile"].tolist() == [0, 1, -1]
    assert faces.labels["pose"].tolist() == [4, -1, 2]


def test_photos_are_relative_to_the_csv(write, tmp_path):
    make_mtfl(tmp_path / "MTFL", ("test",))
    beside, absolute = "MTFL/AFLW/c_1.jpg", tmp_path / "MTFL/AFLW/c_2.jpg"
    faces = read_csv(
        write(f"file,{POINTS}", f"{beside},{PLACE}", f"{absolute},{PLACE}")
    )
    for name in faces.names:
        assert faces.images.read(name).shape == (60, 50, 3)


def test_five_points_and_boxes_alone(write):
    path = write(
        f"file,left,top,right,bottom,{POINTS}",
        f"a.jpg,5,10,45,51,{PLACE}",
    )
    faces = read_csv(path)
    assert faces.tasks == (LANDMARKS,)
    assert list(faces.labels) == ["landmarks"]


def test_a_spreadsheets_byte_order_mark_and_quotes(write):
    path = write(f"file, {POINTS}", f'"a, b.jpg",{PLACE}', encoding="utf-8-sig")
    assert read_csv(path).names.tolist() == ["a, b.jpg"]


def test_own_tasks_beside_the_csv(write, tmp_path):
    (tmp_path / "tasks.toml").write_text(OWN_TASKS)
    path = write(
        "file,x1,x2,x3,y1,y2,y3,mood,turn",
        "a.jpg,10,40,25,20,20,60,cross,-0.25",
        "b.jpg,10,40,25,20,20,60,calm,",
    )
    faces = read_csv(path)
    assert faces.tasks == load_tasks(tmp_path / "tasks.toml")
    assert faces.labels["landmarks"].shape == (2, 3, 2)
    assert faces.labels["mood"].tolist() == [1, 0]
    np.testing.assert_array_equal(faces.labels["turn"], [-0.25, np.nan])
    write_csv(faces, path)
    assert_equal(read_csv(path), faces)


def test_examples_of_the_readme(tmp_path):
    readme = Path(__file__).parents[1] / "data" / "README.md"
    blocks = re.findall(
        r"```(csv|toml)\n(.*?)```", readme.read_text(), re.DOTALL
    )
    (_, mtfl), (_, own_tasks), *normalized, (_, own) = blocks
    path = tmp_path / "faces.csv"
    path.write_text(mtfl)
    assert read_csv(path).labels["pose"].tolist() == [2, 3, -1]
    (tmp_path / "tasks.toml").write_text(own_tasks)
    path.write_text(own)
    assert read_csv(path).labels["mood"].tolist() == [1, 2]
    ((_, text),) = normalized
    (tmp_path / "ears.toml").write_text(text)
    (task,) = load_tasks(tmp_path / "ears.toml")
    assert task.normalizer.ends == (("brow",), ("chin",))


def test_given_tasks_without_columns_are_unlabelled(write):
    faces = read_csv(write(f"file,{POINTS}", f"a.jpg,{PLACE}"), MTFL_TASKS)
    assert faces.tasks == MTFL_TASKS
    assert faces.labels["pose"].tolist() == [-1]


def test_splits(write):
    rows = (f"{s}.jpg,{PLACE},{s}" for s in ("test", "train", "test"))
    path = write(f"file,{POINTS},split", *rows)
    assert csv_splits(path) == ("train", "test")
    assert len(read_csv(path)) == 3
    assert read_csv(path, split="test").rows.tolist() == [
        "faces.csv, row 2",
        "faces.csv, row 4",
    ]
    with pytest.raises(InputError) as error:
        read_csv(path, split="val")
    assert str(error.value) == (
        f"{path}: expected at least one valid row of split 'val'. Received: "
        "1 row train, 2 rows test."
    )
    path = write(f"file,{POINTS}", f"a.jpg,{PLACE}")
    assert csv_splits(path) == ()
    assert len(read_csv(path, split="val")) == 1
    with pytest.raises(InputError, match="Expected a split of"):
        read_csv(path, split="validation")


@pytest.mark.parametrize("root", ["", "MTFL", "absolute"])
def test_mtfl_round_trip(tmp_path, root):
    mtfl = make_mtfl(tmp_path / "MTFL")
    folder = tmp_path if root else mtfl
    root = str(mtfl) if root == "absolute" else root
    faces = read_mtfl(mtfl, "train")
    faces.labels["smile"][1] = -1
    faces.labels["landmarks"][2] = np.nan
    write_csv(faces, folder / "faces.csv", root)
    back = read_csv(folder / "faces.csv")
    np.testing.assert_array_equal(
        back.images.read(back.names[3]), faces.images.read(faces.names[3])
    )
    prefix = f"{root}/" if root else ""
    back.names[:] = [name.removeprefix(prefix) for name in back.names]
    assert_equal(back, faces)


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "faces.csv"
    path.write_text("old")
    faces = read_mtfl(make_mtfl(tmp_path / "MTFL"), "test")

    def full(*_, **__):
        raise OSError("no space left")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(InputError) as error:
        write_csv(faces, path)
    assert str(error.value) == f"{path}: cannot be written: no space left."
    assert path.read_text() == "old"
    assert {p.name for p in tmp_path.iterdir()} == {"faces.csv", "MTFL"}


@pytest.mark.mtfl
def test_real_round_trip(tmp_path, mtfl_root):
    faces = read_mtfl(mtfl_root, "test")
    write_csv(faces, tmp_path / "faces.csv")
    assert_equal(read_csv(tmp_path / "faces.csv"), faces)


def test_points_are_written_as_read(tmp_path):
    path = tmp_path / "faces.csv"
    path.write_text(f"file,{POINTS}\na.jpg,{PLACE}\n")
    faces = read_csv(path)
    write_csv(faces, path)
    header, row = path.read_text().splitlines()
    assert header == f"file,left,top,right,bottom,{POINTS}"
    assert row.endswith(",".join(f"{int(c)}.0" for c in PLACE.split(",")))
