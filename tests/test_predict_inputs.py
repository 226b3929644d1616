"""`facemtl predict` on folders and standard input, and what it writes."""

import csv
import io
import json
import os
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from facemtl.__main__ import main as facemtl_main
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.inference.face import Face
from facemtl.photos.encoding import encoded
from facemtl.photos.folders import ENDINGS, photos_in
from facemtl.predict import inputs, progress
from facemtl.predict.command import main
from facemtl.predict.output import PhotoResult
from facemtl.predict.progress import PhotoProgress

FACES = synthetic_faces(3, seed=21)
PIXELS = [FACES.images.read(name) for name in FACES.names]
TINY = ("--model", "tiny")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Photos of several formats in a folder, and what is none."""
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "in"
    (place / "b/.git").mkdir(parents=True)
    for name, pixels in zip(
        ("b/face.png", "a.JPG", "face.webp"), PIXELS, strict=True
    ):
        (place / name).write_bytes(encoded(pixels, Path(name).suffix))
    for name in (".face.png", "b/.git/face.png"):
        (place / name).write_bytes(encoded(PIXELS[0], ".png"))
    (place / "notes.txt").write_text("no photo")
    (place / "README").write_text("no photo")
    return place


def entries_of(file):
    return json.loads(Path(file).read_text())


def names_in(folder):
    return sorted(file.name for file in Path(folder).iterdir())


def test_a_folder_is_searched_with_its_subfolders(folder, capsys):
    assert main(["in", *TINY, "--json", "faces.json"]) == 0
    entries = entries_of("faces.json")
    names = ["in/a.JPG", "in/face.webp", "in/b/face.png"]
    assert [entry["file"] for entry in entries] == names
    assert [len(entry["faces"]) for entry in entries] == [1, 1, 1]
    shown = capsys.readouterr()
    assert shown.out.startswith("[1/3] in/a.JPG, face 1: left eye ")
    wanted = "in: left out 2 files of other formats: "
    assert shown.err.startswith(wanted)
    assert "1 .txt" in shown.err
    assert "1 without an ending" in shown.err


def test_photos_may_stand_between_options(folder):
    words = ["in/a.JPG", "--json", "faces.json", "in/face.webp", *TINY]
    assert main([*words, "--quiet", "in/b/face.png"]) == 0
    names = ["in/a.JPG", "in/face.webp", "in/b/face.png"]
    assert [entry["file"] for entry in entries_of("faces.json")] == names


def test_outputs_in_the_folder_are_not_searched(folder, capsys):
    words = ["in", *TINY, "--draw", "in/drawn", "--crops", "in/b/crops"]
    for _ in range(2):
        assert main(words) == 0
        assert "3 faces in 3 photos" in capsys.readouterr().err


def test_pictures_keep_the_format_and_are_told(folder, capsys):
    words = ["in", "in/b/face.png", "--draw", "drawn", "--crops", "crops"]
    assert main([*words, *TINY, "--json", "faces.json", "--csv", "f.csv"]) == 0
    names = ["a_faces.JPG", "face_faces.png", "face_faces.webp"]
    assert names_in("drawn") == sorted([*names, "face_faces_2.png"])
    heads = [(folder.parent / "drawn" / name).read_bytes() for name in names]
    assert heads[0][:3] == b"\xff\xd8\xff"
    assert heads[1][1:4] == b"PNG"
    assert heads[2][8:12] == b"WEBP"
    crops = [
        [face["crop"] for face in entry["faces"]]
        for entry in entries_of("faces.json")
    ]
    assert crops == [
        ["a_face1.png"],
        ["face_face1.png"],
        ["face_face1_2.png"],
        ["face_face1_3.png"],
    ]
    assert names_in("crops") == sorted(name for (name,) in crops)
    assert cv2.imread("crops/a_face1.png").shape == (112, 112, 3)
    rows = list(csv.DictReader(Path("f.csv").read_text().splitlines()))
    assert [[row["crop"]] for row in rows] == crops
    assert capsys.readouterr().err.endswith(
        "Wrote 4 annotated photos in drawn, 4 aligned faces in crops.\n"
    )
    # The crop is that of Python.
    face = Face((0, 0, 1, 1), entries_of("faces.json")[2]["faces"][0]["points"])
    aligned = face.aligned(folder / "b/face.png")
    wanted = cv2.imread("crops/face_face1_2.png")[..., ::-1]
    # JSON has hundredths of pixels.
    assert np.abs(aligned.astype(int) - wanted).mean() < 0.3


def test_formats_that_are_not_written_become_png(folder, capsys):
    (folder / "b/face.ppm").write_bytes(
        b"P6 160 160 255\n" + np.ascontiguousarray(PIXELS[0]).tobytes()
    )
    assert main(["in/b/face.ppm", *TINY, "--draw", "drawn"]) == 0
    assert names_in("drawn") == ["face_faces.png"]


def test_a_photo_comes_on_standard_input(folder, capsys, monkeypatch):
    data = io.BytesIO((folder / "a.JPG").read_bytes())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(data))
    assert main(["-", *TINY, "--draw", "drawn", "--json", "-"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert (entry["file"], len(entry["faces"])) == ("-", 1)
    assert names_in("drawn") == ["stdin_faces.png"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    assert main(["-", *TINY]) == 1
    assert "standard input, 0 bytes, is trunc" in capsys.readouterr().out
    monkeypatch.setattr(inputs, "on_terminal", lambda stream: True)
    with pytest.raises(InputError, match="Received: a terminal"):
        main(["-", *TINY])


def test_folders_that_cannot_be_read_are_told(folder, capsys, monkeypatch):
    def refuse(name):
        def scandir(place):
            if os.fspath(place) == name:
                raise PermissionError(13, "Permission denied", name)
            return scan(place)

        return scandir

    scan = os.scandir
    monkeypatch.setattr(os, "scandir", refuse("in"))
    with pytest.raises(InputError, match=r"can be read.*in: Permission denied"):
        main(["in", *TINY])
    monkeypatch.setattr(os, "scandir", refuse("in/b"))
    assert main(["in", *TINY, "--quiet"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "in/b: Permission denied\n"


def test_a_folder_without_photos_is_told(folder):
    (folder / "only").mkdir()
    with pytest.raises(InputError, match=r"folder in/only\. Received: no file"):
        main(["in/only", *TINY])
    (folder / "only/a.heic").write_bytes(b"")
    with pytest.raises(InputError, match=r"formats: 1 \.heic; convert HEIC"):
        main(["in/only", *TINY])


def test_an_empty_folder_does_not_stop_other_photos(folder, capsys):
    Path("empty").mkdir()
    assert main(["empty", "in/a.JPG", *TINY, "--json", "out.json"]) == 1
    empty, whole = entries_of("out.json")
    assert empty["file"] == "empty"
    assert "folder" in empty["error"] or "directory" in empty["error"]
    assert len(whole["faces"]) == 1
    assert "1 photo could not be used" in capsys.readouterr().err


def test_links_and_pipes_in_a_folder(folder):
    (folder / "b/again").symlink_to("..")
    (folder / "link.png").symlink_to("b/face.png")
    (folder / "gone.png").symlink_to("nowhere")
    os.mkfifo(folder / "pipe.png")
    found = photos_in(folder)
    names = [os.path.relpath(file, folder) for file in found.files]
    assert names == ["a.JPG", "face.webp", "gone.png", "link.png", "b/face.png"]
    assert found.others[".png"] == 1
    assert {".jpg", ".png", ".webp", ".avif", ".tif"} < ENDINGS


def test_the_largest_faces_are_kept(tmp_path, capsys):
    large = cv2.resize(PIXELS[1], None, fx=1.5, fy=1.5)
    photo = np.full((240, 420, 3), 150, np.uint8)
    photo[:160, :160], photo[:, 170:410] = PIXELS[0], large
    file = tmp_path / "two.png"
    file.write_bytes(encoded(photo, ".png"))
    for words, wanted in (([], 2), (["--max-faces", "1"], 1)):
        assert main([str(file), *TINY, *words, "--json", "-"]) == 0
        (entry,) = json.loads(capsys.readouterr().out)
        assert len(entry["faces"]) == wanted
        assert entry["faces"][0]["box"][0] > 160


def test_quiet_prints_errors_alone(folder, capsys):
    assert main(["in", *TINY, "--quiet", "--draw", "d"]) == 0
    assert capsys.readouterr() == ("", "")
    (folder / "c.png").write_bytes(b"")
    assert main(["in", *TINY, "--quiet"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("[2/4] in/c.png: unreadable image: ")
    assert shown.err.count("\n") == 1


def test_crops_need_the_points_of_the_template(tmp_path, monkeypatch):
    from facemtl.inference.templates import check_network
    from facemtl.tasks import SMILE, Task, load_tasks
    from facemtl.tasks.layouts import find_layout

    check_network(load_tasks(find_layout("points68")), "--crops")
    chin = Task("landmarks", "landmarks", ("left eye", "right eye", "chin"))
    for tasks in ((chin, SMILE), (SMILE,)):
        with pytest.raises(InputError, match="--crops: Expected a face with"):
            check_network(tasks, "--crops")


def test_a_terminal_has_a_bar_for_many_photos(monkeypatch, capsys):
    monkeypatch.setattr(progress, "on_terminal", lambda stream: True)
    monkeypatch.setenv("COLUMNS", "90")
    face = Face((0, 0, 9, 9))
    shown = PhotoProgress(20, sys.stdout, quiet=False)
    for i in range(19):
        shown.show(PhotoResult(f"{i}.jpg", [face]))
    shown.show(PhotoResult("bad.jpg", error="no photo"))
    shown.clear()
    printed = capsys.readouterr()
    assert printed.out == "[20/20] bad.jpg: no photo\n"
    assert "\r[#...................] 1 of 20 photos, " in printed.err
    assert printed.err.endswith("\r")
    assert "\n" not in printed.err
    # A log has a line for each photo, and so have few photos.
    for photos, on in ((20, False), (10, True)):
        monkeypatch.setattr(progress, "on_terminal", lambda _, on=on: on)
        PhotoProgress(photos, sys.stdout, False).show(PhotoResult("a", [face]))
        printed = capsys.readouterr()
        assert printed.out.startswith(f"[1/{photos}] a, face 1: ")
        assert printed.err == ""


def test_the_bar_tells_the_time_left(monkeypatch):
    monkeypatch.setenv("COLUMNS", "90")
    bar = PhotoProgress(300, sys.stdout, quiet=False)
    for _ in range(60):
        bar.show(PhotoResult("a"))
    assert bar.line(30.0).rstrip() == (
        "[####................] 60 of 300 photos, 2.0 a second, 2:00 left, "
        "0 faces"
    )
    assert "4:00:00 left" in bar.line(3600.0)
    monkeypatch.setenv("COLUMNS", "40")
    assert len(bar.line(30.0)) == 39


def test_many_points_are_counted_on_the_terminal():
    points = {f"p{i}": (i, i) for i in range(68)}
    (line,) = PhotoResult("a.jpg", [Face((0, 0, 9, 9), points)]).lines()
    assert line == "a.jpg, face 1: 68 points"


def test_the_version_is_told(capsys):
    import facemtl

    assert facemtl_main(["--version"]) == 0
    with pytest.raises(SystemExit) as end:
        facemtl_main(["predict", "--version"])
    assert end.value.code == 0
    line = f"facemtl {facemtl.__version__}\n"
    assert capsys.readouterr().out == 2 * line
