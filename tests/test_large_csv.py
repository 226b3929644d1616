"""A CSV of many rows: little memory, and a line now and then."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from csv_case import write_lines
from mtfl_fixture import PLACE, POINTS

import facemtl
from facemtl.data.csv import slow_reading
from facemtl.data.csv.reader import read_csv
from facemtl.data.csv.table import Rows

ROOT = Path(facemtl.__file__).parent.parent
MEASURE = """
import sys
from facemtl.process.environment import peak_memory
from facemtl.data.csv.reader import read_csv
before = peak_memory()
faces = read_csv(sys.argv[1])
print(len(faces), int((peak_memory() - before) * 1e6 / len(faces)))
"""


def test_kept_rows_are_those_that_were_added():
    rows = Rows()
    given = [(2, ("a.jpg", "", "é")), (5, ("",)), (9, ("b", "c", ""))]
    for number, cells in given:
        rows.add(number, cells)
    assert list(rows) == given
    assert [rows[i] for i in (0, 1, -1)] == given
    assert list(rows[1:]) == given[1:]


@pytest.mark.slow
def test_a_row_takes_less_than_a_kilobyte(tmp_path):
    # As tuples and tables of each row, it took 2.6.
    header = f"file,left,top,right,bottom,{POINTS},smile,gender"
    row = f"0,0,40,40,{PLACE},yes,female"
    lines = (f"photos/{i:07d}.jpg,{row}" for i in range(100_000))
    path = write_lines(tmp_path / "faces.csv", header, *lines)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, path],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    n, a_row = map(int, done.stdout.split())
    assert n == 100_000
    assert a_row < 1000


def test_slow_reading_says_how_far_it_is(tmp_path, capsys, monkeypatch):
    path = write_lines(
        tmp_path / "faces.csv",
        f"file,{POINTS}",
        *(f"{i}.jpg,{PLACE}" for i in range(6)),
    )
    read_csv(path)
    assert capsys.readouterr().err == ""
    for name in ("FIRST", "NEXT"):
        monkeypatch.setattr(slow_reading, name, 0.0)
    monkeypatch.setattr(slow_reading, "EVERY", 3)
    read_csv(path)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Reading faces.csv: 3 rows …"
    assert lines[-1] == "Reading faces.csv: 3 of 6 rows …"
