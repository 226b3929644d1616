"""`facemtl data check` and the warnings of `fit`, from files to words."""

import csv
import re

import cv2
import numpy as np
import pytest
from PIL import Image

from facemtl.cli import run
from facemtl.config import load_config
from facemtl.data.check.headers import photo_headers
from facemtl.data.command import main
from facemtl.datasets.faces import BadRows
from facemtl.datasets.images import FolderImages
from facemtl.datasets.sources import load_splits
from facemtl.errors import InputError
from facemtl.run_labels import load_run, warn_of_labels, warn_of_photos
from tests.export_case import write_drawn

FACES = 60
BOX = ("left", "top", "right", "bottom")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A folder of drawn photos, and the rows of their CSV."""
    folder = tmp_path_factory.mktemp("drawn")
    with write_drawn(folder, FACES, seed=0).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for i, row in enumerate(rows):
        row["file"] = str(folder / row["file"])
        row["split"] = "test" if i >= 50 else "val" if i >= 40 else "train"
    return rows


def _write(folder, rows):
    path = folder / "faces.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def _as_size(row):
    """The row with its box as x, y, width, height."""
    left, top, right, bottom = (float(row[k]) for k in BOX)
    return row | {"right": right - left, "bottom": bottom - top}


def test_clean_faces(drawn, tmp_path, capsys):
    assert main(["check", str(_write(tmp_path, drawn))]) == 0
    out = capsys.readouterr().out
    assert out.endswith("\nNothing suspicious.\n")
    assert re.search(r"^faces +40 +10 +10$", out, re.MULTILINE)
    assert "photos: 60; 160 x 160 pixels" in out
    assert "boxes: 60 given, 0 derived" in out
    assert "landmarks, 5 points" in out


def test_findings_and_their_sheets(drawn, tmp_path, capsys):
    rows = [dict(row) for row in drawn]
    for row in rows[:6]:
        row["x2"], row["y2"] = 0, 0
    rows[55]["file"] = rows[3]["file"]
    for column in rows[3]:
        if column != "split":
            rows[55][column] = rows[3][column]
    sheets = tmp_path / "sheets"
    path = _write(tmp_path, rows)
    assert main(["check", str(path), "--draw", str(sheets)]) == 1
    out = capsys.readouterr().out
    assert "\n2 findings:\n" in out
    assert (
        "right eye: at (0, 0) in 7 of 60 faces (the first: faces.csv, row 2"
        in out
    )
    assert (
        "1 photo of 59 has rows in more than one split: faces.csv, row 5" in out
    )
    page = (sheets / "index.html").read_text("utf-8")
    assert "at (0, 0)" in page
    names = ("random.png", "finding_1.png", "finding_2.png")
    heights = [cv2.imread(str(sheets / name)).shape[0] for name in names]
    assert heights[0] > 5 * 168 > heights[1] > 168 < heights[2]


def test_copies_under_other_names_in_two_splits(drawn, tmp_path, capsys):
    rows = [dict(row) for row in drawn]
    photo = cv2.imread(rows[7]["file"])
    copy = str(tmp_path / "copy.jpg")
    cv2.imwrite(copy, photo, [cv2.IMWRITE_JPEG_QUALITY, 60])
    rows.append(rows[7] | {"file": copy, "split": "test"})
    # Boxes that are derived from the points are jittered by the name.
    for row in (rows[7], rows[-1]):
        row.update(left="", top="", right="", bottom="")
    assert main(["check", str(_write(tmp_path, rows))]) == 1
    out = capsys.readouterr().out
    assert (
        "1 pair of nearly the same face in different splits: faces.csv, row 9 "
        "(train) and faces.csv, row 62 (test)." in out
    )
    assert "\n1 finding:\n" in out


def _stored_upright(row, photo):
    """A photo that EXIF lays on its side, with the labels of the upright."""
    return row, photo


def _stored_on_its_side(row, photo):
    """A photo that EXIF sets upright, with the labels of the other."""
    row = dict(row)
    for k in range(1, 6):
        x, y = row[f"x{k}"], row[f"y{k}"]
        row[f"x{k}"], row[f"y{k}"] = y, 159 - float(x)
    left, top, right, bottom = (float(row[k]) for k in BOX)
    box = (top, 159 - right, bottom, 159 - left)
    return row | dict(zip(BOX, box, strict=True)), photo.rotate(90)


@pytest.mark.parametrize("turned", [20, FACES], ids=["some", "all"])
@pytest.mark.parametrize(
    ("stored", "points"),
    [
        (_stored_upright, True),
        (_stored_upright, False),
        (_stored_on_its_side, True),
    ],
    ids=["upright", "upright, boxes alone", "on its side"],
)
def test_labels_before_the_exif_turn(
    stored, turned, points, drawn, tmp_path, capsys
):
    rows = [dict(row) for row in drawn]
    for i, row in enumerate(rows[:turned]):
        photo = Image.open(row["file"]).convert("RGB")
        rows[i], photo = stored(row, photo)
        rows[i]["file"] = str(tmp_path / f"{i}.jpg")
        exif = photo.getexif()
        exif[0x0112] = 6  # to be turned clockwise by 90 degrees
        photo.save(rows[i]["file"], exif=exif)
    if not points:
        rows = [
            {k: row[k] for k in row if not re.fullmatch(r"[xy]\d", k)}
            for row in rows
        ]
    assert main(["check", str(_write(tmp_path, rows))]) == 1
    out = capsys.readouterr().out
    assert f"EXIF turns those of {turned} faces" in out
    (found, n) = re.findall(
        r"before its EXIF orientation turns it, in (\d+) of (\d+) turned faces",
        out,
    )[0]
    assert int(found) >= 0.7 * int(n) >= 14
    assert "the first: faces.csv, row " in out
    assert "\n1 finding:\n" in out


def test_labels_of_photos_as_displayed(drawn, tmp_path, capsys):
    rows = [dict(row) for row in drawn]
    for i, row in enumerate(rows):
        photo = Image.open(row["file"]).convert("RGB").rotate(90)
        row["file"] = str(tmp_path / f"{i}.jpg")
        exif = photo.getexif()
        exif[0x0112] = 6
        photo.save(row["file"], exif=exif)
    assert main(["check", str(_write(tmp_path, rows))]) == 0
    assert "EXIF turns those of 60 faces" in capsys.readouterr().out


def test_headers_say_what_opencv_reads(tmp_path):
    names = []
    for end in ("jpg", "png", "webp"):
        for turn in (1, 3, 6):
            names.append(f"{turn}.{end}")
            photo = Image.new("RGB", (40, 20))
            exif = photo.getexif()
            exif[0x0112] = turn
            photo.save(tmp_path / names[-1], exif=exif)
    images = FolderImages(tmp_path)
    turns, sizes = photo_headers(images, np.array([*names, "missing.jpg"]))
    assert turns.tolist() == [1, 3, 6] * 3 + [1]
    for name, size in zip(names, sizes, strict=False):
        assert images.read(name).shape[1::-1] == tuple(size)
    assert np.isnan(sizes[-1]).all()


def test_refused_boxes_and_what_they_seem_to_be(drawn, tmp_path):
    rows = [_as_size(row) for row in drawn]
    # A photo twice as wide, its face in the right half.
    rows = [
        row
        | {f"x{k}": float(row[f"x{k}"]) + 160 for k in range(1, 6)}
        | {"left": float(row["left"]) + 160}
        for row in rows
    ]
    path = _write(tmp_path, rows)
    with pytest.raises(InputError) as caught:
        main(["check", str(path)])
    text = str(caught.value)
    assert "faces.csv, row 2" in text
    assert "zero-size or inverted box" in text
    assert "The boxes seem to be x, y, width, height" in text
    with pytest.raises(InputError, match="seem to be x, y, width, height"):
        load_run({**load_config()["data"], "source": str(path)}, BadRows())


def test_a_file_that_cannot_be_read(tmp_path, capsys, monkeypatch):
    (tmp_path / "faces.csv").write_text("file,smile\n", encoding="utf-8")
    words = ["data", "check", str(tmp_path / "faces.csv")]
    with pytest.raises(SystemExit) as caught:
        run(lambda _: main(words[1:]))
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1


def test_skipped_rows_are_listed(drawn, tmp_path, capsys):
    rows = [dict(row) for row in drawn]
    rows[11]["left"], rows[11]["right"] = rows[11]["right"], rows[11]["left"]
    rows[20]["file"] = "missing.png"
    path = str(_write(tmp_path, rows))
    with pytest.raises(InputError, match="row 13"):
        main(["check", path])
    capsys.readouterr()
    assert main(["check", path, "--skip-bad"]) == 1
    out = capsys.readouterr().out
    assert "2 bad rows skipped" in out
    assert "  faces.csv, row 13 (" in out
    assert "  faces.csv, row 22 (missing.png): missing image: " in out
    assert out.endswith("Nothing suspicious.\n")


@pytest.mark.parametrize("setting", ["train.epochs=2", "size=3"])
def test_other_settings_are_refused(setting):
    with pytest.raises(InputError, match=re.escape("--set data.KEY=VALUE")):
        main(["check", "synthetic", "--set", setting])


def test_settings_of_data_are_used(tmp_path, drawn, capsys):
    path = str(_write(tmp_path, drawn))
    assert main(["check", path, "--set", "data.size=200"]) == 1
    out = capsys.readouterr().out
    assert "smaller than the network's crop (200 pixels, data.size)" in out


def _config(path):
    return load_config("split", settings=[f"data.source={path}"])


def test_fit_warns_before_photos_are_read(drawn, tmp_path, capsys):
    rows = [_as_size(row) for row in drawn]
    for row in rows:
        row["smile"] = "yes"
        row["file"] = "missing.png"
    config = _config(_write(tmp_path, rows))
    # Only faces whose boxes can be read as left, top, right, bottom are left.
    splits = load_splits(config["data"], BadRows(skip=True))
    lines = warn_of_labels(config, splits, verbose=1)
    out = capsys.readouterr().out
    assert out == "".join(f"warning: {line}\n" for line in lines)
    assert any("x, y, width, height" in line for line in lines)
    assert any("smile is nearly constant" in line for line in lines)
    alone = {**config, "model": {**config["model"], "tasks": ["landmarks"]}}
    assert "smile" not in str(warn_of_labels(alone, splits, verbose=0))
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_fit_warns_of_copies_and_keeps_it_in_its_report(
    drawn, tmp_path, capsys
):
    from facemtl.runs import train

    rows = [dict(row) for row in drawn]
    copy = str(tmp_path / "copy.png")
    cv2.imwrite(copy, cv2.imread(rows[7]["file"]))
    rows.append(rows[7] | {"file": copy, "split": "test"})
    settings = ["train.epochs=1", "model.width=0.25", "data.repeat={smile=2}"]
    source = f"data.source={_write(tmp_path, rows)}"
    config = load_config("split", settings=[*settings, source])
    report = train(config, tmp_path / "run", verbose=2)
    (line,) = report["warnings"]
    assert "faces.csv, row 9 (train) and faces.csv, row 62 (test)" in line
    assert f"warning: {line}\n" in capsys.readouterr().out
    assert report["scores"]["test"]["n"] == 11


@pytest.mark.slow
def test_fit_says_nothing_of_drawn_faces():
    config = load_config("split", settings=["data.source=synthetic"])
    splits = load_splits(config["data"], BadRows())
    assert warn_of_labels(config, splits, verbose=0) == []


@pytest.mark.mtfl
@pytest.mark.slow
def test_mtfl(mtfl_root, capsys):
    from facemtl.preparation import crop_splits, crop_test, fit_to_faces

    config = _config(mtfl_root)
    splits = load_splits(config["data"], BadRows())
    assert warn_of_labels(config, splits, verbose=0) == []
    config, tasks, _ = fit_to_faces(config, splits)
    crops = crop_splits(splits, config, tasks, BadRows(), verbose=0)
    tested = crop_test(splits.test, config, tasks, BadRows())
    assert warn_of_photos(crops, tested, verbose=0) == []
    assert main(["check", str(mtfl_root)]) == 1
    out = capsys.readouterr().out
    # The box of the face beside; and women are more in the test photos.
    assert "testing.txt, row 993 (AFLW/2980-image21768.jpg)" in out
    assert "gender: 'male' in 58 %" in out
    assert "\n2 findings:\n" in out
