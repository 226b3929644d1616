"""Training on two devices is training on one, up to rounding."""

import json
import sys
from pathlib import Path

import forked
import numpy as np
import pytest

import facemtl
from facemtl.errors import InputError
from facemtl.training.compiled import check_training

ROOT = Path(__file__).parent


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What `two_devices.py` prints."""
    folder = str(tmp_path_factory.mktemp("devices"))
    done = forked.run([sys.executable, ROOT / "two_devices.py", folder])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_ten_steps_in_float64_move_the_weights_alike(found):
    assert found["float64"] < 1e-10 < 1e-3 < found["moved"]


@pytest.mark.slow
def test_a_run_logs_and_saves_the_same_numbers(found):
    one, both = found["history"]
    assert len(one) == len(both) == 2
    for a, b in zip(one, both, strict=True):
        assert a.keys() == b.keys()
        np.testing.assert_allclose([*b.values()], [*a.values()], rtol=1e-6)
    assert 0 < found["state"] < 1e-6


@pytest.mark.slow
def test_an_interrupted_run_resumes_bit_for_bit(found):
    assert found["resumed"]


@pytest.mark.slow
def test_more_devices_than_there_are_is_one_clear_line(found):
    more, small = found["too_many"]
    assert more.startswith("Expected train.devices of at most 2: TensorFlow")
    assert more.endswith("Received: 3. Set train.devices=2.")
    assert "at most 1, the train.batch_size" in small


def test_one_cpu_is_one_device():
    settings = facemtl.load_settings(settings=["train.devices=1000"])
    with pytest.raises(InputError, match=r"at most \d+: .*Received: 1000\."):
        check_training(facemtl.MTFL_TASKS, settings)
