"""`facemtl data convert`: what it recognises, refuses, writes and prints."""

import json
import sys
import time

import cv2
import forked
import numpy as np
import pytest

from facemtl.data.convert.labels import Labels
from facemtl.data.convert.write import tasks_toml, write_labels
from facemtl.data.csv.reader import read_csv
from facemtl.data.faces import Faces
from facemtl.data.mtfl.reader import read_mtfl
from facemtl.data.other_formats import (
    recognised_format,
    refuse_other_formats,
)
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.photos.images import FolderImages
from facemtl.tasks import LANDMARKS, MTFL_TASKS, Task, load_tasks
from tests.convert_case import (
    annotation,
    cells,
    convert,
    photo,
    write_coco,
    write_pts,
)

POINTS = np.array([[1.0, 2.0], [4.0, 2.0]])


def pts(folder, name="a"):
    """A folder with one .pts file and its photo."""
    write_pts(photo(folder / f"{name}.png").with_suffix(".pts"), POINTS)
    return folder


def facemtl(*words):
    """The command as a user starts it."""
    return forked.run([sys.executable, "-m", "facemtl", *words])


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.pts", "pts"),
        ("A.PTS", "pts"),
        ("faces.json", "coco"),
        ("list_98pt_rect_attr_train.txt", "wflw"),
        ("list_98pt_test_blur.txt", "wflw"),
        ("list_attr_celeba.txt", "celeba"),
        ("list_landmarks_align_celeba.csv", "celeba"),
        ("list_eval_partition.txt", "celeba"),
        ("faces.csv", ""),
        ("training.txt", ""),
        ("mtfl.zip", ""),
        ("missing", ""),
    ],
)
def test_recognised_names(name, form):
    assert recognised_format(name) == form


def test_recognised_folders(tmp_path):
    assert recognised_format(tmp_path) == ""
    (tmp_path / "package.json").write_text('{"name": "no labels"}')
    assert recognised_format(tmp_path) == ""
    write_coco(tmp_path / "deep/er/faces.json", [annotation()])
    assert recognised_format(tmp_path) == "coco"
    pts(tmp_path / "ibug")
    with pytest.raises(InputError) as error:
        recognised_format(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: expected labels of one format. Received: coco, pts. "
        "Name the one that is meant, as in --format coco, or give the files "
        "themselves."
    )


def test_a_named_format(tmp_path):
    write_coco(tmp_path / "p/faces.json", [annotation()], files=("a.png",))
    pts(tmp_path / "p")
    for form, points in (("pts", 2), ("coco", 3)):
        path = tmp_path / form / "faces.csv"
        convert(tmp_path / "p", "--to", path, "--format", form)
        assert read_csv(path).tasks[0].size == points


@pytest.mark.parametrize("source", ["faces.csv", "folder"])
def test_an_unknown_source_lists_what_is_understood(tmp_path, source):
    (tmp_path / "folder").mkdir()
    (tmp_path / "faces.csv").touch()
    done = facemtl("data", "convert", tmp_path / source, "--to", "new.csv")
    assert done.returncode == 2
    assert done.stderr == (
        f"error: {tmp_path / source}: expected iBUG's .pts files (pts), COCO's "
        "keypoints .json (coco), WFLW's list_98pt_….txt (wflw), or CelebA's "
        "list_….txt or .csv (celeba). Received: nothing of these. Files of "
        "other names need --format NAME.\n"
    )


def test_sources_of_two_formats(tmp_path):
    write_coco(tmp_path / "faces.json", [annotation()])
    with pytest.raises(InputError) as error:
        convert(pts(tmp_path / "p"), tmp_path / "faces.json", "--to", "new.csv")
    assert str(error.value) == (
        "Expected sources of one format. Received: pts, coco. Convert them one "
        "by one."
    )


@pytest.mark.parametrize("form", [[], ["--format", "pts"]])
def test_a_source_that_is_not_there(tmp_path, form):
    with pytest.raises(InputError, match="Received: no such path"):
        convert(tmp_path / "nothing", "--to", tmp_path / "new.csv", *form)


def test_nothing_is_overwritten_unasked(tmp_path, capsys):
    source, path = pts(tmp_path / "p"), tmp_path / "faces.csv"
    path.write_text("mine")
    with pytest.raises(InputError, match=r"faces\.csv: expected a new file"):
        convert(source, "--to", path)
    # Not even read: that may take a while.
    assert "Reading" not in capsys.readouterr().out
    assert path.read_text() == "mine"
    path.unlink()
    tasks = tmp_path / "tasks.toml"
    tasks.write_text('[[task]]\nname = "age"\nkind = "value"\n')
    with pytest.raises(InputError, match=r"tasks\.toml: expected the same"):
        convert(source, "--to", path)
    assert not path.exists()
    convert(source, "--to", path, "--overwrite")
    assert len(read_csv(path)) == 1
    # A second CSV may share the tasks.
    convert(source, "--to", tmp_path / "other.csv")
    assert len(read_csv(tmp_path / "other.csv")) == 1


