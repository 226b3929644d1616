"""CSVs as spreadsheets write them: text, delimiters, numbers, names."""

import shutil
from dataclasses import replace

import pytest

from facemtl.config import load_settings
from facemtl.data.csv.reader import csv_splits, read_csv
from facemtl.data.csv.text import read_table
from facemtl.data.faces import BadRows
from facemtl.data.one_source import find_source
from facemtl.data.sources import load_split, load_splits
from facemtl.errors import InputError
from facemtl.tasks import MTFL_TASKS, Task
from tests.mtfl_fixture import make_mtfl

ROWS = (
    ("file", "left", "top", "right", "bottom", "smile", "split"),
    ("in/Ü, 1.JPG", "5.5", "10", "45", "51.25", "yes", "train"),
    ("b.jpg", "-5.5", "10", "45", "51", "no", "test"),
)


def text_of(delimiter, rows=ROWS, comma=False):
    lines = []
    for row in rows:
        cells = [c.replace(".", ",") if c[-1:].isdigit() else c for c in row]
        cells = cells if comma else list(row)
        quoted = [f'"{c}"' if delimiter in c else c for c in cells]
        lines.append(delimiter.join(quoted))
    return "\r\n".join(lines) + "\r\n"


def check(path):
    faces = read_csv(path)
    assert faces.names.tolist() == ["in/Ü, 1.JPG", "b.jpg"]
    assert faces.boxes.tolist() == [[5.5, 10, 45, 51.25], [-5.5, 10, 45, 51]]
    assert faces.labels["smile"].tolist() == [0, 1]
    assert faces.where(1) == f"{path.name}, row 3 (b.jpg)"
    assert csv_splits(path) == ("train", "test")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be with a mark"]
)
@pytest.mark.parametrize("first", ["", "sep="])
def test_text_of_spreadsheets(tmp_path, delimiter, encoding, first):
    path = tmp_path / "faces.csv"
    text = text_of(delimiter)
    if first:
        text = f"sep={delimiter}\r\n{text}"
    if encoding.endswith("mark"):
        path.write_bytes(("\ufeff" + text).encode("utf-16-be"))
    else:
        path.write_bytes(text.encode(encoding))
    check(path)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_decimal_commas(tmp_path, delimiter):
    path = tmp_path / "faces.csv"
    path.write_text(text_of(delimiter, comma=True), encoding="utf-8")
    check(path)


def test_decimal_commas_of_points_values_and_codes(tmp_path):
    tasks = [
        Task("landmarks", "landmarks", ("a", "b")),
        Task("turn", "value"),
        Task("mood", "classes", ("calm", "cross")),
        Task("size", "classes", ("1,5", "2,5")),
    ]
    path = tmp_path / "faces.csv"
    path.write_text(
        "file;x1;x2;y1;y2;v1;v2;turn;mood;size\n"
        "1,5.jpg;1,5;12;2,25;8;2;1,0;-1,5e1;1,0;2,5\n"
    )
    faces = read_csv(path, tasks)
    assert faces.names.tolist() == ["1,5.jpg"]
    assert faces.labels["landmarks"][0].tolist() == [[1.5, 2.25], [12, 8]]
    assert faces.labels["turn"].tolist() == [-15]
    assert faces.labels["mood"].tolist() == [1]
    assert faces.labels["size"].tolist() == [1]


@pytest.mark.parametrize("cell", ["1.5", "1.0"])
def test_decimal_commas_and_points_are_not_mixed(tmp_path, cell):
    path = tmp_path / "faces.csv"
    path.write_text(
        "file;smile;left;top;right;bottom\n"
        f"a.jpg;yes;{cell};2;30;40\nb.jpg;yes;1;2,5;30;40\n"
    )
    with pytest.raises(InputError) as error:
        read_csv(path, bad=BadRows(skip=True))
    assert str(error.value) == (
        f"{path}: expected decimal commas or decimal points in all numbers. "
        f"Received: left is '{cell}' in row 2, and top is '2,5' in row 3."
    )


@pytest.mark.parametrize("cell", ["1.234,5", "1 234,5", "1_5"])
def test_thousands_are_no_numbers(tmp_path, cell):
    path = tmp_path / "faces.csv"
    path.write_text(
        f"file;smile;left;top;right;bottom\na.jpg;yes;{cell};2;3000;40\n"
    )
    with pytest.raises(InputError, match=f"row 2 .*left is '{cell}'"):
        read_csv(path)


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_other_encodings_are_named_with_what_to_do(tmp_path, encoding):
    path = tmp_path / "faces.csv"
    path.write_bytes("file,smile\na.jpg,yes\nÄ.jpg,yes\n".encode(encoding))
    with pytest.raises(InputError) as error:
        read_csv(path)
    line = str(error.value)
    assert line.startswith(
        f"{path}: expected a CSV in UTF-8. Received: another encoding (row 3: "
    )
    assert line.endswith(
        "Save it as UTF-8 (Excel: 'CSV UTF-8'; LibreOffice: character set "
        "'Unicode (UTF-8)'; pandas: encoding='utf-8')."
    )
    assert "\n" not in line


