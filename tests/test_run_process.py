"""What a run does to its process: threads, seeds and precision."""

import os
import random
import sys
from dataclasses import replace

import cv2
import forked
import keras
import numpy as np
import pytest

import facemtl
from facemtl.config import load_settings
from facemtl.errors import InputError
from facemtl.training.run_process import set_threads, threads

SMALL = (
    "data.source=synthetic",
    "data.faces=20",
    "train.epochs=1",
    "model.width=0.1",
)
START = f"""
import sys
import facemtl
SMALL = {SMALL}

def run(folder, *settings):
    config = facemtl.load_config(settings=[*SMALL, *settings])
    try:
        return facemtl.train(config, folder, verbose=0)["threads"]
    except facemtl.InputError as error:
        return f"line: {{error}}"
"""
REFUSED = (
    "line: Expected train.threads before TensorFlow's first work in this "
    "process. Received: 3, after it has begun with {}. Restart Python and "
    "train first, or leave train.threads = 0."
)


def script(tmp_path, code):
    done = forked.run([sys.executable, "-c", START + code], tmp_path)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
def test_threads_of_several_runs_in_a_process(tmp_path):
    code = """
print(run("one", "train.threads=1"))
facemtl.load_model("./one")
print(run("any"))
print(run("other", "train.threads=3"))
"""
    assert script(tmp_path, code) == ["1", "1", REFUSED.format(1)]
    # It was refused before any data were read.
    assert not (tmp_path / "other/rows.json").exists()


@pytest.mark.slow
def test_a_run_on_one_thread_works_on_no_other(tmp_path):
    """TensorFlow makes the batches on a second thread, ahead of their use."""
    code = """
import os
from pathlib import Path

run("one", "train.threads=1", "model.width=1", "train.epochs=3")
for task in Path("/proc/self/task").iterdir():
    name, _, rest = (task / "stat").read_text().rpartition(")")
    print(int(task.name == str(os.getpid())), *rest.split()[11:13],
          name.partition("(")[2])
"""
    lines = [line.split() for line in script(tmp_path, code)]
    spent = [int(user) + int(system) for _, user, system, _ in lines]
    (main,) = [n for n, x in zip(spent, lines, strict=True) if x[0] == "1"]
    batches = [
        n for n, x in zip(spent, lines, strict=True) if x[3] == "tf_Compute"
    ]
    assert len(batches) == 1
    assert sum(spent) - main - batches[0] < 0.1 * main


@pytest.mark.slow
def test_threads_after_a_network_was_loaded(tmp_path):
    cores = len(os.sched_getaffinity(0))
    assert cores != 3
    code = f"""
network = facemtl.FaceNetwork(facemtl.MTFL_TASKS, width=0.1)
network.save("model.keras")
facemtl.load_model("model.keras")
print(run("other", "train.threads=3"))
print(run("all", "train.threads={cores}"))
"""
    assert script(tmp_path, code) == [REFUSED.format(cores), str(cores)]


@pytest.mark.slow
def test_threads_that_the_caller_has_set(tmp_path):
    code = """
import tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(2)
tf.config.threading.set_inter_op_parallelism_threads(2)
facemtl.FaceNetwork(facemtl.MTFL_TASKS, width=0.1)
print(run("one", "train.threads=2"))
"""
    assert script(tmp_path, code) == ["2"]


def test_a_number_that_tensorflow_has_is_no_change():
    keras.ops.zeros(1)
    (within, between) = threads()
    assert within == between
    train = load_settings().train
    set_threads(replace(train, threads=within))
    with pytest.raises(InputError, match=f"has begun with {within}"):
        set_threads(replace(train, threads=within + 1))


@pytest.mark.slow
def test_a_run_leaves_the_callers_numbers_and_precision(tmp_path):
    def train(folder, *more):
        config = facemtl.load_config(settings=[*SMALL, *more])
        return facemtl.train(config, folder, verbose=0)

    def drawn():
        return random.random(), float(np.random.random())  # noqa: NPY002

    def seed():
        random.seed(3)
        np.random.seed(3)  # noqa: NPY002

    seed()
    wanted = drawn()
    seed()
    opencv = cv2.getNumThreads()
    train(tmp_path / "mixed", "train.precision=mixed_bfloat16")
    assert drawn() == wanted
    assert keras.config.dtype_policy().name == "float32"
    assert cv2.getNumThreads() == opencv
    # Also where it fails.
    seed()
    with pytest.raises(InputError, match="Training diverged"):
        train(
            tmp_path / "diverged",
            "train.learning_rate=4e9",
            "train.precision=mixed_bfloat16",
        )
    assert drawn() == wanted
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.slow
def test_a_run_is_the_same_whatever_the_caller_drew(tmp_path):
    def weights(folder):
        config = facemtl.load_config(settings=SMALL)
        facemtl.train(config, tmp_path / folder, verbose=0)
        return facemtl.load_model(tmp_path / folder).get_weights()

    random.seed(1)
    one = weights("one")
    random.seed(2)
    for a, b in zip(one, weights("other"), strict=True):
        np.testing.assert_array_equal(a, b)


def test_evaluating_leaves_opencvs_threads():
    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    try:
        faces = facemtl.synthetic_faces(2)
        facemtl.evaluate_faces("tiny", faces, verbose=0)
        assert cv2.getNumThreads() == 2
    finally:
        cv2.setNumThreads(before)
