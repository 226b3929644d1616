"""`facemtl data check` and the warnings of `fit`, from files to words."""

import re
from dataclasses import replace

import cv2
import pytest

from facemtl.config import load_settings
from facemtl.data.command import main
from facemtl.data.faces import BadRows
from facemtl.errors import InputError
from facemtl.process.cli import run
from facemtl.training.run_labels import load_run
from tests.check_case import as_size, drawn_rows, write_rows


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The rows of 60 drawn photos."""
    return drawn_rows(tmp_path_factory.mktemp("drawn"))


def test_clean_faces(drawn, tmp_path, capsys):
    assert main(["check", str(write_rows(tmp_path, drawn))]) == 0
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
    path = write_rows(tmp_path, rows)
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
    assert main(["check", str(write_rows(tmp_path, rows))]) == 1
    out = capsys.readouterr().out
    assert (
        "1 pair of nearly the same face in different splits: faces.csv, row 9 "
        "(train) and faces.csv, row 62 (test)." in out
    )
    assert "\n1 finding:\n" in out


def test_refused_boxes_and_what_they_seem_to_be(drawn, tmp_path):
    rows = [as_size(row) for row in drawn]
    # A photo twice as wide, its face in the right half.
    rows = [
        row
        | {f"x{k}": float(row[f"x{k}"]) + 160 for k in range(1, 6)}
        | {"left": float(row["left"]) + 160}
        for row in rows
    ]
    path = write_rows(tmp_path, rows)
    with pytest.raises(InputError) as caught:
        main(["check", str(path)])
    text = str(caught.value)
    assert "faces.csv, row 2" in text
    assert "zero-size or inverted box" in text
    assert "The boxes seem to be x, y, width, height" in text
    with pytest.raises(InputError, match="seem to be x, y, width, height"):
        load_run(replace(load_settings().data, source=str(path)), BadRows())


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
    path = str(write_rows(tmp_path, rows))
    with pytest.raises(InputError, match="row 13"):
        main(["check", path])
    capsys.readouterr()
    assert main(["check", path, "--skip-bad"]) == 1
    out = capsys.readouterr().out
    assert "2 invalid rows skipped" in out
    assert "  faces.csv, row 13 (" in out
    assert "  faces.csv, row 22 (missing.png): missing image: " in out
    assert out.endswith("Nothing suspicious.\n")


@pytest.mark.parametrize("setting", ["train.epochs=2", "size=3"])
def test_other_settings_are_refused(setting):
    with pytest.raises(InputError, match=re.escape("--set data.KEY=VALUE")):
        main(["check", "synthetic", "--set", setting])


def test_settings_of_data_are_used(tmp_path, drawn, capsys):
    path = str(write_rows(tmp_path, drawn))
    assert main(["check", path, "--set", "data.size=200"]) == 1
    out = capsys.readouterr().out
    assert "smaller than the network's crop (200 pixels, data.size)" in out