def test_utf_16_without_a_mark_is_refused(tmp_path):
    path = tmp_path / "faces.csv"
    path.write_bytes("file,smile\na.jpg,yes\n".encode("utf-16-le"))
    with pytest.raises(InputError, match="UTF-16 without a byte order mark"):
        read_csv(path)


@pytest.mark.parametrize("ending", ["xlsx", "XLSX", "xls", "ods"])
def test_a_spreadsheets_own_format_is_refused(tmp_path, ending):
    path = tmp_path / f"faces.{ending}"
    path.write_bytes(b"PK\x03\x04 what it holds")
    data = replace(load_settings().data, source=str(path))
    for call in (
        lambda: load_splits(data, BadRows()),
        lambda: load_split(str(path), "test", MTFL_TASKS, BadRows()),
        lambda: read_csv(path),
    ):
        with pytest.raises(InputError) as error:
            call()
        assert str(error.value) == (
            f"{path}: expected a CSV. Received: a spreadsheet's own format. "
            "Save it as 'CSV UTF-8' in the spreadsheet."
        )
    renamed = path.with_suffix(".csv")
    path.rename(renamed)
    with pytest.raises(InputError, match="a spreadsheet's own format"):
        read_csv(renamed)


@pytest.mark.parametrize(
    ("text", "received"),
    [
        ("file:x1:y1\na:1:2\n", "'file:x1:y1'"),
        ("file x1 y1\na 1 2\n", "'file x1 y1'"),
        ("sep=:\nfile:x1\n", "'sep=:'"),
        ("sep=\nfile:x1\n", "'sep='"),
    ],
)
def test_other_delimiters_are_refused(tmp_path, text, received):
    path = tmp_path / "faces.csv"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_csv(path)
    assert str(error.value) == (
        f"{path}: expected a header of columns separated by commas (,), "
        "semicolons (;), tabs or bars (|). Received: "
        f"{received}."
    )


@pytest.mark.parametrize(
    ("delimiter", "words"),
    [
        (",", "separated by commas (,)"),
        (";", "separated by semicolons (;)"),
        ("\t", "separated by tabs"),
        ("|", "separated by bars (|)"),
    ],
)
@pytest.mark.parametrize("columns", [["smile", "smiles"], ["beard"]])
def test_a_refused_header_names_its_delimiter(
    tmp_path, delimiter, words, columns
):
    path = tmp_path / "faces.csv"
    path.write_text(delimiter.join(["file", *columns]))
    with pytest.raises(InputError) as error:
        read_csv(path)
    assert f"Received, {words}: " in str(error.value)
    assert columns[-1] in str(error.value)


def test_column_names_in_any_case_with_blanks(tmp_path):
    task = Task("5_o_Clock_Shadow", "classes", ("no", "yes"))
    path = tmp_path / "faces.csv"
    path.write_text(
        " File ,LEFT,Top, Right,bottom,5_O_CLOCK_shadow,SPLIT\n"
        "In/A.jpg, 1,2,3 ,4, Yes ,Train\n"
    )
    faces = read_csv(path, [task], split="train")
    assert faces.names.tolist() == ["In/A.jpg"]
    assert faces.labels["5_o_Clock_Shadow"].tolist() == [1]
    path.write_text("File,X1,x2,Y1,y2,V1,v2\nIn/A.jpg,1,2,3,4,2,0\n")
    two = Task("landmarks", "landmarks", ("a", "b"))
    with pytest.raises(InputError, match="1 of 2 points, and no box"):
        read_csv(path, [two])


@pytest.mark.parametrize("names", ["smile,Smile", "SMILE,smile", "left,LEFT"])
def test_names_that_differ_by_case_alone_are_twice(tmp_path, names):
    path = tmp_path / "faces.csv"
    path.write_text(f"file,{names},x1\n")
    with pytest.raises(
        InputError, match=f"twice: {names[:5].lower().strip(',')}"
    ):
        read_csv(path)


