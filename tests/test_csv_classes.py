"""Class cells of a user's CSV: names, codes, and what would be a guess."""

import numpy as np
import pytest

from facemtl.data.csv.classes import ClassColumn, code_notes
from facemtl.data.csv.reader import read_csv
from facemtl.data.csv.tasks import read_declared
from facemtl.data.csv.writer import write_csv
from facemtl.data.faces import BadRows
from facemtl.errors import InputError
from facemtl.tasks import POSE, Task
from tests.csv_case import read_classes, write_column, write_lines

STARS = ("1", "2", "3", "4", "5")


def codes(faces):
    return faces.labels["k"].tolist()


@pytest.mark.parametrize(
    ("names", "cells", "expected"),
    [
        (STARS, ["1.0", "2", "05", "", "4e0"], [0, 1, 4, -1, 3]),
        (("0", "1", "2+"), ["0", "1.0", "2+"], [0, 1, 2]),
        (("2", "1"), ["1", "2"], [1, 0]),
        (("1.5", "0.5"), [".5", "1.50"], [1, 0]),
        (("calm", "cross"), ["Calm", "CROSS", "calm"], [0, 1, 0]),
        (("A", "a"), ["a", "A"], [1, 0]),
        (("left profile", "b"), ["Left\u00a0 profile"], [0]),
        (("\u00fcber", "b"), ["u\u0308ber", "U\u0308BER"], [0, 0]),
        (("calm", "cross"), ["1", "0.0", "01", ""], [1, 0, 1, -1]),
        (("calm", "cross", "sad"), ["2", "0"], [2, 0]),
        (("class 0", "class 1"), ["1", "0"], [1, 0]),
        (("no", "yes"), ["0", "1"], [0, 1]),
        (("no", "yes"), ["True", "False", "yes", "NO"], [1, 0, 1, 0]),
        (("yes", "no"), ["True", "false", "yes", "NO"], [0, 1, 0, 1]),
        (("glasses", "no glasses"), ["TRUE", "no"], [0, 1]),
        (("nein", "ja"), ["true", "no", "Ja"], [1, 0, 1]),
        (("true", "false"), ["True", "False"], [0, 1]),
    ],
    ids=str,
)
def test_cells_that_are_understood(tmp_path, names, cells, expected):
    assert codes(read_classes(tmp_path, names, cells)) == expected


@pytest.mark.parametrize(
    ("names", "cells", "detail"),
    [
        (STARS, ["1", "0"], "k is '0', expected 1, 2, 3, 4, 5;"),
        (STARS, ["1", "1.5"], "k is '1.5', expected 1, 2, 3, 4, 5;"),
        (("0", "1", "2+"), ["0", "2"], "k is '2', expected 0, 1, 2+;"),
        (("0-2", "3-5"), ["3-5", "1"], "k is '1', expected 0-2, 3-5;"),
        (("type 1", "type 2"), ["type 1", "1"], "k is '1', expected type 1"),
        (("1", "1.0"), ["1", "01"], "k is '01', expected 1, 1.0;"),
        (("A", "a", "Ab", "aB"), ["A", "AB"], "k is 'AB', expected A, a"),
        (("calm", "cross"), ["calm", "crss"], "k is 'crss', expected calm"),
        (("calm", "cross"), ["0", "0.5"], "'0.5', expected calm, cross or 0"),
        (("calm", "cross"), ["0", "-1"], "'-1', expected calm, cross or 0 to"),
        (("calm", "cross"), ["0", "7"], "'7', expected calm, cross or 0 to 1"),
        (("calm", "cross"), ["0", "1_0"], "'1_0', expected calm, cross or 0"),
        (("calm", "cross"), ["calm", "True"], "k is 'True', expected calm"),
        (
            ("calm", "cross"),
            ["Calm", "1"],
            "k is '1', which would be the code of 'cross', but faces.csv, row "
            "2 has the name 'Calm'; expected names or codes in a column",
        ),
        (
            ("no", "yes"),
            ["True", "0"],
            "k is '0', which would be the code of 'no', but faces.csv, row 2 "
            "has the name 'True'",
        ),
    ],
    ids=str,
)
def test_cells_that_are_refused(tmp_path, names, cells, detail):
    with pytest.raises(InputError) as error:
        read_classes(tmp_path, names, cells)
    line = str(error.value)
    assert line.startswith("faces.csv, row 3 (1.jpg): class out of range: ")
    assert detail in line
    assert "\n" not in line
    bad = BadRows(skip=True)
    faces = read_classes(tmp_path, names, cells, bad=bad)
    assert len(faces) == 1
    assert dict(bad.counts) == {"class out of range": 1}


def test_a_code_before_the_first_name_is_refused_too(tmp_path):
    with pytest.raises(InputError, match=r"row 2 \(0\.jpg\).* row 4 has the"):
        read_classes(tmp_path, ("calm", "cross"), ["1", "0", "cross"])


