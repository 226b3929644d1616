"""Training on two machines, here two processes, is training on one."""

import json
import sys
from pathlib import Path

import forked
import numpy as np
import pytest

ROOT = Path(__file__).parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where `two_hosts.py` leaves its weights."""
    return tmp_path_factory.mktemp("hosts")


@pytest.fixture(scope="module")
def found(folder):
    """What `two_hosts.py` prints."""
    done = forked.run([sys.executable, ROOT / "two_hosts.py", folder])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_ten_steps_in_float64_move_the_weights_as_on_one(found, folder):
    assert found["one"] == [0]
    assert found["steps"] == [0, 0]
    saved = [np.load(folder / f"{name}.npz") for name in ("one", "0", "1")]
    (start, one), *both = ([x["arr_0"], x["arr_1"]] for x in saved)
    assert np.abs(one - start).max() > 1e-3
    for before, after in both:
        np.testing.assert_array_equal(before, start)
        np.testing.assert_allclose(after, one, rtol=0, atol=1e-10)
    np.testing.assert_array_equal(both[0][1], both[1][1])


@pytest.mark.slow
def test_a_killed_worker_ends_the_others_in_one_line(found):
    assert found["killed"] == [-9, 0]
    assert found["line"].startswith("Expected all 2 workers until the end.")
    assert "no more from worker 0 (localhost:" in found["line"]
    assert found["line"].endswith("(--resume on the command line).")


@pytest.mark.slow
def test_the_same_commands_resume_bit_for_bit(found):
    assert found["whole"] == found["resumed"] == [0, 0]
    assert found["same"]
    first, other = found["reports"]
    assert "scores" in first
    assert other == ""
