"""Labels of photos that EXIF turns."""

import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageOps

from facemtl.data.check.exif import TURNS, to_displayed
from facemtl.data.check.headers import photo_headers
from facemtl.data.check.turns import unturned_labels
from facemtl.data.command import main
from facemtl.photos.images import FolderImages
from tests.check_case import (
    BOX,
    FACES,
    SIDE,
    clean,
    drawn_rows,
    reboxed,
    relabelled,
    write_rows,
)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The rows of 60 drawn photos."""
    return drawn_rows(tmp_path_factory.mktemp("drawn"))


def _turned(seen, index, turn):
    """Labels of some faces as of the photo before its turn."""
    turns = seen.turns.copy()
    turns[index] = turn
    inverse = {6: 8, 8: 6}.get(turn, turn)
    n = len(seen)
    size = np.full((n, 2), float(SIDE))
    stored = to_displayed(seen.points, np.full(n, inverse), size)
    points = seen.points.copy()
    points[index] = stored[index]
    return relabelled(replace(seen, turns=turns), landmarks=points)


@pytest.mark.parametrize("turn", [2, 3, 5, 6, 7, 8])
def test_labels_of_the_photo_before_its_turn(turn):
    index = np.arange(0, 60, 4)
    (finding,) = unturned_labels(_turned(clean(), index, turn))
    assert "EXIF" in finding.text
    assert "of 15 rotated faces" in finding.text
    # Some profiles look much the same when mirrored.
    assert len(finding.faces) >= (13 if turn >= 5 else 9)
    assert set(finding.faces) <= set(index)


@pytest.mark.parametrize("turn", [2, 3, 6, 8])
def test_labels_of_turned_photos_as_displayed(turn):
    seen = clean()
    seen = replace(seen, turns=np.full(60, turn))
    assert unturned_labels(seen) == []


def test_boxes_that_fit_the_photo_before_its_turn():
    seen = clean(12)
    seen = replace(
        relabelled(seen, landmarks=np.full((12, 5, 2), np.nan)),
        turns=np.full(12, 6),
        sizes=np.full((12, 2), (SIDE, 2.0 * SIDE)),
    )
    assert unturned_labels(seen) == []
    beside = reboxed(seen, seen.faces.boxes + (SIDE, 0, SIDE, 0))
    (finding,) = unturned_labels(beside)
    assert "12 of 12 rotated faces" in finding.text


@pytest.mark.parametrize("turn", sorted(TURNS))
def test_turns_are_those_of_exif(turn):
    photo = np.zeros((20, 40), np.uint8)
    photo[3, 7] = 255
    image = Image.fromarray(photo)
    image.getexif()[0x0112] = turn
    shown = np.asarray(ImageOps.exif_transpose(image))
    size = np.array([shown.shape[::-1]], float)
    place = to_displayed(np.array([[[7.0, 3.0]]]), np.array([turn]), size)
    y, x = np.argwhere(shown == 255)[0]
    assert place.tolist() == [[[x, y]]]


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
    assert main(["check", str(write_rows(tmp_path, rows))]) == 1
    out = capsys.readouterr().out
    assert f"EXIF rotates those of {turned} faces" in out
    (found, n) = re.findall(
        r"its EXIF orientation rotates it, in (\d+) of (\d+) rotated faces",
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
    assert main(["check", str(write_rows(tmp_path, rows))]) == 0
    assert "EXIF rotates those of 60 faces" in capsys.readouterr().out


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
