"""Commands that are killed: the short form of benchmarks/kills.py.

A killed `fit` is in `test_resume.py`.
"""

import pytest
from kill_case import BENCHMARKS, check_killed, check_killed_by_script

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("command", ["export", "predict a video"])
def test_a_killed_command_goes_on_to_the_same_end(
    command, tmp_path, monkeypatch
):
    monkeypatch.syspath_prepend(BENCHMARKS)
    from kill_cases import CASES

    check_killed(CASES[command], tmp_path, command)


def test_the_script_kills_a_command(tmp_path):
    check_killed_by_script("predict photos", tmp_path)
