"""iBUG's .pts folders: 1-based points, photos of any ending, splits."""

import os
import re

import numpy as np
import pytest

from facemtl.data.csv.reader import csv_splits, read_csv
from facemtl.errors import InputError
from facemtl.tasks import load_tasks
from tests.convert_case import cells, convert, photo, write_pts

POINTS = np.array([[10.25, 20.5], [30.0, 21.125], [20.0, 31.75]])


def points_of(path):
    return read_csv(path).labels["landmarks"]


def test_points_count_from_one_and_photos_have_any_ending(tmp_path, capsys):
    source = tmp_path / "ibug"
    for i, name in enumerate(("a.jpg", "sub/b c.JPEG", "sub/deep/d.e.Png")):
        write_pts((source / name).with_suffix(".pts"), POINTS + i)
        photo(source / "other.png").rename(source / name)
    path = tmp_path / "out/faces.csv"
    assert convert(source, "--to", path) == 0
    names = [row["file"] for row in cells(path)]
    assert names == [
        "../ibug/a.jpg",
        "../ibug/sub/b c.JPEG",
        "../ibug/sub/deep/d.e.Png",
    ]
    faces = read_csv(path)
    expected = [POINTS, POINTS + 1, POINTS + 2]
    np.testing.assert_allclose(points_of(path), expected, rtol=0, atol=1e-9)
    assert faces.images.read(faces.names[1]).shape == (8, 6, 3)
    printed = capsys.readouterr().out
    assert "Found: 3 faces in 3 photos, 3 points, no attributes." in printed
    assert "Boxes: 0 given, 3 to be derived from the points." in printed
    assert "Split: none." in printed


def test_the_files_own_words(tmp_path):
    photo(tmp_path / "p/a.png")
    (tmp_path / "p/a.pts").write_bytes(
        b"version: 1 \r\nn_points:2\r\n{ \r\n446.000 91.000 \r\n\r\n"
        b"  449.459\t119.344\r\n}"
    )
    assert convert(tmp_path / "p", "--to", tmp_path / "faces.csv") == 0
    np.testing.assert_allclose(
        points_of(tmp_path / "faces.csv"),
        [[[445, 90], [448.459, 118.344]]],
        rtol=0,
        atol=1e-9,
    )


def test_68_points_have_names_and_a_mirror_rule(tmp_path, capsys):
    points = np.arange(136.0).reshape(68, 2)
    write_pts(photo(tmp_path / "p/a.png").with_suffix(".pts"), points)
    convert(tmp_path / "p", "--to", tmp_path / "faces.csv")
    (task,) = load_tasks(tmp_path / "tasks.toml")
    assert (task.names[0], task.names[36]) == ("jaw 1", "left eye 1")
    assert task.mirror[36] == 45
    assert "Mirror rule" not in capsys.readouterr().out
    np.testing.assert_array_equal(points_of(tmp_path / "faces.csv")[0], points)


def test_other_points_have_no_mirror_rule_and_it_is_said(tmp_path, capsys):
    write_pts(photo(tmp_path / "p/a.png").with_suffix(".pts"), POINTS)
    convert(tmp_path / "p", "--to", tmp_path / "faces.csv")
    (task,) = load_tasks(tmp_path / "tasks.toml")
    assert task.names == ("point 1", "point 2", "point 3")
    assert task.mirror == (0, 1, 2)
    printed = capsys.readouterr().out
    assert "Mirror rule: unknown. Name the pairs of points that swap" in printed
    assert printed.rstrip().endswith(
        f"facemtl fit --data {tmp_path}/faces.csv --set augment.mirror=false"
    )


@pytest.mark.parametrize("one_source", [True, False])
def test_folders_named_after_splits(tmp_path, capsys, one_source):
    folders = [tmp_path / "helen/trainset", tmp_path / "helen/testset"]
    for folder in folders:
        write_pts(photo(folder / "a.png").with_suffix(".pts"), POINTS)
    sources = [tmp_path / "helen"] if one_source else folders
    path = tmp_path / "faces.csv"
    convert(*sources, "--to", path)
    rows = {row["file"]: row["split"] for row in cells(path)}
    assert rows == {
        "helen/testset/a.png": "test",
        "helen/trainset/a.png": "train",
    }
    assert csv_splits(path) == ("train", "test")
    assert "Split: 1 train, 1 test." in capsys.readouterr().out


def test_no_split_where_a_file_has_none(tmp_path, capsys):
    for folder in ("trainset", "afw"):
        write_pts(
            photo(tmp_path / f"p/{folder}/a.png").with_suffix(".pts"), POINTS
        )
    convert(tmp_path / "p", "--to", tmp_path / "faces.csv")
    assert csv_splits(tmp_path / "faces.csv") == ()
    assert (
        "No split: 1 file of 2 lie in no folder trainset, valset or testset."
        in capsys.readouterr().out
    )


def test_a_test_set_alone_is_to_be_scored(tmp_path, capsys):
    write_pts(photo(tmp_path / "testset/a.png").with_suffix(".pts"), POINTS)
    convert(tmp_path / "testset", "--to", tmp_path / "faces.csv")
    printed = capsys.readouterr().out
    assert f"facemtl evaluate RUN --data {tmp_path}/faces.csv" in printed
    assert "facemtl fit" not in printed


