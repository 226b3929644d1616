"""The training and validation faces of MORE."""

import doctest
from pathlib import Path

import pytest

from facemtl.data.csv.reader import read_csv
from facemtl.data.faces import BadRows
from facemtl.data.sources import load_split
from facemtl.errors import InputError
from facemtl.tasks import MTFL_TASKS

ROOT = Path(__file__).parent.parent
HEAD = "file,left,top,right,bottom,gender,smile,glasses"


@pytest.fixture(autouse=True)
def presets(monkeypatch):
    """The folder `presets/` can be imported from."""
    monkeypatch.syspath_prepend(ROOT / "presets")


@pytest.fixture
def labels(tmp_path):
    """A CSV like MORE's, of 1,000 photos that nobody opens."""
    rows = [f"utk/{i}.jpg,21,21,91,91,male,," for i in range(1000)]
    file = tmp_path / "labels.csv"
    file.write_text("\n".join([HEAD, *rows, ""]))
    return file


def test_examples_hold():
    import more

    assert doctest.testmod(more) == (0, 2)


def test_a_tenth_of_the_faces_is_for_validation(labels, tmp_path):
    from more import is_validation, write_training_csv

    file = write_training_csv(labels, tmp_path / "new" / "split.csv")
    train, val = (
        load_split(str(file), split, MTFL_TASKS, BadRows())
        for split in ("train", "val")
    )
    assert 70 < len(val) < 130
    assert all(map(is_validation, val.names))
    assert not any(map(is_validation, train.names))
    both = {*train.names, *val.names}
    assert both == {str(tmp_path / f"utk/{i}.jpg") for i in range(1000)}
    whole = read_csv(labels)
    assert set(whole.labels["gender"]) == set(val.labels["gender"])


def test_the_labels_are_not_overwritten(labels):
    import more

    before = labels.read_text()
    with pytest.raises(InputError, match="as two places"):
        more.main([str(labels), "--out", str(labels)])
    assert labels.read_text() == before


def test_a_csv_with_a_split_is_refused(labels, tmp_path):
    from more import write_training_csv

    once = write_training_csv(labels, tmp_path / "once.csv")
    with pytest.raises(InputError, match="no column split"):
        write_training_csv(once, tmp_path / "twice.csv")
    assert not (tmp_path / "twice.csv").exists()
