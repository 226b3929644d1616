"""COCO keypoints: visibility, boxes, categories, and COCO-WholeBody."""

import csv

import numpy as np
import pytest

from facemtl.data.convert.formats import Source, read_labels
from facemtl.data.csv.reader import read_csv
from facemtl.data.faces import BadRows
from facemtl.errors import InputError
from facemtl.tasks import load_tasks
from tests.convert_case import annotation, cells, convert, photo, write_coco


@pytest.fixture
def folder(tmp_path):
    """A folder with the photos of `write_coco`."""
    photo(tmp_path / "a.png")
    photo(tmp_path / "b.png")
    return tmp_path


def labels_of(*paths, **more):
    return read_labels(Source(paths, **more), BadRows())[1]


def test_points_box_and_names(folder, capsys):
    second = annotation(id=12, image_id=2, bbox=[0.5, 1, 4.25, 6])
    source = write_coco(folder / "faces.json", [annotation(), second])
    path = folder / "out.csv"
    assert convert(source, "--to", path) == 0
    faces = read_csv(path)
    assert faces.names.tolist() == ["a.png", "b.png"]
    assert faces.boxes.tolist() == [[1, 2, 5, 7], [0.5, 1, 4.75, 7]]
    expected = [[2, 3], [4.5, 3], [3, 5]]
    assert faces.labels["landmarks"].tolist() == [expected, expected]
    (task,) = load_tasks(folder / "tasks.toml")
    assert task.names == ("left_eye", "right_eye", "nose")
    assert task.mirror == (1, 0, 2)
    printed = capsys.readouterr().out
    assert "Boxes: 2 given." in printed
    assert "COCO's left is the person's own" in printed
    assert list(cells(path)[0])[-6:] == ["x1", "x2", "x3", "y1", "y2", "y3"]


def test_missing_and_occluded_points(folder, capsys):
    keypoints = [2, 3, 1, 0, 0, 0, 3, 5, 2]
    source = write_coco(folder / "f.json", [annotation(keypoints=keypoints)])
    convert(source, "--to", folder / "out.csv")
    (row,) = cells(folder / "out.csv")
    assert [row[f"v{i}"] for i in (1, 2, 3)] == ["1", "0", "2"]
    assert [row[f"x{i}"] for i in (1, 2, 3)] == ["2.0", "", "3.0"]
    assert [row[f"y{i}"] for i in (1, 2, 3)] == ["3.0", "", "5.0"]
    assert "3 points (1 missing, 1 occluded)" in capsys.readouterr().out


def test_coordinates_of_a_missing_point_do_not_count(folder):
    keypoints = [2, 3, 2, 999, 999, 0, 3, 5, 2]
    source = write_coco(folder / "f.json", [annotation(keypoints=keypoints)])
    points = labels_of(source).faces.labels["landmarks"][0]
    np.testing.assert_array_equal(points, [[2, 3], [np.nan] * 2, [3, 5]])


def test_annotations_that_are_no_labelled_face(folder, capsys):
    source = write_coco(
        folder / "faces.json",
        [
            annotation(),
            annotation(iscrowd=1),
            annotation(keypoints=[0] * 9, num_keypoints=0),
            {"id": 3, "image_id": 1, "category_id": 7},
            annotation(category_id=1),
        ],
    )
    convert(source, "--to", folder / "out.csv")
    assert len(cells(folder / "out.csv")) == 1
    printed = capsys.readouterr().out
    assert "Left out: 1 annotation of crowds." in printed
    assert "Left out: 2 annotations without labelled points." in printed
    assert "Left out: 1 annotation of other categories." in printed


def test_a_face_without_a_box(folder):
    entry = annotation()
    del entry["bbox"]
    source = write_coco(folder / "faces.json", [entry, annotation(bbox=[])])
    convert(source, "--to", folder / "out.csv")
    assert [row["left"] for row in cells(folder / "out.csv")] == ["", ""]
    assert np.isfinite(read_csv(folder / "out.csv").boxes).all()


def test_categories(folder):
    entries = [
        {
            "id": 7,
            "name": "face",
            "keypoints": ["left_eye", "right_eye", "nose"],
        },
        {"id": 8, "name": "cat", "keypoints": ["ear", "tail", "paw"]},
        {"id": 9, "name": "car"},
    ]
    source = write_coco(
        folder / "faces.json",
        [annotation(), annotation(id=12, category_id=8)],
        categories=entries,
    )
    with pytest.raises(InputError) as error:
        labels_of(source)
    assert str(error.value) == (
        f"{source}: expected one category with keypoints. Received: face, "
        "cat. Name one with --category."
    )
    labels = labels_of(source, category="cat")
    assert labels.points_task.names == ("ear", "tail", "paw")
    assert labels.mirror_unknown
    assert len(labels.faces) == 1
    with pytest.raises(InputError, match="Received: car"):
        labels_of(source, category="car")


def test_whole_body(folder, capsys):
    kpts = [value for i in range(68) for value in (i, 2 * i, 0.4 + i % 2)]
    kpts[:6] = [3, 3, 0, 4, 4, 1]
    face = annotation(face_kpts=kpts, face_box=[0, 0, 70, 140], face_valid=True)
    unseen = annotation(face_kpts=[0] * 204, face_box=[0] * 4, face_valid=False)
    source = write_coco(folder / "faces.json", [face, unseen])
    labels = labels_of(source)
    points = labels.faces.labels["landmarks"]
    assert points.shape == (1, 68, 2)
    assert np.isnan(points[0, 0]).all()
    assert points[0, 1:4].tolist() == [[4, 4], [2, 4], [3, 6]]
    assert labels.visible[0, :4].tolist() == [0, 1, 2, 2]
    assert labels.faces.boxes.tolist() == [[0, 0, 70, 140]]
    assert labels.points_task.names[36] == "left eye 1"
    assert not labels.mirror_unknown
    assert "Read: the 68 points of the face (face_kpts)" in labels.notes[-1]


