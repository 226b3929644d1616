"""WFLW's lists: 98 points, boxes, six attributes, splits."""

import re

import numpy as np
import pytest

from facemtl.data.csv.reader import csv_splits, read_csv
from facemtl.errors import InputError
from facemtl.tasks import load_tasks
from tests.convert_case import cells, convert, photo

BOX = (-2, 3, 61, 77.5)
NAMES = ["pose", "expression", "illumination", "make_up", "occlusion", "blur"]
LISTS = "WFLW_annotations/list_98pt_rect_attr_train_test"


def points(shift=0.0):
    i = np.arange(98.0)
    return np.stack([i % 60 + shift, i * 0.75 + 0.123456], axis=1)


def row(name, classes="0 0 0 0 0 0", shift=0.0, box=BOX):
    numbers = [f"{x:.6f}" for x in points(shift).ravel()]
    return " ".join([*numbers, *map(str, box), classes, name])


@pytest.fixture
def wflw(tmp_path):
    """Folders as the authors' archives are unpacked."""
    root = tmp_path / "WFLW"
    folder = root / LISTS
    folder.mkdir(parents=True)
    train = [
        row("0--Parade/a.png", "1 0 1 0 1 0"),
        row("1--Hand/b.png", shift=1),
    ]
    (folder / "list_98pt_rect_attr_train.txt").write_text(
        "\n".join([*train, ""])
    )
    (folder / "list_98pt_rect_attr_test.txt").write_text(
        row("1--Hand/b.png", "0 0 0 0 0 1")
    )
    photo(root / "WFLW_images/0--Parade/a.png")
    photo(root / "WFLW_images/1--Hand/b.png")
    return root


def test_points_boxes_attributes_and_splits(wflw, tmp_path, capsys):
    path = tmp_path / "out/faces.csv"
    convert(wflw, "--to", path)
    # The order of files is that of their names.
    faces = read_csv(path)
    assert faces.names.tolist() == [
        "../WFLW/WFLW_images/1--Hand/b.png",
        "../WFLW/WFLW_images/0--Parade/a.png",
        "../WFLW/WFLW_images/1--Hand/b.png",
    ]
    assert [r["split"] for r in cells(path)] == ["test", "train", "train"]
    assert faces.boxes.tolist() == [list(BOX)] * 3
    np.testing.assert_allclose(
        faces.labels["landmarks"],
        [points(), points(), points(1)],
        rtol=0,
        atol=1e-9,
    )
    codes = [faces.labels[name].tolist() for name in NAMES]
    assert codes == [
        [0, 1, 0],
        [0] * 3,
        [0, 1, 0],
        [0] * 3,
        [0, 1, 0],
        [1, 0, 0],
    ]
    tasks = {
        task.name: task for task in load_tasks(path.with_name("tasks.toml"))
    }
    assert list(tasks) == ["landmarks", *NAMES]
    assert tasks["pose"].names == ("normal", "large")
    assert tasks["make_up"].names == ("no", "yes")
    assert tasks["landmarks"].mirror[96] == 97
    printed = capsys.readouterr().out
    assert "Found: 3 faces in 2 photos, 98 points, 6 attributes" in printed
    assert "Split: 2 train, 1 test." in printed
    assert "Boxes: 3 given." in printed


def test_one_list_alone_is_no_split(wflw, tmp_path):
    source = wflw / LISTS / "list_98pt_rect_attr_test.txt"
    convert(source, "--to", tmp_path / "faces.csv")
    assert csv_splits(tmp_path / "faces.csv") == ()
    assert len(cells(tmp_path / "faces.csv")) == 1


def test_lists_of_subsets(wflw, tmp_path):
    words = row("1--Hand/b.png").split()
    subset = wflw / "WFLW_annotations/list_98pt_test/list_98pt_test_blur.txt"
    subset.parent.mkdir()
    subset.write_text(" ".join([*words[:196], words[-1]]) + "\n")
    convert(wflw, "--to", tmp_path / "all.csv")
    assert len(cells(tmp_path / "all.csv")) == 3
    convert(subset, "--to", tmp_path / "one/faces.csv")
    (found,) = cells(tmp_path / "one/faces.csv")
    assert found["left"] == ""
    assert "blur" not in found
    assert found["x1"] == "0.0"


def test_photos_elsewhere(wflw, tmp_path):
    (wflw / "WFLW_images").rename(tmp_path / "photos")
    path = tmp_path / "faces.csv"
    with pytest.raises(InputError, match="name their folder with --photos DIR"):
        convert(wflw, "--to", path)
    convert(wflw, "--to", path, "--photos", tmp_path / "photos")
    assert cells(path)[1]["file"] == "photos/0--Parade/a.png"


def test_photos_of_a_folder_in_a_folder_of_the_same_name(wflw, tmp_path):
    (wflw / "WFLW_images").rename(tmp_path / "images")
    (wflw / "WFLW_images").mkdir()
    (tmp_path / "images").rename(wflw / "WFLW_images/WFLW_images")
    convert(wflw, "--to", tmp_path / "faces.csv")
    assert cells(tmp_path / "faces.csv")[1]["file"] == (
        "WFLW/WFLW_images/WFLW_images/0--Parade/a.png"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            " 1--Hand",
            " 3 1--Hand",
            "row too long: expected 206 numbers before the photo, received 207",
        ),
        (
            "0 0 1--Hand",
            "1--Hand",
            "truncated row: expected 206 numbers before the photo, received "
            "204",
        ),
        (
            "0 1--Hand",
            "2 1--Hand",
            "class out of range: blur is '2', expected 0 or 1",
        ),
        ("1.000000 0.123456", "x 0.123456", "NaN or not a number: x1 is 'x'"),
        (
            "61 77.5",
            "-2 77.5",
            "zero-size or inverted box: left -2, top 3, right -2, bottom 77.5",
        ),
        (
            "-2 3 61 77.5",
            "-2 300 61 377.5",
            "point far from its box: x1, y1 is (1, 0.123456)",
        ),
        ("b.png", "c.png", "missing image: "),
    ],
    ids=["long", "short", "class", "number", "box", "far", "photo"],
)
def test_an_invalid_row_is_named(wflw, tmp_path, old, new, message):
    path = wflw / LISTS / "list_98pt_rect_attr_train.txt"
    first, second = path.read_text().splitlines()
    assert old in second
    path.write_text(f"{first}\n\n{second.replace(old, new, 1)}\n")
    with pytest.raises(InputError, match=re.escape(message)) as error:
        convert(path, "--to", tmp_path / "faces.csv")
    assert str(error.value).startswith(f"{path}, row 3 (")
    convert(path, "--to", tmp_path / "faces.csv", "--skip-bad")
    assert len(cells(tmp_path / "faces.csv")) == 1