YES_FIRST = [
    ("yes", "no"),
    ("Yes", "No"),
    ("true", "false"),
    ("on", "off"),
    ("present", "absent"),
    ("positive", "negative"),
    ("with glasses", "without glasses"),
    ("glasses", "no glasses"),
    ("smiling", "not smiling"),
    ("smiling", "not_smiling"),
    ("smoker", "non-smoker"),
    ("smoker", "nonsmoker"),
    ("mask", "nomask"),
    ("WithMask", "WithoutMask"),
    ("bearded", "beardless"),
    ("wearing a hat", "not wearing a hat"),
    ("beard", "none"),
    ("visible", "invisible"),
    ("ja", "nein"),
    ("Brille", "keine Brille"),
    ("oui", "non"),
    ("si", "no"),
    ("sí", "no"),
    ("да", "нет"),
    ("是", "否"),
    ("戴眼镜", "不戴眼镜"),
    ("y", "n"),
]


@pytest.mark.parametrize("names", YES_FIRST, ids=str)
def test_zero_for_yes_is_no_guess_to_make(tmp_path, names):
    for cells in (["", "0", "1"], ["1", "1"], ["0.0"]):
        bad = BadRows(skip=True)  # a whole column is no invalid row
        with pytest.raises(InputError) as error:
            read_classes(tmp_path, names, cells, bad=bad)
        row = 2 + (cells[0] == "")
        yes, no = names
        assert str(error.value) == (
            f"faces.csv, row {row}: k is {max(cells[:2], key=bool)!r}; of "
            f"{yes} and {no}, 0 would be {yes} and 1 {no}, but most files mean "
            "the opposite. Write the class names, or state the coding in a "
            f'tasks.toml beside the CSV: [codes.k] with "0" = "{no}" and "1" = '
            f'"{yes}".'
        )
    faces = read_classes(tmp_path, names[::-1], ["0", "1"])
    assert codes(faces) == [0, 1]


@pytest.mark.parametrize(
    "names",
    [
        ("yes", "no", "unclear"),
        ("smiling", "not smiling", "unclear", "hidden"),
    ],
    ids=str,
)
def test_zero_for_yes_beside_further_classes(tmp_path, names):
    pair = f'"0" = "{names[1]}" and "1" = "{names[0]}" and so on'
    with pytest.raises(InputError, match=pair):
        read_classes(tmp_path, names, ["0", "1", "2"])


def test_none_beside_further_classes_is_a_class_by_its_code(tmp_path):
    names = ("beard", "none", "moustache")
    assert codes(read_classes(tmp_path, names, ["2", "1", "0"])) == [2, 1, 0]


@pytest.mark.parametrize(
    "names",
    [
        ("male", "female"),
        ("m", "f"),
        ("young", "old"),
        ("left", "right"),
        ("open", "closed"),
        ("no", "yes"),
        ("none", "beard"),
    ],
    ids=str,
)
def test_other_pairs_are_read_by_codes_and_said(tmp_path, names):
    faces = read_classes(tmp_path, names, ["1", "0"])
    assert codes(faces) == [1, 0]
    assert faces.notes == (
        f"k: 0 is read as {names[0]}, 1 as {names[1]}; state another coding in "
        "[codes.k] of tasks.toml.",
    )
    assert read_classes(tmp_path, names, [names[1]]).notes == ()


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["1", "2", "3"], "the column counts from 1, codes count from 0"),
        (["3.0", "1"], "the column counts from 1, codes count from 0"),
    ],
    ids=str,
)
def test_codes_that_count_from_one(tmp_path, cells, why):
    with pytest.raises(InputError, match=why):
        read_classes(tmp_path, ("a", "b", "c"), cells, bad=BadRows(skip=True))


def test_codes_of_minus_one_and_one(tmp_path):
    names, cells = ("female", "male"), ["-1", "1", "1.0"]
    with pytest.raises(InputError, match="holds -1 and 1, codes count from 0"):
        read_classes(tmp_path, names, cells, bad=BadRows(skip=True))
    toml = '[codes.k]\n-1 = "female"\n1 = "male"\n'
    faces = read_classes(tmp_path, names, cells, toml)
    assert codes(faces) == [0, 1, 1]
    assert faces.notes == ()


@pytest.mark.parametrize(
    ("names", "cells", "coding", "expected"),
    [
        (("yes", "no"), ["0", "1.0", "yes", ""], '0="no"\n1="yes"', [1, 0, 0]),
        (("male", "female"), ["1", "2"], '1="female"\n2="male"', [1, 0]),
        (("calm", "cross"), ["W", "c"], 'w="cross"\nc="calm"', [1, 0]),
        (STARS, ["*", "**", "5"], '"*"="1"\n"**"="2"', [0, 1, 4]),
        (("0-2", "3-5"), ["00", "1"], '0="0-2"\n1="3-5"', [0, 1]),
    ],
    ids=str,
)
def test_a_stated_coding(tmp_path, names, cells, coding, expected):
    faces = read_classes(tmp_path, names, cells, f"[codes.k]\n{coding}\n")
    assert codes(faces)[: len(expected)] == expected
    assert faces.notes == ()


