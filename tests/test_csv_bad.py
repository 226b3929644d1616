"""CSVs that cannot be used: one line says what and where."""

from pathlib import Path

import pytest
from csv_case import write_lines
from mtfl_fixture import PLACE, POINTS

from facemtl.data.csv.columns import point_columns
from facemtl.data.csv.reader import read_csv
from facemtl.data.csv.rows import NOTHING
from facemtl.data.faces import ADVICE, BadRows
from facemtl.errors import InputError
from facemtl.tasks import Task


@pytest.fixture
def write(tmp_path):
    """Writes lines as faces.csv; returns its path."""

    def make(*lines: str) -> Path:
        path = tmp_path / "faces.csv"
        path.write_text("\n".join(lines))
        return path

    return make


HEADER = f"file,left,top,right,bottom,{POINTS},smile,split"
GOOD = f"a.jpg,5,10,45,51,{PLACE},yes,train"
BAD_ROWS = {
    "truncated row": (
        GOOD.removesuffix(",yes,train"),
        "expected 17 fields, received 15",
    ),
    "row too long": (f"{GOOD},", "expected 17 fields, received 18"),
    "NaN or not a number": (GOOD.replace("31", "nan"), "x2 is 'nan'"),
    "number too large": (
        GOOD.replace("31", "1e39"),
        "x2 is '1e39', expected at most 3.4e+38",
    ),
    "zero-size or inverted box": (
        GOOD.replace("45", "5"),
        "left 5, top 10, right 5, bottom 51",
    ),
    "class out of range": (
        GOOD.replace("yes", "2"),
        "smile is '2', expected yes, no; [codes.smile] of tasks.toml may state "
        "numbers",
    ),
    "unknown split": (
        GOOD.replace("train", ""),
        "split is '', expected train, val or test (or training, trn, learn, "
        "valid, validation, dev, testing, tst, eval, evaluation, holdout, in "
        "any case)",
    ),
    "incomplete row": (
        GOOD.replace("31", ""),
        "x2 empty, y2 not, expected both or neither of a point",
    ),
}


@pytest.mark.parametrize("reason", BAD_ROWS)
def test_bad_row_stops_or_is_counted(write, reason):
    row, detail = BAD_ROWS[reason]
    path = write(HEADER, GOOD, row)
    line = f"faces.csv, row 3 (a.jpg): {reason}: {detail}"
    with pytest.raises(InputError) as error:
        read_csv(path, split="train")
    assert str(error.value) == f"{line}. {ADVICE}"
    bad = BadRows(skip=True)
    assert len(read_csv(path, split="train", bad=bad)) == 1
    assert bad.summary() == f"1 invalid row skipped: 1 {reason}"
    assert bad.first == {reason: line}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            f"a.jpg,5,,45,51,{PLACE},,train",
            "incomplete row: top empty, expected all or none of left to bottom",
        ),
        (
            f"a.jpg,,,,,{',' * 9},yes,train",
            f"incomplete row: {NOTHING}",
        ),
        (f",5,10,45,51,{PLACE},,train", "incomplete row: file is empty"),
        (
            f"a.jpg,,,,,{','.join('7' * 10)},,train",
            "zero-size or inverted box: all points are the same, and no box",
        ),
    ],
)
def test_other_bad_rows(write, row, message):
    with pytest.raises(InputError) as error:
        read_csv(write(HEADER, row))
    name = row.partition(",")[0]
    assert str(error.value) == f"faces.csv, row 2 ({name}): {message}. {ADVICE}"


@pytest.mark.parametrize(
    ("header", "received"),
    [
        (f"{POINTS},smile", "missing: file"),
        ("file,x1,x2,x3,x4,x5,y1,y2,y3,y4", "missing: y5"),
        (f"file,{POINTS},left,top,right", "missing: bottom"),
        (f"file,{POINTS},x6,y6", "unknown: x6, y6"),
        (f"file,{POINTS},Smiles,", "unknown: Smiles, (no name)"),
        (f"file,{POINTS},x1", "twice: x1"),
        (
            "file,left,x1,x2,x3,x4,x5,smile,smiles",
            "missing: y1, y2, y3, y4, y5, top, right, bottom; unknown: smiles",
        ),
    ],
)
def test_wrong_columns(tmp_path, header, received):
    path = tmp_path / "faces.csv"
    path.write_text(header)
    with pytest.raises(InputError) as error:
        read_csv(path)
    assert str(error.value) == (
        f"{path}: expected columns file, x1 ... y1 ..., v1 ..., left, top, "
        "right, bottom, split and names of tasks, with 5 points. Received, "
        f"separated by commas (,): {received}. Own points and tasks are "
        "declared in a tasks.toml beside the CSV."
    )


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "index"])
def test_an_index_of_pandas_is_named_as_one(tmp_path, name):
    path = tmp_path / "faces.csv"
    path.write_text(f"{name},file,{POINTS},smile\n0,a.jpg,{PLACE},yes\n")
    with pytest.raises(InputError) as error:
        read_csv(path)
    assert str(error.value).endswith(
        f"unknown: {name or '(no name)'}. The first column looks like an "
        "index: leave it out (pandas: to_csv(..., index=False))."
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "expected a header. Received: nothing."),
        (b"file;x1\n", "separated by semicolons (;): missing: x2, x3"),
        (
            b"file,smile\n",
            "expected at least one valid row. Received: none. The file ends "
            "after its header.",
        ),
        (b"file,smile\n\xff.jpg,yes", "expected a CSV in UTF-8. Received: "),
        (b'file,smile\n"a.jpg,yes\n', "unexpected end of data."),
    ],
)
def test_no_csv(tmp_path, data, message):
    path = tmp_path / "faces.csv"
    path.write_bytes(data)
    with pytest.raises(InputError) as error:
        read_csv(path)
    assert str(error.value).startswith(f"{path}: expected ")
    assert message in str(error.value)


def test_no_file(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_csv(tmp_path / "faces.csv")


def test_a_second_task_of_points_has_no_columns(tmp_path):
    path = write_lines(tmp_path / "faces.csv", "file,x1,y1,smile")
    points = '[[task]]\nname = "{}"\nkind = "landmarks"\nnames = ["a"]'
    toml = write_lines(
        tmp_path / "tasks.toml", points.format("eyes"), points.format("chin")
    )
    with pytest.raises(InputError) as error:
        read_csv(path)
    assert str(error.value).startswith(
        f"{toml}: expected at most one task of landmarks"
    )
    assert "Received: eyes, chin. Put their points into one." in str(
        error.value
    )


def test_task_with_the_name_of_a_column(tmp_path):
    path = tmp_path / "faces.csv"
    path.write_text("file,left")
    with pytest.raises(InputError, match="Received: left"):
        read_csv(path, [Task("left", "value")])


def test_of_many_unknown_columns_the_first_few_are_named(tmp_path):
    path = tmp_path / "faces.csv"
    path.write_text(f"file,{','.join(point_columns(67))}\n")
    with pytest.raises(InputError) as error:
        read_csv(path)
    assert str(error.value).endswith(
        "with 5 points. Received, separated by commas (,): unknown: x6, x7, "
        "x8, x9, x10, x11, x12, x13 and 116 more. Own points and tasks are "
        "declared in a tasks.toml beside the CSV."
    )