@pytest.mark.parametrize("name", ["faces.txt", "faces"])
def test_only_a_csv_is_written(tmp_path, name):
    with pytest.raises(InputError, match=r"Expected --to as a \.csv file"):
        convert(pts(tmp_path / "p"), "--to", tmp_path / name)


def test_a_source_is_not_overwritten(tmp_path):
    source = tmp_path / "list_attr_celeba.csv"
    source.write_text("image_id,Male\na.jpg,1\n")
    with pytest.raises(InputError, match="as another file than the sources"):
        convert(source, "--to", source, "--overwrite")


def test_both_files_or_none(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError("no space left")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(InputError, match="no space left"):
        convert(pts(tmp_path / "p"), "--to", tmp_path / "out/faces.csv")
    assert list((tmp_path / "out").iterdir()) == []


def test_paths_from_behind_links(tmp_path, monkeypatch):
    pts(tmp_path / "real/photos")
    (tmp_path / "far/away").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "far/away")
    (tmp_path / "near").symlink_to(tmp_path / "real/photos")
    convert(tmp_path / "near", "--to", tmp_path / "link/faces.csv")
    (row,) = cells(tmp_path / "link/faces.csv")
    assert row["file"] == "../../real/photos/a.png"
    faces = read_csv(tmp_path / "link/faces.csv")
    assert faces.images.read(faces.names[0]).shape == (8, 6, 3)
    monkeypatch.chdir(tmp_path / "real")
    convert("photos", "--to", "faces.csv")
    assert cells(tmp_path / "real/faces.csv")[0]["file"] == "photos/a.png"


def test_many_invalid_rows_are_listed_in_a_file(tmp_path, capsys):
    source = pts(tmp_path / "p")
    for i in range(30):
        (source / f"x{i:02}.pts").touch()
        photo(source / f"x{i:02}.png")
    convert(source, "--to", tmp_path / "faces.csv", "--skip-bad")
    printed = capsys.readouterr().out
    assert " skipped: 30 no .pts file" in printed
    assert f"{source}/x19.pts: no .pts file" in printed
    assert f"{source}/x20.pts: no .pts file" not in printed
    assert "\n  and 10 more\n" in printed
    listed = (tmp_path / "faces_skipped.csv").read_text().splitlines()
    assert len(listed) == 1 + 30
    assert listed[30].startswith(f"{source}/x29.pts,no .pts file,")


def test_no_valid_row_is_left(tmp_path):
    (photo(tmp_path / "p/a.png").with_suffix(".pts")).touch()
    with pytest.raises(InputError, match=r"1 .+ skipped: 1 no \.pts file"):
        convert(tmp_path / "p", "--to", tmp_path / "f.csv", "--skip-bad")
    source = write_coco(tmp_path / "faces.json", [annotation()])
    with pytest.raises(InputError, match=r"Received: none\. 1 .+ skipped"):
        convert(source, "--to", tmp_path / "f.csv", "--skip-bad")


def test_tasks_are_read_as_they_were(tmp_path):
    (tmp_path / "tasks.toml").write_text(tasks_toml(MTFL_TASKS[:2]))
    assert load_tasks(tmp_path / "tasks.toml") == MTFL_TASKS[:2]


def test_the_next_commands_can_be_pasted(tmp_path, capsys):
    path = tmp_path / "my faces/faces.csv"
    convert(pts(tmp_path / "p"), "--to", path)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == [
        f"  facemtl data check '{path}' --draw '{path.parent}/faces_check'",
        f"  facemtl fit --data '{path}' --set augment.mirror=false",
    ]


def test_other_formats_as_data_name_the_command(tmp_path):
    folder = pts(tmp_path / "my p")
    source = write_coco(tmp_path / "faces.json", [annotation()])
    for data, form in ((folder, "pts"), (source, "coco")):
        with pytest.raises(InputError) as error:
            read_mtfl(data, "train")
        quoted = f"'{data}'" if " " in str(data) else data
        assert str(error.value) == (
            f"{data}: expected a CSV, or a folder or zip of MTFL. Received: "
            f"labels of another format ({form}). Write them as a CSV first: "
            f"facemtl data convert {quoted} --to faces.csv"
        )


