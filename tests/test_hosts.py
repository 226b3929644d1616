"""Training on two machines, here two processes, is training on one."""

import json
import signal
import sys
from pathlib import Path

import forked
import keras
import numpy as np
import pytest

import facemtl
from facemtl.errors import InputError
from facemtl.pipeline.crop_cache import CachePlan
from facemtl.process.cluster import Cluster
from facemtl.training.hosts import Hosts
from facemtl.training.run_faces import RunFaces

ROOT = Path(__file__).parent
TWO = Cluster({"worker 0": "a:1", "worker 1": "b:1"}, 1)


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
    assert found["killed"] == [-signal.SIGTERM, 0]
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


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("train.devices=2", "train.devices = 1 with the 2 workers .*: 2. Name"),
        ("weighting.balancing=mgda", "balancing = 'none' .*: 'mgda'. Unset"),
        ("train.batch_size=1", "train.batch_size of at least 2, .*: 1."),
    ],
)
def test_settings_of_one_machine_are_one_clear_line(setting, words):
    config = facemtl.load_config(settings=[setting])
    with pytest.raises(InputError, match=words):
        Hosts(TWO, config)


def test_another_backend_is_one_clear_line(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(InputError, match=r"one worker .* backend jax. .*: 2."):
        Hosts(TWO, facemtl.load_config())


def shares(first):
    """Hosts that have been told what the first worker shared."""
    hosts = object.__new__(Hosts)
    hosts.cluster = TWO
    hosts.shared = lambda data: first or data
    return hosts


def run_faces(names=4, darker=0):
    """The faces of a run on a worker."""
    plan = CachePlan(facemtl.CropSpec(size=40))
    crops = facemtl.crop_faces(facemtl.synthetic_faces(names), plan, verbose=0)
    crops.images[1] //= 1 + darker
    settings = facemtl.load_settings()
    return RunFaces(settings, crops.faces.tasks, crops, crops, None, [])


def test_other_faces_than_the_first_worker_has_are_one_clear_line():
    said = []
    hosts = shares(b"")
    hosts.shared = lambda data: said.append(data) or data
    hosts.check_faces(run_faces())
    shares(said[0]).check_faces(run_faces())
    with pytest.raises(InputError, match=r"5 and 5 faces .* beside 4 and 4"):
        shares(said[0]).check_faces(run_faces(5))
    with pytest.raises(InputError, match=r"photos of worker 0 .*: 1 that"):
        shares(said[0]).check_faces(run_faces(darker=1))
