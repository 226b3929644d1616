"""What the system refuses to write: one line, and nothing half-written left.

A limit of the size of files stands for a full disk: it needs no disk.
"""

import errno
import os
import subprocess
import sys
import zipfile

import cv2
import forked
import numpy as np
import pytest

from facemtl.files.system_errors import system_error
from facemtl.models import FaceNetwork
from facemtl.tasks import MTFL_TASKS

FACES = (
    *("--data", "synthetic", "--set", "data.faces=64"),
    *("--set", "model.width=0.25"),
)
STUDY = """
seeds = 1
settings = { data.faces = 64, model.width = 0.25, train.epochs = 1 }
[[variants]]
name = "one"
"""
SPACE = """
settings = { data.faces = 64, model.width = 0.25 }
search = { train.epochs = 1 }
[[hyperparameters]]
key = "train.learning_rate"
low = 0.001
high = 0.01
"""
# Kilobytes that a file may have, and a command.
CASES = {
    "fit, first epoch": (8, ("fit", *FACES, "--epochs", "1")),
    "fit, picture": (300, ("fit", *FACES, "--epochs", "1")),
    "compare": (8, ("compare", "study.toml", *FACES[:2])),
    # With more, each trial fails and says why.
    "tune": (
        1,
        ("tune", *FACES[:2], "--space", "space.toml", "--confirm", "0"),
    ),
    "export, Keras": (8, ("export", "model.keras")),
    "export, SavedModel": (
        100,
        ("export", "model.keras", "--formats", "saved_model"),
    ),
    "export, TFLite": (70, ("export", "model.keras", "--formats", "tflite")),
    "predict, JSON": (1, ("predict", "photo.png", "--json")),
    "predict, CSV": (1, ("predict", "photo.png", "--csv")),
    "data check": (8, ("data", "check", "synthetic", *FACES[2:4], "--draw")),
}


@pytest.fixture
def place(tmp_path):
    """A folder to be in, with what the commands read."""
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "space.toml").write_text(SPACE)
    photo = np.full((400, 400, 3), 200, np.uint8)
    cv2.imwrite(str(tmp_path / "photo.png"), photo)
    rows = [f"photo.png,{i},{i},200,200" for i in range(40)]
    text = "\n".join(["file,left,top,right,bottom", *rows])
    (tmp_path / "boxes.csv").write_text(text)
    FaceNetwork(MTFL_TASKS, width=0.25).save(tmp_path / "model.keras")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_a_full_disk_is_one_line(case, place):
    kilobytes, words = CASES[case]
    before = set(place.rglob("*"))
    words = [*words, *(["out"] if words[-1].startswith("--") else [])]
    if "out" not in words:
        words += ["--out", "out"]
    if words[0] == "predict":
        words += ["--boxes", "boxes.csv"]
    command = [sys.executable, "-m", "facemtl", *words]
    done = forked.run(command, place, kilobytes=kilobytes)
    assert done.returncode in (1, 2), done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert "File too large" in line
    new = set(place.rglob("*")) - before
    assert not [path for path in new if "part" in path.name]


SAID = [
    RuntimeError("Unable to flush (errno = 28, 'No space left on device')"),
    OSError("unable to write: No space left on device"),  # without a number
    OSError(errno.ENOSPC, "No space left on device"),
]


@pytest.mark.parametrize("error", SAID, ids=lambda x: type(x).__name__)
def test_libraries_words_of_a_full_disk_are_known(error):
    found = system_error(error)
    assert (found.errno, found.strerror) == (
        errno.ENOSPC,
        "No space left on device",
    )


def test_what_a_full_disk_led_to_is_known_by_its_cause():
    try:
        with zipfile.ZipFile("/dev/full", "w") as out:
            out.writestr("a", os.urandom(100_000))
    except (OSError, ValueError) as error:
        found = system_error(error)
    assert found.errno == errno.ENOSPC


def test_other_errors_stay_what_they_are():
    for error in (ValueError("no number"), KeyError("x"), OSError("odd")):
        assert system_error(error) is None


RUN = """
import sys
from facemtl.process.cli import run
def main(argv=None):
    {}
run(main)
"""


@pytest.mark.parametrize(
    ("body", "status", "line"),
    [
        (
            "raise RuntimeError('h5: No space left on device, x')",
            1,
            "error: No space left on device.",
        ),
        (
            "open('/missing/file', 'w')",
            1,
            "error: /missing/file: No such file or directory.",
        ),
        (
            "raise OSError(30, 'Read-only file system', 'runs/a')",
            1,
            "error: runs/a: Read-only file system.",
        ),
    ],
    ids=["library", "missing", "read-only"],
)
def test_a_command_ends_with_a_line_and_status_1(body, status, line):
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(body)],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (status, f"{line}\n")


def test_a_fault_of_the_program_is_still_a_traceback():
    done = subprocess.run(
        [sys.executable, "-c", RUN.format("raise ValueError('a bug')")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Traceback" in done.stderr
