"""Damaged texts of every kind that facemtl reads: refused in a line, or read.

All of them take some seconds; `python -m damaged.texts` in `tests` shows the
table, which is committed.
"""

import json

import pytest
from damaged.texts import TABLE, table, try_kind
from damaged.trial import Outcome
from damaged.wholes import KINDS

from facemtl.errors import InputError
from facemtl.files.json_text import strict_json

OUTCOMES: dict[str, Outcome] = {}


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_no_damaged_text_is_a_traceback(kind):
    outcome = OUTCOMES[kind.name] = try_kind(kind)
    assert outcome.faults == []
    assert outcome.counts.total() >= 40
    assert outcome.counts["same"] >= 5
    assert outcome.counts["refused"] >= 25
    assert outcome.slowest < 30


def test_the_committed_table_is_that_of_this_corpus():
    whole = {kind.name: try_kind(kind) for kind in KINDS}
    assert TABLE.read_text("utf-8") == table(whole)
    assert sum(outcome.counts.total() for outcome in whole.values()) >= 600


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
def test_nor_is_one_of_other_seeds(seed):
    for kind in KINDS:
        assert try_kind(kind, seed=seed).faults == []


def test_a_fault_is_told():
    outcome = Outcome()

    def raises(error):
        raise error

    outcome.add("read", "refused", lambda: "other", "whole")
    outcome.add("raised", "any", lambda: raises(KeyError("a")), "whole")
    # An `InputError` is made one line where it is raised.
    outcome.add("two lines", "any", lambda: raises(InputError("a\nb")), "whole")
    assert [fault.partition(":")[0] for fault in outcome.faults] == [
        "read",
        "raised",
    ]
    assert outcome.counts["refused"] == 1


@pytest.mark.parametrize(
    "text",
    [
        '{"a": NaN}',
        "[-Infinity]",
        '{"a": [1e400]}',
        "-1e999",
        '{"a": {"b": 1, "b": 1}}',
        "[" * 100_000,
        "[" * 50 + "]" * 50,
        "9" * 5000,
        b"\xff",
    ],
)
def test_what_json_would_read_silently_is_refused(text):
    with pytest.raises(ValueError):
        strict_json(text)


def test_other_json_is_read_as_ever():
    content = {"a": [1, 2.5, None, {"b": "\u00e9"}], "c": {"b": []}}
    assert strict_json(json.dumps(content)) == content
