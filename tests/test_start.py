"""TensorFlow starts without a line, and no other thread loses one."""

import gc
import os
import subprocess
import sys

import pytest

from facemtl.process.cli import _uncollected

pytestmark = pytest.mark.slow
LOUD = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
CELLS = {
    "a run": (
        "import facemtl\n"
        "settings = ['data.source=synthetic', 'data.faces=20',"
        " 'train.epochs=1', 'model.width=0.1']\n"
        "config = facemtl.load_config('split', settings=settings)\n"
        "facemtl.train(config, 'run', verbose=0)\n"
        "facemtl.load_model('./run')\n"
    ),
    "a layer": (
        "from facemtl import CrossStitch\n"
        "import numpy as np\n"
        "CrossStitch()([np.zeros((1, 4, 4, 2)), np.zeros((1, 4, 4, 2))])\n"
    ),
    "a preset": "import facemtl; facemtl.Predictor.load('tiny')",
}
WRITER = """
import os, sys, threading
from facemtl.process.start import quiet_tensorflow

over, written = threading.Event(), [0]

def write():
    while not over.wait(0.001):
        os.write(2, b"x")
        written[0] += 1

thread = threading.Thread(target=write)
thread.start()
quiet_tensorflow()
import tensorflow
over.set()
thread.join()
print(written[0])
"""


def python(code, folder, env=LOUD):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=folder,
        env=env,
    )


@pytest.mark.parametrize("name", CELLS)
def test_a_first_cell_says_nothing_of_tensorflow(name, tmp_path):
    done = python(CELLS[name], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_other_threads_keep_their_standard_error(tmp_path):
    done = python(WRITER, tmp_path)
    assert done.returncode == 0, done.stderr
    written = int(done.stdout)
    assert written > 100
    assert done.stderr == "x" * written


@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_is_collected_as_before(enabled):
    (gc.enable if enabled else gc.disable)()
    try:
        with pytest.raises(ZeroDivisionError), _uncollected():
            assert not gc.isenabled()
            raise ZeroDivisionError
        assert gc.isenabled() == enabled
    finally:
        gc.enable()


def test_a_level_that_is_set_stays(tmp_path):
    code = (
        "import os, facemtl; facemtl.CrossStitch;"
        "print(os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    )
    done = python(code, tmp_path, {**LOUD, "TF_CPP_MIN_LOG_LEVEL": "1"})
    assert done.stdout == "1\n"
