"""Standard streams as programs have them: closed, full, narrow, unread."""

import csv
import json
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from export_case import stitched_tflite

from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.process.streams import on_terminal

# bytes of a name that is no UTF-8, as Linux allows it
LATIN = os.fsdecode(b"caf\xe9.png")
# a subprocess's shell closes what its command is to be without
COMMAND = [sys.executable, "-m", "facemtl.predict"]


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    faces = synthetic_faces(1, seed=21)
    _, data = cv2.imencode(".png", faces.images.read(faces.names[0]))
    for name in ("顔.png", LATIN, "two\nlines.png", "plain.png"):
        (folder / name).write_bytes(data.tobytes())
    return folder


def shell(script, folder, *words, env=None):
    """A shell's script in a folder, whose "$@" is the command."""
    command = [*COMMAND, *words, "--model", str(stitched_tflite())]
    return subprocess.run(
        ["sh", "-c", script, "sh", *map(str, command)],
        cwd=folder,
        capture_output=True,
        env={**os.environ, **(env or {})},
    )


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8", "utf-16"])
def test_names_that_the_console_cannot_print_are_escaped(encoding, photos):
    names = ["顔.png", LATIN, "two\nlines.png", "no.png"]
    done = shell(
        '"$@"',
        photos,
        *names,
        *("--json", "faces.json", "--csv", "faces.csv"),
        env={"PYTHONIOENCODING": encoding},
    )
    lines = done.stdout.decode(encoding).splitlines()
    assert done.returncode == 1, done.stderr
    face = "顔.png" if encoding.startswith("utf") else r"\u9854.png"
    assert lines[0].startswith(f"[1/4] {face}, face 1: left eye ")
    assert lines[1].startswith(r"[2/4] caf\xe9.png, face 1: ")
    assert lines[2].startswith(r"[3/4] two\nlines.png, face 1: ")
    assert lines[3] == "[4/4] no.png: No such file or directory."
    entries = json.loads((photos / "faces.json").read_text("utf-8"))
    wanted = ["顔.png", r"caf\xe9.png", "two\nlines.png", "no.png"]
    assert [entry["file"] for entry in entries] == wanted
    table = (photos / "faces.csv").read_text("utf-8")
    assert table.splitlines()[2].startswith(r"caf\xe9.png,1,")


CLOSED = ["2>&-", ">&-", "<&- >&- 2>&-"]


@pytest.mark.slow
@pytest.mark.parametrize("closed", CLOSED)
def test_closed_streams_lose_nothing(closed, photos, tmp_path):
    # libpng writes about the second one, into whatever descriptor 2 is.
    half = tmp_path / "half.png"
    half.write_bytes((photos / "plain.png").read_bytes()[:9000])
    files = (photos / "plain.png", half)
    done = shell(f'"$@" {closed}', tmp_path, *files, "--json", "faces.json")
    assert done.returncode == 1
    good, bad = json.loads((tmp_path / "faces.json").read_text())
    assert len(good["faces"]) == 1
    assert "truncated" in bad["error"]
    assert sorted(x.name for x in tmp_path.iterdir()) == [
        "faces.json",
        "half.png",
    ]


@pytest.mark.slow
def test_json_is_alone_on_standard_output_without_standard_error(photos):
    done = shell('"$@" 2>&-', photos, "plain.png", "--json", "-")
    assert done.returncode == 0
    assert [x["file"] for x in json.loads(done.stdout)] == ["plain.png"]


@pytest.mark.slow
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "not"])
@pytest.mark.parametrize("words", [(), ("--json", "-")])
def test_a_reader_that_has_gone_ends_it_quietly(words, unbuffered, photos):
    # The reader has gone before the first line comes.
    script = '{ "$@"; echo $? > status; } | true'
    env = {"PYTHONUNBUFFERED": unbuffered}
    done = shell(script, photos, *["plain.png"] * 3, *words, env=env)
    assert done.stderr == b""
    assert (photos / "status").read_text() == "141\n"


@pytest.mark.slow
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "not"])
def test_help_whose_reader_has_gone_is_quiet(unbuffered, tmp_path):
    env = {"PYTHONUNBUFFERED": unbuffered}
    assert shell('"$@" | true', tmp_path, "--help", env=env).stderr == b""


@pytest.mark.slow
def test_a_full_disk_is_reported_in_a_line(photos):
    done = shell('"$@" > /dev/full', photos, "plain.png")
    reason = b"error: No space left on device.\n"
    assert (done.returncode, done.stderr) == (1, reason)