def test_tasks_that_differ_by_case_alone_have_columns_of_their_own(tmp_path):
    tasks = [Task("Age", "value"), Task("age", "value")]
    path = tmp_path / "faces.csv"
    path.write_text("file,left,top,right,bottom,age,Age\na,1,2,3,4,5,6\n")
    faces = read_csv(path, tasks)
    assert faces.labels["Age"].tolist() == [6]
    assert faces.labels["age"].tolist() == [5]


@pytest.mark.parametrize("ends", [(",,", ",,"), (",", ""), ("", ",")])
def test_empty_columns_behind_the_last_name(tmp_path, ends):
    path = tmp_path / "faces.csv"
    header, row = ends
    path.write_text(
        f"file,left,top,right,bottom,smile{header}\n"
        f"a.jpg,1,2,30,40,yes{row}\nb.jpg,1,2,30,40,{row}\n"
    )
    assert read_csv(path).labels["smile"].tolist() == [0, -1]
    path.write_text(f"{path.read_text()}c.jpg,1,2,30,40,no,,7\n")
    with pytest.raises(InputError, match=r"row too long|\(no name\)"):
        read_csv(path)


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
@pytest.mark.parametrize("before", ["", "blank line"])
def test_a_sep_line_with_any_line_ends(tmp_path, end, before):
    path = tmp_path / "faces.csv"
    text = f"{before and end}sep=;{end}" + text_of(";").replace("\r\n", end)
    path.write_text(text, encoding="utf-8", newline="")
    check(path)


def test_quotes_behind_blanks(tmp_path):
    path = tmp_path / "faces.csv"
    path.write_text(
        'file, left, top, right, bottom, "pose"\n'
        '"a, b.jpg", 1, 2, 30, 40, "left profile"\n'
    )
    faces = read_csv(path)
    assert faces.names.tolist() == ["a, b.jpg"]
    assert faces.labels["pose"].tolist() == [0]


def test_rows_are_numbered_as_in_a_spreadsheet(tmp_path):
    path = tmp_path / "faces.csv"
    path.write_text('sep=,\nfile,smile\n\n"a\nb",yes\n,\nc,no\n')
    assert [n for n, _ in read_table(path).rows] == [3, 5]


@pytest.mark.parametrize("name", ["a.csv", "a.CSV", "a.tsv", "a.Tsv", "a.txt"])
def test_endings_in_any_case(tmp_path, name):
    path = tmp_path / name
    path.write_text(text_of("\t"), encoding="utf-8")
    check(path)
    faces = load_split(str(path), "test", MTFL_TASKS, BadRows())
    assert faces.names.tolist() == ["b.jpg"]


def test_a_folder_of_one_csv_is_that_csv(tmp_path):
    folder = tmp_path / "faces"
    folder.mkdir()
    path = folder / "Labels.TSV"
    path.write_text(text_of("\t"), encoding="utf-8")
    # What editors and systems leave beside it.
    for name in ("._Labels.tsv", ".hidden.csv", "~$Labels.csv", "notes.txt"):
        (folder / name).write_text("nothing")
    (folder / "photos.csv").mkdir()
    assert find_source(str(folder)) == str(path)
    faces = load_split(str(folder), "test", MTFL_TASKS, BadRows())
    assert faces.names.tolist() == ["b.jpg"]
    data = replace(load_settings().data, source=str(folder))
    with pytest.raises(InputError, match="at least 2 faces"):
        load_splits(data, BadRows())
    shutil.copy(path, folder / "more.csv")
    with pytest.raises(InputError) as error:
        find_source(str(folder))
    assert str(error.value) == (
        f"{folder}: expected a folder of MTFL, or of one CSV. Received: "
        "Labels.TSV, more.csv. Name one of them."
    )


def test_a_csv_in_a_folder_of_mtfl_is_not_taken(tmp_path):
    make_mtfl(tmp_path)
    (tmp_path / "faces.csv").write_text(text_of(","), encoding="utf-8")
    assert find_source(str(tmp_path)) == str(tmp_path)


@pytest.mark.parametrize(
    "name", ["list_attr_celeba.csv", "list_98pt_rect_attr_train.txt"]
)
def test_lists_of_other_formats_are_not_taken_for_a_csv(tmp_path, name):
    path = tmp_path / name
    path.write_text("image_id,Smiling\n1.jpg,-1\n")
    for source in (path, tmp_path):
        with pytest.raises(InputError, match="facemtl data convert"):
            load_split(str(source), "test", MTFL_TASKS, BadRows())
    (tmp_path / "faces.csv").write_text(text_of(","), encoding="utf-8")
    assert find_source(str(tmp_path)) == str(tmp_path / "faces.csv")
