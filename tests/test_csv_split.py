"""The column split: its words, and parts that are not there."""

import re
from dataclasses import replace

import pytest

from facemtl.config import load_settings
from facemtl.data.csv.reader import csv_splits, read_csv
from facemtl.data.faces import BadRows
from facemtl.data.sources import load_split, load_splits, split_name
from facemtl.errors import InputError
from facemtl.tasks import MTFL_TASKS
from tests.csv_case import write_column


def splits_of(path, skip=False):
    data = replace(load_settings().data, source=str(path))
    bad = BadRows(skip)
    return load_splits(data, bad), bad


def evaluated(path, split="test"):
    return load_split(str(path), split, MTFL_TASKS, BadRows())


@pytest.fixture
def write(tmp_path):
    def make(*words):
        return write_column(tmp_path / "faces.csv", "split", words)

    return make


@pytest.mark.parametrize(
    "words",
    [
        ("train", "val", "test"),
        ("Train", "Val", "Test"),
        ("TRAINING", "VALIDATION", "TESTING"),
        ("trn", "valid", "tst"),
        ("learn", "dev", "eval"),
        ("Learn", "Dev", "Evaluation"),
        ("train", "val", "holdout"),
    ],
    ids=str,
)
def test_words_that_are_understood(write, words):
    train, val, test = words
    path = write(train, test, train, val, train)
    splits, _ = splits_of(path)
    assert splits.train.names.tolist() == ["0.jpg", "2.jpg", "4.jpg"]
    assert splits.validation.names.tolist() == ["3.jpg"]
    assert splits.test.names.tolist() == ["1.jpg"]
    assert splits.notes == ()
    assert csv_splits(path) == ("train", "val", "test")
    assert evaluated(path).names.tolist() == ["1.jpg"]
    assert evaluated(path, "val").names.tolist() == ["3.jpg"]
    assert split_name(str(path), "test") == "test"


@pytest.mark.parametrize("word", ["0", "1", "2", "1.0", "", "tests", "x"])
def test_other_words_are_invalid_rows(write, word):
    path = write("train", "train", word, "test")
    read = (
        lambda: splits_of(path),
        lambda: evaluated(path),
        lambda: evaluated(path, "val"),
        lambda: read_csv(path),
        lambda: read_csv(path, split="train"),
    )
    for call in read:
        with pytest.raises(InputError) as error:
            call()
        line = str(error.value)
        assert line.startswith(
            f"faces.csv, row 4 (2.jpg): unknown split: split is {word!r}, "
            "expected train, val or test (or training, trn, learn, valid,"
        )
        guess = "numbers are not guessed, write the words" in line
        assert guess == word.startswith(("0", "1", "2"))
        assert "\n" not in line
    splits, bad = splits_of(path, skip=True)
    assert len(splits.train) + len(splits.validation) == 2
    assert len(splits.test) == 1
    assert bad.summary() == "1 invalid row skipped: 1 unknown split"


@pytest.mark.parametrize(
    ("words", "received"),
    [
        (["0", "1", "2"], "Received: 0, 1, 2."),
        (["", ""], "Received: empty cells alone."),
        (["part a", "part b"], "Received: part a, part b."),
    ],
    ids=str,
)
def test_a_column_that_says_nothing_never_passes_for_none(
    write, words, received
):
    path = write(*words)
    for call in (
        lambda: splits_of(path, skip=True),
        lambda: evaluated(path),
        lambda: csv_splits(path),
        lambda: split_name(str(path), "test"),
        lambda: read_csv(path, bad=BadRows(skip=True)),
    ):
        with pytest.raises(InputError) as error:
            call()
        assert str(error.value).startswith(f"{path}: expected train, val or")
        assert received in str(error.value)


def test_a_missing_test_part_is_named(write):
    path = write(*["train"] * 3, *["dev"] * 2)
    with pytest.raises(InputError) as error:
        evaluated(path)
    assert str(error.value) == (
        f"{path}: expected at least one valid row of split 'test'. Received: 3 "
        "rows train, 2 rows val."
    )
    splits, _ = splits_of(path)
    assert splits.test is None
    assert splits.notes == (
        f"{path}: no row with split = test; no test faces are scored.",
    )


def test_a_missing_validation_part_is_chosen_from_the_training_rows(write):
    path = write(*["train"] * 30, "test")
    splits, _ = splits_of(path)
    assert [len(splits.train), len(splits.validation)] == [27, 3]
    again = evaluated(path, "val")
    assert again.names.tolist() == splits.validation.names.tolist()


def test_a_missing_training_part_stops_fit_but_not_evaluate(write):
    path = write(*["test"] * 3, "val")
    with pytest.raises(
        InputError,
        match=re.escape(
            f"{path}: expected rows with split = train. Received: 1 row val, "
            "3 rows test."
        ),
    ):
        splits_of(path)
    assert len(evaluated(path, "val")) == 1
    assert len(evaluated(path)) == 3
    with pytest.raises(InputError, match="expected rows with split = train"):
        evaluated(path, "train")


def test_without_the_column_all_rows_are_evaluated(tmp_path):
    path = write_column(tmp_path / "faces.csv", "smile", ["yes"] * 20)
    assert len(evaluated(path)) == 20
    assert split_name(str(path), "test") == "all rows"
    assert split_name(str(path), "val") == "val"
    assert splits_of(path)[0].notes == ()


def test_the_column_twice(tmp_path):
    path = write_column(tmp_path / "faces.csv", "split,Split", ["train,test"])
    for call in (lambda: splits_of(path), lambda: evaluated(path)):
        with pytest.raises(InputError, match="twice: split"):
            call()