LIBRARY = """
import sys, os
{before}
import facemtl, json
photo = sys.argv[1]
predictor = facemtl.Predictor.load(sys.argv[2])
faces = predictor(photo)
with open(sys.argv[3], "w") as out:
    json.dump([face.to_dict() for face in faces], out)
"""
BEFORE = {
    "none": "sys.stdout = sys.stderr = None",
    "closed": "os.close(2)",
    "closed objects": "sys.stdout.close(); sys.stderr.close()",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BEFORE)
def test_the_library_needs_no_streams(name, photos, tmp_path):
    code = LIBRARY.format(before=BEFORE[name])
    out = tmp_path / "faces.json"
    model = stitched_tflite()
    subprocess.run(
        [sys.executable, "-c", code, photos / "plain.png", model, out],
        check=True,
    )
    assert len(json.loads(out.read_text())) == 1


TRAINING = """
import os, sys
{before}
import facemtl
settings = ["data.source=synthetic", "data.faces=20", "train.epochs=1"]
config = facemtl.load_config("split", settings=[*settings, "model.width=0.1"])
facemtl.train(config, "run")
faces = facemtl.synthetic_faces(3)
facemtl.evaluate_faces(facemtl.load_model("./run"), faces)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["none", "closed"])
def test_training_needs_no_streams(name, tmp_path):
    code = TRAINING.format(before=BEFORE[name])
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert (tmp_path / "run" / "report.json").is_file()


THREADS = """
import os, sys, threading
import facemtl
from facemtl.inference.predictor import Predictor

def load():
    for _ in range(3):
        Predictor.load("base")
        os.write(2, b"x")

threads = [threading.Thread(target=load) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
os.write(2, b"kept")
"""


@pytest.mark.slow
def test_threads_that_load_presets_keep_standard_error():
    done = subprocess.run([sys.executable, "-c", THREADS], capture_output=True)
    assert done.stderr.decode() == 12 * "x" + "kept"


def test_a_stream_that_is_none_or_closed_is_no_terminal(tmp_path):
    with (tmp_path / "log").open("w") as closed:
        pass
    assert not on_terminal(None)
    assert not on_terminal(closed)


ODD = 10


@pytest.mark.slow
@pytest.mark.parametrize(
    ("encoding", "streams"),
    [("ascii", ""), ("cp1252", ">&- 2>&-")],
    ids=["ascii", "closed"],
)
def test_a_thousand_photos_with_ten_odd_ones(encoding, streams, tmp_path):
    names = thousand(tmp_path)
    done = shell(
        f'"$@" {streams}',
        tmp_path,
        *names,
        *("--json", "faces.json", "--csv", "faces.csv", "--draw", "drawn"),
        env={"PYTHONIOENCODING": encoding},
    )
    assert done.returncode == 1, done.stderr
    entries = json.loads((tmp_path / "faces.json").read_text())
    errors = [entry["error"] for entry in entries if "error" in entry]
    assert len(entries) == 1000
    assert len(errors) == ODD
    assert all("\n" not in error and error for error in errors)
    faces = sum(len(entry["faces"]) for entry in entries)
    assert faces == 4  # the odd names, of which none is lost
    with (tmp_path / "faces.csv").open(encoding="utf-8", newline="") as table:
        assert len(list(csv.reader(table))) == 1 + faces
    assert len(list((tmp_path / "drawn").iterdir())) == 990
    if not streams:
        lines = done.stdout.decode(encoding).splitlines()
        assert len(lines) == 1000
        assert b"; 10 photos could not be used." in done.stderr


def thousand(folder):
    """986 small photos, 4 with odd names and a face, 10 that are none."""
    _, small = cv2.imencode(".png", np.full((8, 8, 3), 99, np.uint8))
    faces = synthetic_faces(1, seed=21)
    _, face = cv2.imencode(".png", faces.images.read(faces.names[0]))
    whole = face.tobytes()
    odd = ["顔.png", LATIN, 250 * "n" + ".png", "\x1b[2J\n.png"]
    files = {name: whole for name in odd}
    files |= {f"{i}.png": small.tobytes() for i in range(986)}
    files |= {
        "half.png": whole[: len(whole) // 2],
        "empty.png": b"",
        "text.jpg": b"<html>",
        "zeros.jpg": bytes(4000),
        "start.jpg": b"\xff\xd8\xff",
        "pdf.jpg": b"%PDF-1.7",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "folder.png").mkdir()
    (folder / "loop.png").symlink_to("loop.png")
    (folder / "gone.png").symlink_to("nowhere.png")
    return [*files, "folder.png", "loop.png", "gone.png", "http://a.b/c.png"]
