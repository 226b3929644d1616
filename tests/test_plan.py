"""What a load costs: the arithmetic."""

import json
import subprocess
import sys

import pytest

from facemtl.export.apps.plan import COSTS, cores, plan_table

MEASURED = json.loads(COSTS.read_text("utf-8"))


def test_the_arithmetic():
    """10 ms a photo: 100 a second and core, 2.8 hours and 0.28 a million."""
    parts = {"decode": 4.0, "find": 5.0, "base": 1.0, "tiny": 0.1}
    text = plan_table({"1": parts}, price=0.1, rate=120)
    *_, row = text.splitlines()
    assert row == "| 1 | 4.0 | 5.0 | 1.0 | 100 | 2.8 | 0.28 | 2 |"
    assert "cores for 120/s" in text.splitlines()[0]


@pytest.mark.parametrize(
    "milliseconds, rate, expected", [(6, 100, 1), (6.1, 100, 2), (600, 1, 1)]
)
def test_cores_are_whole(milliseconds, rate, expected):
    assert cores(milliseconds, rate) == expected


def test_the_network_is_the_least_of_a_load():
    assert MEASURED["command"] == "python benchmarks/photo_costs.py"
    for parts in MEASURED["milliseconds"].values():
        # The network is the least of it, as the README says.
        assert parts["base"] < parts["find"]


def test_the_command_prints_it():
    command = [sys.executable, "-m", "facemtl.export.apps.plan"]
    done = subprocess.run(
        [*command, "--rate", "7"], capture_output=True, text=True, check=True
    )
    assert "cores for 7/s" in done.stdout
