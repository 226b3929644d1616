"""Studies and searches that are killed: benchmarks/kills.py in short."""

from dataclasses import replace

import pytest
from kill_case import BENCHMARKS, check_killed

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)


def test_a_killed_study_goes_on_to_the_same_end(tmp_path):
    from kill_cases import CASES

    check_killed(CASES["compare"], tmp_path, "compare")


def test_a_killed_search_goes_on_to_the_same_end(tmp_path):
    """Without workers: those that are lost are in tests/test_chief.py."""
    from kill_cases import CASES

    case = CASES["tune"]
    fewer = ("--workers", "1", "--max-trials", "1")  # The last ones count.
    # Of this seed, in the work: that of the script is before it.
    check_killed(replace(case, words=(*case.words, *fewer)), tmp_path, "alone")