@pytest.mark.parametrize(
    "place", ["images", "data", "../images", "../val2017", "../images/val2017"]
)
def test_photos_near_the_json(tmp_path, place):
    source = write_coco(tmp_path / "ann/kpts_val2017.json", [annotation()])
    photo(source.parent / place / "a.png")
    (name,) = labels_of(source).faces.names
    assert name == (source.parent / place / "a.png").resolve().as_posix()


def test_photos_elsewhere(tmp_path):
    source = write_coco(tmp_path / "ann/faces.json", [annotation()])
    with pytest.raises(InputError) as error:
        labels_of(source)
    assert str(error.value).startswith(
        f"{source}, annotation 11 ({tmp_path}/ann/a.png): missing image: "
        f"{tmp_path}/ann/a.png (name their folder with --photos DIR). "
    )
    photo(tmp_path / "far/a.png")
    labels = labels_of(source, photos=tmp_path / "far")
    assert labels.faces.names.tolist() == [f"{tmp_path}/far/a.png"]
    with pytest.raises(InputError, match=r"expected a folder of photos"):
        labels_of(source, photos=tmp_path / "nowhere")


def test_an_id_of_two_photos_does_not_tell_which(folder):
    images = [{"id": 1, "file_name": name} for name in ("a.png", "b.png")]
    source = write_coco(folder / "faces.json", [annotation()], images=images)
    with pytest.raises(InputError) as error:
        labels_of(source)
    assert str(error.value) == (
        f"{source}: expected images with unique ids. Received: id 1 of "
        "a.png and of b.png. Files that were merged need new ids."
    )
    source = write_coco(
        folder / "faces.json", [annotation()], images=[images[0]] * 2
    )
    assert len(labels_of(source).faces) == 1


def test_several_files_tell_the_split(folder):
    paths = [
        write_coco(folder / f"kpts_{word}2017.json", [annotation()] * n)
        for word, n in (("train", 2), ("val", 1))
    ]
    assert labels_of(*paths).splits.tolist() == ["train", "train", "val"]
    assert labels_of(paths[0]).splits is None


def test_several_files_have_the_same_points(folder):
    one = write_coco(folder / "one.json", [annotation()])
    names = ("eye", "ear", "nose")
    other = write_coco(folder / "other.json", [annotation()], names)
    with pytest.raises(InputError) as error:
        labels_of(one, other)
    assert str(error.value) == (
        f"{other}: expected the same keypoints as in {one}. Received: eye, "
        "ear, nose."
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"keypoints": [1, 2, 2]},
            "keypoints has 3 numbers, expected x, y, v of 3 points",
        ),
        (
            {"keypoints": [2, 3, 3, 4, 3, 2, 3, 5, 2]},
            "v is 3, expected 0 (missing), 1 or 2",
        ),
        (
            {"keypoints": [2, "3", 2, 4, 3, 2, 3, 5, 2]},
            "keypoints is no list of finite numbers",
        ),
        (
            {"keypoints": [2, float("nan"), 2, 4, 3, 2, 3, 5, 2]},
            "keypoints is no list of finite numbers",
        ),
        (
            {"bbox": [1, 2, 3]},
            "bbox has 3 numbers, expected x, y, width, height",
        ),
        (
            {"bbox": [1, 2, 0, 5]},
            "zero-size or inverted box: left 1, top 2, right 1, bottom 7",
        ),
        ({"bbox": [100, 100, 4, 4]}, "point far from its box"),
        ({"image_id": 99}, "unknown photo: image_id is 99"),
        ({"image_id": [1]}, "unknown photo: image_id is [1]"),
    ],
    ids=[
        "short",
        "v",
        "text",
        "nan",
        "short box",
        "no width",
        "far",
        "photo",
        "id",
    ],
)
def test_an_invalid_annotation_is_named(folder, changes, message, capsys):
    entries = [annotation(), annotation(id=12) | changes]
    source = write_coco(folder / "faces.json", entries)
    with pytest.raises(InputError) as error:
        convert(source, "--to", folder / "out.csv")
    assert str(error.value).startswith(f"{source}, annotation 12")
    assert message in str(error.value)
    convert(source, "--to", folder / "out.csv", "--skip-bad")
    assert len(cells(folder / "out.csv")) == 1
    with (folder / "out_skipped.csv").open(newline="") as listed:
        (row,) = csv.DictReader(listed)
    assert message in ": ".join(row.values())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "expected COCO's keypoints as JSON. Received: "),
        ("[]", "Received: none of images, annotations, categories."),
        (
            '{"images": [], "annotations": [3], "categories": []}',
            "Received: none of annotations.",
        ),
        (
            '{"images": [], "annotations": [], "categories": []}',
            "expected one category with keypoints. Received: none.",
        ),
        (
            '{"images": [], "annotations": [], "categories": [{"id": 1, '
            '"keypoints": ["a", "a"]}]}',
            "list of distinct names. Received: ['a', 'a']",
        ),
        (
            '{"images": [], "annotations": [], "categories": [{"id": 1, '
            '"keypoints": ["a"]}]}',
            "Expected valid annotations with labelled points. Received: none.",
        ),
    ],
    ids=["broken", "list", "no dict", "no category", "twice", "no faces"],
)
def test_other_json(tmp_path, text, message):
    (tmp_path / "faces.json").write_text(text)
    with pytest.raises(InputError) as error:
        labels_of(tmp_path / "faces.json")
    assert message in str(error.value)
