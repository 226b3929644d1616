"""Studies and searches that are killed: benchmarks/kills.py in short."""

import pytest
from kill_case import check_killed


@pytest.mark.slow
@pytest.mark.parametrize("command", ["compare", "tune"])
def test_a_killed_command_goes_on_to_the_same_end(command, tmp_path):
    check_killed(command, tmp_path)