def test_other_codes_than_the_stated_are_refused(tmp_path):
    toml = '[codes.k]\n1 = "female"\n2 = "male"\n'
    with pytest.raises(InputError, match="'0', expected male, female or, as"):
        read_classes(tmp_path, ("male", "female"), ["1", "0"], toml)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('[codes.smle]\n0 = "no"\n', "Received: [codes.smle]."),
        ('[codes.landmarks]\n0 = "no"\n', "Received: [codes.landmarks]."),
        (
            '[codes.smile]\n0 = "never"\n',
            "class names yes, no. Received: never",
        ),
        ('[codes.smile]\n0 = ["no"]\n', "cells as keys (in quotes)"),
        ("[codes.smile]\n0 = false\n", "cells as keys (in quotes)"),
        ('[codes.smile]\n"" = "no"\n', "cells as keys (in quotes)"),
        ("[codes.smile]\n", "cells as keys (in quotes)"),
        ('[codes]\nsmile = "no"\n', "cells as keys (in quotes)"),
        ("codes = 3\n", "Received: codes = 3."),
        ('[codes.smile]\n"yes" = "no"\n', "'yes' as no".replace("no", "'no'")),
        ('[codes.smile]\n"1" = "no"\n"1.0" = "yes"\n', "one meaning each"),
        ('[code.smile]\n0 = "no"\n', "Received: code."),
        ("", "Received: none."),
    ],
)
def test_codes_that_cannot_be_used(tmp_path, toml, message):
    path = write_column(tmp_path / "faces.csv", "smile", ["yes"])
    write_lines(tmp_path / "tasks.toml", toml)
    with pytest.raises(InputError) as error:
        read_csv(path)
    assert str(error.value).startswith(f"{tmp_path / 'tasks.toml'}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_codes_beside_own_tasks_and_with_a_byte_order_mark(tmp_path):
    toml = (
        '\ufeff[[task]]\nname = "mood"\nkind = "classes"\n'
        'names = ["calm", "cross"]\n[codes.mood]\n"7" = "cross"\n'
        '"8" = "calm"\n'
    )
    (tmp_path / "tasks.toml").write_text(toml, encoding="utf-8")
    path = write_lines(
        tmp_path / "faces.csv",
        "file,mood,left,top,right,bottom",
        "a.jpg,7,1,2,3,4",
        "b.jpg,8.0,1,2,3,4",
    )
    assert read_csv(path).labels["mood"].tolist() == [1, 0]


def test_attributes_of_the_same_classes_share_a_line(tmp_path):
    tasks = [Task(f"a{i}", "classes", ("no", "yes")) for i in range(40)]
    names = ",".join(task.name for task in tasks)
    path = write_lines(
        tmp_path / "faces.csv",
        f"file,left,top,right,bottom,{names}",
        f"a.jpg,1,2,3,4,{','.join('01' * 20)}",
    )
    faces = read_csv(path, tasks)
    assert [faces.labels[f"a{i}"][0] for i in range(4)] == [0, 1, 0, 1]
    assert faces.notes == (
        "a0, a1, a2, a3 and 36 more: 0 is read as no, 1 as yes; state another "
        "coding in [codes.TASK] of tasks.toml.",
    )


def test_all_classes_are_read_as_they_are_written(tmp_path):
    for names in (*YES_FIRST, STARS, ("1", "1.0"), ("A", "a"), ("0", "2", "1")):
        faces = read_classes(tmp_path, names, names)
        write_csv(faces, tmp_path / "back.csv")
        back = read_csv(tmp_path / "back.csv", faces.tasks)
        np.testing.assert_array_equal(back.labels["k"], np.arange(len(names)))


@pytest.mark.parametrize(
    ("cells", "doubted"), [("1234", True), ("0123", False)]
)
def test_codes_without_a_zero_are_read_with_a_doubt(cells, doubted):
    """One to four of five poses: from 0 without the first, or from 1?"""
    column = ClassColumn(POSE, [(f"row {x}", x) for x in cells])
    assert column.code("1") == 1
    (note,) = code_notes([column])
    assert note.endswith("No cell is 0: do they count from 1?") == doubted


def test_a_fault_of_a_task_names_its_file(tmp_path):
    file = tmp_path / "tasks.toml"
    file.write_text('[[task]]\nname = "two words"\nkind = "value"\n')
    with pytest.raises(InputError) as error:
        read_declared(file)
    assert str(error.value).startswith(f"{file}: Expected a task name")
