"""The fuzzers' targets hold for their seeds and for damaged ones.

They run without atheris here; `tests/fuzz/run.py` fuzzes them for long.
"""

import json
import random
import subprocess
import sys
import traceback
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


SAID = """INFO: Seed: 20
#2	INITED cov: 40 ft: 4 corp: 1/1b exec/s: 0 rss: 53Mb
#80	NEW    cov: 62 ft: 6 corp: 2/3b lim: 4 exec/s: 0 rss: 53Mb
"""


def test_what_libfuzzer_says_is_counted():
    process = import_module("fuzz.process")
    trial = process.Trial("csv", 10.0, inputs=5)
    process._read(SAID, trial)
    assert (trial.inputs, trial.covered) == (85, 62)
    stats = "stat::number_of_executed_units: 100\n"
    process._read(f"{SAID}{stats}", trial)
    assert (trial.inputs, trial.covered) == (185, 62)


def test_what_is_kept_is_a_finding(tmp_path):
    (tmp_path / "timeout-0123").write_bytes(b"")
    try:
        raise KeyError("a")
    except KeyError:
        (tmp_path / "raised-4.txt").write_text(traceback.format_exc())
    found = import_module("fuzz.process")._found(tmp_path)
    assert [line.partition(",")[0] for line in found] == [
        "KeyError: 'a' (File test_fuzz.py",
        "timeout-0123",
    ]


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
