"""`python -m facemtl.data.mtfl --check DIR`."""

import subprocess
import sys
import time

import pytest
from mtfl_fixture import edit_row, make_mtfl

from facemtl.data.mtfl.check import main
from facemtl.pages import page


def test_says_what_is_there(tmp_path, capsys):
    root = make_mtfl(tmp_path / "MTFL")
    assert main(["--check", str(root)]) == 0
    assert (
        capsys.readouterr().out
        == f"""\
MTFL in {root}
  training.txt        5 rows
  testing.txt         4 rows
  trainImageList.txt  5 rows
  testImageList.txt   missing
  testBoxList.txt     4 rows

train: complete
  5 faces, boxes: 5 from lists, 0 derived from the points
  lfw_5590: 3 photos found, 0 missing
  net_7876: 2 photos found, 0 missing
  smile: 3 yes, 2 no
  gender: 3 male, 2 female
  glasses: 2 yes, 3 no
  pose: 1 left profile, 1 left, 1 frontal, 1 right, 1 right profile

test: complete
  4 faces, boxes: 4 from lists, 0 derived from the points
  AFLW: 4 photos found, 0 missing
  smile: 2 yes, 2 no
  gender: 2 male, 2 female
  glasses: 1 yes, 3 no
  pose: 1 left profile, 1 left, 1 frontal, 0 right, 1 right profile
"""
    )


def test_one_complete_split_is_enough(tmp_path, capsys):
    root = make_mtfl(tmp_path, ("test",))
    assert main(["--check", str(root)]) == 0
    out = capsys.readouterr().out
    assert "  training.txt        missing\n" in out
    assert f"train: not complete\n  {root}: expected training.txt, or " in out
    assert "test: complete\n" in out


def test_missing_photos_are_named(tmp_path, capsys):
    root = make_mtfl(tmp_path, ("train",))
    (root / "lfw_5590" / "a_1.jpg").unlink()
    assert main(["--check", str(root)]) == 1
    out = capsys.readouterr().out
    assert "lfw_5590: 2 photos found, 1 missing (lfw_5590/a_1.jpg)\n" in out
    assert "train: not complete\n  5 faces" in out


def test_bad_rows_are_counted_with_an_example(tmp_path, capsys):
    root = make_mtfl(tmp_path, ("test",))
    edit_row(root / "testing.txt", 3, "1 2 1 5", "1 3 1 5")
    (root / "testBoxList.txt").unlink()
    assert main(["--check", str(root)]) == 1
    out = capsys.readouterr().out
    assert (
        "test: not complete\n  3 faces, boxes: 0 from lists, 3 derived" in out
    )
    assert (
        "  1 invalid row skipped: 1 class out of range\n"
        "    testing.txt, row 3 (AFLW/c_2.jpg): class out of range: "
        "smile is '3', expected yes, no or 1 to 2\n"
    ) in out


def test_list_of_points_has_no_attributes(tmp_path, capsys):
    root = make_mtfl(tmp_path, ("train",))
    (root / "training.txt").unlink()
    assert main(["--check", str(root)]) == 0
    assert "  no attributes labelled\n" in capsys.readouterr().out


def test_empty_folder(tmp_path, capsys):
    assert main(["--check", str(tmp_path)]) == 1
    assert "train: not complete" in capsys.readouterr().out


def test_missing_folder_is_one_line(tmp_path, capsys):
    assert main(["--check", str(tmp_path / "nowhere")]) == 2
    out, error = capsys.readouterr()
    assert not out
    assert error == (
        f"error: {tmp_path / 'nowhere'}: expected a folder or zip of MTFL. "
        f"Received: no such path. See {page('data/README.md')} for where "
        "the data comes from.\n"
    )


@pytest.mark.mtfl
def test_the_real_data_is_complete(mtfl_root, capsys):
    assert main(["--check", str(mtfl_root)]) == 0
    out = capsys.readouterr().out
    assert "train: complete\n  10000 faces, boxes: 10000 from lists" in out


def test_help_is_fast_and_loads_no_heavy_library():
    start = time.perf_counter()
    module = "facemtl.data.mtfl"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", module, "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert time.perf_counter() - start < 3  # Under 1 s on an idle machine.
    assert done.stdout.startswith("usage: python -m facemtl.data.mtfl")
    loaded = {
        line.rpartition("|")[2].strip() for line in done.stderr.split("\n")
    }
    assert not loaded & {"tensorflow", "keras", "cv2"}
