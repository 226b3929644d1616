"""Damaged models of every kind: refused in a line, or the very numbers.

`python -m damaged.models` in `tests` shows the table, which is committed; those
of an export are in `test_model_damage.py`.
"""

import pytest
from damaged.limited import Here, Reader, outcome
from damaged.model_wholes import KINDS
from damaged.models import TABLE, table, try_kind, written

from facemtl.errors import InputError


@pytest.mark.slow
def test_damaged_tflite_files():
    found = try_kind(".tflite")
    assert found.faults == []
    assert found.counts["same"] >= 2
    assert found.counts["refused"] >= 55
    assert found.slowest < 30


@pytest.mark.slow
def test_some_damaged_keras_files():
    found = try_kind(".keras", every=11, reader_of=Here)
    assert found.faults == []
    assert found.counts["refused"] >= 5


def test_the_committed_table_is_of_all_kinds_and_has_no_fault():
    rows = written()
    assert TABLE.read_text("utf-8") == table(rows)
    numbers = {name: list(map(int, x.split(" | "))) for name, x in rows.items()}
    assert list(numbers) == list(KINDS)
    for tried, same, refused, faults in numbers.values():
        assert tried >= 60
        assert same + refused == tried
        assert faults == 0


def raising(error):
    def load(path):
        raise error

    return load


@pytest.mark.parametrize(
    "error, said",
    [
        (InputError("Expected this."), "refused: Expected this."),
        (KeyError("a"), "exception: KeyError: 'a'"),
        (InputError("MemoryError"), "memory: MemoryError"),
        (MemoryError(), "exception: MemoryError: "),
    ],
    ids=["refused", "exception", "memory said", "memory"],
)
def test_what_comes_of_a_reading(error, said, tmp_path):
    assert outcome(raising(error), tmp_path) == said


@pytest.mark.slow
def test_a_reader_that_ends_is_started_again(tmp_path):
    kind = KINDS[".tflite"]
    kind.make(tmp_path)
    reader = Reader(".tflite", tmp_path)
    reader._process.kill()
    assert reader.read(tmp_path) == "ended: by status -9"
    assert reader.read(tmp_path) == reader.expected
    assert reader.expected.startswith("read: [('landmarks'")
    reader.close()
