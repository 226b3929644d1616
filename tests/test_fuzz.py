"""The fuzzers' targets hold for their seeds and for damaged ones.

They run without atheris here; `tests/fuzz/run.py` fuzzes them for long.
"""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

FOLDER = Path(__file__).with_name("fuzz")
TARGETS = sorted(file.stem for file in (FOLDER / "targets").glob("[a-z]*.py"))
RESULT = json.loads((FOLDER / "result.json").read_text("utf-8"))
SIGNS = b'0123456789,;"\n[]{}-.= \t\0\xff'
SOME = 60  # damaged inputs of a target


def damaged(seed: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """A seed with some bytes changed, cut, or with another's end."""
    data, at = bytearray(seed), rng.randrange(len(seed))
    how = rng.randrange(4)
    if how == 0:
        return bytes(data[:at])
    if how == 1:
        return bytes(data[:at]) + rng.choice(others)[at:]
    for _ in range(rng.choice((1, 3))):
        at = rng.randrange(len(data))
        flipped = data[at] ^ 1 << rng.randrange(8)
        data[at] = rng.choice(SIGNS) if how == 2 else flipped
    return bytes(data)


def inputs(seeds: list[bytes], rng: random.Random) -> Iterator[bytes]:
    yield b""
    yield from seeds
    for _ in range(SOME):
        yield damaged(rng.choice(seeds), seeds, rng)


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_finds_nothing(name):
    target = import_module(f"fuzz.targets.{name}")
    for data in inputs(list(target.SEEDS), random.Random(f"20 {name}")):
        target.one_input(data)


def test_the_result_is_of_all_targets_and_without_a_finding():
    assert sorted(RESULT["targets"]) == TARGETS
    for one in RESULT["targets"].values():
        assert one["findings"] == []
        assert one["inputs"] >= 10_000


def test_the_result_in_words_is_that_in_numbers(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    markdown = import_module("result").markdown
    assert (FOLDER / "result.md").read_text("utf-8") == markdown(RESULT)


def test_every_target_is_explained():
    text = (FOLDER / "targets/__init__.py").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == TARGETS


@pytest.mark.slow
def test_the_runner_says_what_it_needs(tmp_path):
    wrong = "--only", "nothing"
    done = subprocess.run(
        [sys.executable, FOLDER / "run.py", *wrong, "--out", tmp_path],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: Expected --only out of ['archive'")
    assert len(done.stderr.splitlines()) == 1
