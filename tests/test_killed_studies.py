"""A study that is killed: benchmarks/kills.py in short.

A killed search is in `test_search.py`, lost workers are in `test_chief.py`.
"""

import pytest
from kill_case import BENCHMARKS, check_killed


@pytest.mark.slow
def test_a_killed_study_goes_on_to_the_same_end(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    from kill_cases import CASES

    check_killed(CASES["compare"], tmp_path, "compare")