def test_a_converted_csv_beside_its_labels_is_not_refused(tmp_path):
    folder = pts(tmp_path / "p")
    convert(folder, "--to", folder / "faces.csv")
    refuse_other_formats(folder)
    (folder / "faces.csv").rename(folder / "list_attr_celeba.csv")
    with pytest.raises(InputError, match="expected labels of one format"):
        refuse_other_formats(folder)


@pytest.mark.slow
def test_fit_names_the_command(tmp_path):
    source = write_coco(tmp_path / "faces.json", [annotation()])
    done = facemtl("fit", "--data", source, "--out", tmp_path / "run")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert f"facemtl data convert {source} --to faces.csv" in line


def test_many_faces_take_seconds(tmp_path):
    n = 50_000
    names = [f"{tmp_path.as_posix()}/{i:06}.jpg" for i in range(n)]
    points = np.random.default_rng(0).uniform(0, 178, (n, 5, 2))
    faces = Faces(
        (LANDMARKS,),
        FolderImages(""),
        np.array(names),
        np.array(["list.txt, row 1"] * n),
        np.full((n, 4), np.nan),
        {"landmarks": points},
    )
    start = time.process_time()
    write_labels(Labels(faces), tmp_path / "faces.csv")
    assert time.process_time() - start < 5
    rows = cells(tmp_path / "faces.csv")
    assert len(rows) == n
    assert rows[-1]["file"] == "049999.jpg"
    assert float(rows[-1]["y5"]) == points[-1, 4, 1]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """30 drawn faces as .pts files and as a COCO JSON."""
    folder = tmp_path_factory.mktemp("drawn")
    faces = synthetic_faces(30, seed=4)
    entries = []
    for i, name in enumerate(faces.names):
        image = cv2.cvtColor(faces.images.read(name), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(folder / f"{i:02}.png"), image)
        points = faces.labels["landmarks"][i]
        write_pts(folder / f"{i:02}.pts", points)
        left, top, right, bottom = faces.boxes[i].tolist()
        seen = np.concatenate([points, np.full((5, 1), 2)], axis=1)
        entries.append(
            annotation(
                id=i,
                image_id=i + 1,
                keypoints=seen.ravel().tolist(),
                bbox=[left, top, right - left, bottom - top],
            )
        )
    files = tuple(f"{i:02}.png" for i in range(30))
    names = tuple(name.replace(" ", "_") for name in LANDMARKS.names)
    write_coco(folder / "faces.json", entries, names, files)
    return folder, faces


@pytest.mark.parametrize("form", ["pts", "coco"])
def test_drawn_faces_come_back(drawn, tmp_path, form):
    folder, faces = drawn
    source = folder / "faces.json" if form == "coco" else folder
    convert(source, "--to", tmp_path / "faces.csv", "--format", form)
    found = read_csv(tmp_path / "faces.csv")
    np.testing.assert_allclose(
        found.labels["landmarks"],
        faces.labels["landmarks"],
        rtol=0,
        atol=1e-9,
    )
    for i in (0, 29):
        np.testing.assert_array_equal(
            found.images.read(found.names[i]), faces.images.read(faces.names[i])
        )
    if form == "coco":
        np.testing.assert_allclose(found.boxes, faces.boxes, rtol=0, atol=1e-9)
        assert found.tasks[0].mirror == LANDMARKS.mirror


@pytest.mark.slow
@pytest.mark.parametrize("form", ["pts", "coco"])
def test_converted_faces_train(drawn, tmp_path, form):
    source = drawn[0] / "faces.json" if form == "coco" else drawn[0]
    path, out = tmp_path / "faces.csv", tmp_path / "run"
    done = facemtl("data", "convert", source, "--to", path, "--format", form)
    assert done.returncode == 0, done.stderr
    words = done.stdout.splitlines()[-1].split()
    assert words[:2] == ["facemtl", "fit"]
    quick = ("--epochs", "1", "--set", "model.width=0.25", "--out", out)
    done = facemtl(*words[1:], *quick)
    assert done.returncode == 0, done.stderr
    report = json.loads((out / "report.json").read_text())
    (scores,) = report["scores"].values()
    assert np.isfinite(scores["landmarks"]["mean_error_box"])
    assert (out / "model.keras").stat().st_size > 0


@pytest.mark.parametrize("mirror", [(1,), (-1,)], ids=["same", "negate"])
def test_tasks_of_values_are_read_as_they_were_written(mirror, tmp_path):
    tasks = (Task("age", "value"), Task("turn", "value", (), mirror))
    (tmp_path / "tasks.toml").write_text(tasks_toml(tasks))
    assert load_tasks(tmp_path / "tasks.toml") == tasks
