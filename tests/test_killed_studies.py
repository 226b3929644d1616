"""A study that is killed: benchmarks/kills.py in short.

A killed search is in `test_search.py`, lost workers are in `test_chief.py`.
"""

import pytest
from kill_case import BENCHMARKS, check_killed


@pytest.mark.slow
def test_a_killed_study_goes_on_to_the_same_end(tmp_path, monkeypatch):
    """With one of the script's two variants, which trains in less time."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    import kill_cases

    variants = kill_cases.STUDY.split("[[variants]]")
    one = "[[variants]]".join(variants[:2])
    monkeypatch.setattr(kill_cases, "STUDY", one)
    check_killed(kill_cases.CASES["compare"], tmp_path, "compare")