def test_a_file_is_read_once(tmp_path):
    write_pts(photo(tmp_path / "p/q/a.png").with_suffix(".pts"), POINTS)
    write_pts(photo(tmp_path / "p/q/._a.png").with_suffix(".pts"), POINTS)
    (tmp_path / "p/loop").symlink_to(tmp_path / "p", target_is_directory=True)
    source = tmp_path / "p"
    convert(
        source, source / "q", source / "q/a.pts", "--to", tmp_path / "f.csv"
    )
    assert len(cells(tmp_path / "f.csv")) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "version: 1\nn_points: 3\n{\n1 2\n3 4\n}\n",
            "truncated row: n_points is 3, but 2 rows of points",
        ),
        (
            "version: 1\nn_points: 1\n{\n1 2\n3 4\n}\n",
            "row too long: n_points is 1, but 2 rows of points",
        ),
        (
            "version: 1\nn_points: 2\n{\n1 2\n3 x\n}\n",
            "NaN or not a number: row 5: y is 'x'",
        ),
        (
            "version: 1\nn_points: 2\n{\n1 2\n3 nan\n}\n",
            "NaN or not a number: row 5: y is 'nan'",
        ),
        (
            "version: 1\nn_points: 2\n{\n1 2\n3\n}\n",
            "NaN or not a number: row 5 is '3', expected x y",
        ),
        (
            "version: 1\n{\n1 2\n3 4\n}\n",
            "no .pts file: expected n_points: and a number before {",
        ),
        (
            "version: 1\nn_points: 2\n{\n1 2\n3 4\n",
            "no .pts file: expected points between { and }",
        ),
        ("", "no .pts file: expected points between { and }"),
        (
            "version: 1\nn_points: 2\n{\n5 5\n5 5\n}\n",
            "zero-size or inverted box: all points are the same, and no box",
        ),
    ],
    ids=[
        "few",
        "many",
        "word",
        "nan",
        "one number",
        "no count",
        "open",
        "empty",
        "one place",
    ],
)
def test_an_invalid_file_is_named(tmp_path, text, message):
    file = photo(tmp_path / "p/a.png").with_suffix(".pts")
    file.write_text(text)
    with pytest.raises(InputError, match=re.escape(message)) as error:
        convert(tmp_path / "p", "--to", tmp_path / "faces.csv")
    assert str(error.value).startswith(str(file))
    assert not (tmp_path / "faces.csv").exists()
    assert not (tmp_path / "tasks.toml").exists()


def test_photos_missing_or_ambiguous(tmp_path):
    write_pts(tmp_path / "p/a.pts", POINTS)
    with pytest.raises(InputError, match=r"a\.pts: missing image: no a\.jpg"):
        convert(tmp_path / "p", "--to", tmp_path / "faces.csv")
    photo(tmp_path / "p/a.png")
    photo(tmp_path / "p/a.jpg")
    with pytest.raises(InputError, match=r"several photos: a\.jpg, a\.png"):
        convert(tmp_path / "p", "--to", tmp_path / "faces.csv")


def test_files_with_another_number_of_points(tmp_path, capsys):
    for name, points in (("a", POINTS), ("b", POINTS[:2]), ("c", POINTS)):
        write_pts(photo(tmp_path / f"p/{name}.png").with_suffix(".pts"), points)
    path = tmp_path / "faces.csv"
    with pytest.raises(InputError, match="n_points is 2, expected 3 as in"):
        convert(tmp_path / "p", "--to", path)
    convert(tmp_path / "p", "--to", path, "--skip-bad")
    assert [row["file"] for row in cells(path)] == ["p/a.png", "p/c.png"]
    listed = (tmp_path / "faces_skipped.csv").read_text()
    assert listed == (
        "where,reason,detail\n"
        f"{tmp_path}/p/b.pts,another number of points,"
        '"n_points is 2, expected 3 as in most"\n'
    )
    printed = capsys.readouterr().out
    assert "b.pts: another number of points: n_points is 2" in printed


def test_options_that_mean_nothing_here(tmp_path):
    write_pts(photo(tmp_path / "p/a.png").with_suffix(".pts"), POINTS)
    for words, message in (
        (("--photos", tmp_path), "Expected --photos with coco, wflw or celeba"),
        (("--category", "face"), "Expected --category with coco"),
    ):
        with pytest.raises(InputError, match=message):
            convert(tmp_path / "p", "--to", tmp_path / "faces.csv", *words)


def test_a_name_that_is_no_utf_8_is_reported(tmp_path, capsys):
    points = np.array([[1.0, 1], [4, 1], [2, 3], [1, 5], [4, 5]])
    for name in ("a", os.fsdecode(b"caf\xe9")):
        spot = photo(tmp_path / "spot.jpg").read_bytes()
        (tmp_path / f"{name}.png").write_bytes(spot)
        write_pts(tmp_path / f"{name}.pts", points)
    to = tmp_path / "to" / "labels.csv"
    with pytest.raises(InputError, match=r"caf\\xe9.png: a name that is no"):
        convert(tmp_path, "--to", to)
    assert convert(tmp_path, "--to", to, "--skip-bad") == 0
    assert len(cells(to)) == 1
    capsys.readouterr()
