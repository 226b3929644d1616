"""Damaged photos of every format: refused in a line, or decoded.

`python -m damaged.photos` in `tests` shows the table, which is committed.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from damaged.photos import FORMATS, TABLE, try_format


@pytest.mark.parametrize("name", FORMATS)
def test_no_damaged_photo_is_a_traceback(name):
    outcome = try_format(name)
    assert outcome.faults == []
    assert outcome.counts["same"] >= 1
    assert outcome.counts["refused"] >= 8
    assert outcome.slowest < 30
    # How many are decoded depends on the versions of OpenCV's libraries.
    row = re.search(rf"(?m)^\| {name} \| (\d+) ", TABLE.read_text("utf-8"))
    assert row is not None
    assert int(row[1]) == outcome.counts.total()


def test_the_committed_table_has_no_fault():
    last = TABLE.read_text("utf-8").splitlines()[-1]
    assert re.fullmatch(r"\| all \| 4\d\d \| \d+ \| \d+ \| \d+ \| 0 \|", last)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
def test_nor_is_one_of_other_seeds(seed):
    for name in FORMATS:
        assert try_format(name, seed).faults == []


@pytest.mark.slow
def test_the_command_tries_all_in_little_memory():
    done = subprocess.run(
        [sys.executable, "-m", "damaged.photos"],
        cwd=Path(__file__).parent,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    most = re.search(r"most memory: ([0-9.]+) GB", done.stderr)
    assert most is not None
    assert float(most[1]) < 2
