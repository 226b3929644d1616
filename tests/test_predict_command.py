"""`facemtl predict` through a subprocess: photos, videos, and bad ones."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from export_case import stitched_export, stitched_tflite

from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.predict.boxes import read_boxes
from facemtl.predict.command import main

FACES = synthetic_faces(3, seed=21)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    files = []
    for i, name in enumerate(FACES.names):
        file = folder / f"face{i}.png"
        cv2.imwrite(str(file), FACES.images.read(name)[..., ::-1])
        files.append(str(file))
    return files


def predict(*words):
    return subprocess.run(
        [sys.executable, "-m", "facemtl.predict", *map(str, words)]
        + ["--model", str(stitched_tflite())],
        capture_output=True,
        text=True,
    )


def test_photos_become_json_csv_and_pictures(photos, tmp_path):
    done = predict(
        *photos,
        *("--json", tmp_path / "faces.json"),
        *("--csv", tmp_path / "faces.csv"),
        *("--draw", tmp_path / "drawn"),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"[1/3] {photos[0]}, face 1: left eye ")
    assert "3 faces in 3 photos" in done.stderr
    entries = json.loads((tmp_path / "faces.json").read_text())
    assert [entry["file"] for entry in entries] == photos
    assert entries[0].keys() == {"file", "faces"}
    (face,) = entries[0]["faces"]
    assert face.keys() == {
        *("box", "points", "points_sigma", "attributes"),
        *("head_pose", "score", "confidence"),
    }
    assert 0.6 < face["score"] <= 1
    assert len(face["box"]) == 4
    assert len(face["points"]["left mouth corner"]) == 2
    smile = face["attributes"]["smile"]
    assert smile.keys() == {"class", "probability", "probabilities"}
    assert sum(smile["probabilities"].values()) == pytest.approx(1, abs=2e-4)
    with (tmp_path / "faces.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert float(rows[0]["nose x"]) == face["points"]["nose"][0]
    assert rows[0]["pose"] == face["attributes"]["pose"]["class"]
    assert float(rows[0]["score"]) == face["score"]
    # The network is not trained: its points may be those of no head.
    angle = (face["head_pose"] or {"yaw": ""})["yaw"]
    assert rows[0]["head yaw"] == str(angle)
    no = smile["probabilities"]["no"]
    assert float(rows[0]["smile no probability"]) == no
    drawn = sorted(p.name for p in (tmp_path / "drawn").iterdir())
    assert drawn == [f"face{i}_faces.png" for i in range(3)]
    picture = cv2.imread(str(tmp_path / "drawn" / drawn[0]))
    assert max(picture.shape) == 480


def test_bad_photos_do_not_stop_the_others(photos, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff no jpeg")
    empty = tmp_path / "wall.png"
    cv2.imwrite(str(empty), np.full((80, 80, 3), 180, np.uint8))
    half = tmp_path / "half.png"
    with Path(photos[0]).open("rb") as whole:
        half.write_bytes(whole.read(9000))
    done = predict(
        broken, "http://a.b/c.jpg", "no.jpg", empty, photos[0],
        *(half, "--json", "-"),
    )  # fmt: skip
    assert done.returncode == 1
    entries = json.loads(done.stdout)
    assert [len(entry["faces"]) for entry in entries] == [0] * 4 + [1, 0]
    errors = [entry.get("error", "") for entry in entries]
    assert "truncated" in errors[0]
    assert "Received the address" in errors[1]
    assert errors[2] == "No such file or directory."
    assert errors[3:5] == ["", ""]
    assert "truncated" in errors[5]
    # Nor do libpng's own words about it come through.
    assert "libpng" not in done.stderr
    assert f"{empty}: no face found" in done.stderr
    assert (
        "1 face in 2 photos, 1 of them without a face; 4 photos could not "
        "be used." in done.stderr
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--json", "which is a folder"),
        ("--csv", "which is a folder"),
        ("--draw", "face1.png is no folder"),
    ],
)
def test_what_cannot_be_written_is_told_first(photos, option, message):
    folder = Path(photos[0]).parent
    done = predict(
        photos[0], option, photos[1] if option == "--draw" else folder
    )
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_the_callers_boxes_are_used(photos, tmp_path):
    listed = tmp_path / "boxes.csv"
    listed.write_text(
        "file,left,top,right,bottom\n"
        f"{photos[0]},10,20,110,120\n{photos[0]},30,30,90,90\n"
    )
    done = predict(*photos[:2], "--boxes", listed, "--json", "-")
    first, second = json.loads(done.stdout)
    assert [face["box"] for face in first["faces"]] == [
        [10, 20, 110, 120],
        [30, 30, 90, 90],
    ]
    assert second["error"] == "no row in the CSV of boxes"
    assert done.returncode == 1


def test_boxes_as_a_spreadsheet_writes_them(tmp_path):
    file = tmp_path / "boxes.csv"
    text = "File;Left;top;right;bottom;smile\nA.jpg;1,5;2;30;40;1\n"
    file.write_text(f"sep=;\n{text}", encoding="utf-16")
    assert read_boxes(file) == {"A.jpg": [[1.5, 2, 30, 40]]}
    file.write_bytes("file,left\nÄ,1\n".encode("cp1252"))
    with pytest.raises(InputError, match="expected a CSV in UTF-8"):
        read_boxes(file)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,left,top,right,bottom\na,1,2,nan,4\n", "row 2: expected four"),
        ("file,left\n", "expected the columns file, left, top"),
        ("file,left,top,right,bottom\na,1,2,x,4\n", "row 2: expected four"),
    ],
)
def test_bad_boxes_are_told_by_row(photos, tmp_path, text, message):
    file = tmp_path / "boxes.csv"
    file.write_text(text)
    done = predict(photos[0], "--boxes", file)
    assert done.returncode == 2
    assert message in done.stderr
    assert str(file) in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Expected photos, or --video"),
        (["a.jpg", "--video", "0"], "Received: both"),
        (["--video", "0", "--boxes", "x", "--model", "m"], "photos only"),
        (["a.jpg", "--labels", "none"], "--draw DIR or --show with --labels"),
        (["a.jpg", "--crop-size", "96"], "--crops DIR with --crop-size"),
        (["a.jpg", "--crops", "c", "--crop-size", "0"], "1 to 1024 pixels"),
        (["a.jpg", "--max-faces", "0"], "--max-faces as an integer >= 1"),
        (["a.jpg", "--boxes", "b", "--max-faces", "1"], "no --max-faces with"),
        (["-", "-"], "'-' once"),
        (["."], r"photos in the folder \.\. Received: no file"),
        (["a.jpg", "--model", "m.onnx"], "Expected a file. Received: m.onnx"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    words, message, tmp_path, monkeypatch
):
    from facemtl.errors import InputError

    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        main(words)


def test_base_is_the_default(photos, tmp_path, capsys):
    assert main([photos[0], "--json", str(tmp_path / "faces.json")]) == 0
    assert "face 1: left eye" in capsys.readouterr().out
    found = json.loads((tmp_path / "faces.json").read_text())
    assert main([photos[0], "--model", "base", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out) == found


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A face that walks to the right, 12 frames."""
    photo = FACES.images.read(FACES.names[0])[..., ::-1]
    file = tmp_path_factory.mktemp("film") / "walk.mp4"
    code = cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(file), code, 25, (320, 240))
    for i in range(12):
        frame = np.full((240, 320, 3), 150, np.uint8)
        frame[40:200, 20 + 8 * i : 180 + 8 * i] = photo
        writer.write(frame)
    writer.release()
    return file


def test_a_video_becomes_lines_and_a_drawn_video(film, tmp_path):
    lines = tmp_path / "faces.jsonl"
    done = predict("--video", film, "--json", lines, "--draw", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "12 of 12 frames" in done.stderr
    assert "a second" in done.stderr
    frames = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [frame["frame"] for frame in frames] == list(range(12))
    assert frames[5]["time"] == 0.2
    assert {face["track"] for f in frames for face in f["faces"]} == {1}
    noses = [frame["faces"][0]["points"]["nose"][0] for frame in frames]
    assert 60 < noses[-1] - noses[0] < 110
    drawn = cv2.VideoCapture(str(tmp_path / "walk_faces.mp4"))
    assert drawn.get(cv2.CAP_PROP_FRAME_COUNT) == 12
    assert not list(tmp_path.glob(".part*"))


def test_a_broken_video_is_told_in_a_line(tmp_path):
    file = tmp_path / "film.mp4"
    file.write_bytes(b"no film")
    for source in (file, tmp_path / "none.mp4"):
        done = predict("--video", source)
        assert done.returncode == 2
        assert done.stderr.startswith("error: Expected a video")


def test_one_name_twice_gives_two_pictures(photos, tmp_path):
    again = tmp_path / "again" / "face0.png"
    again.parent.mkdir()
    shutil.copy(photos[0], again)
    for _ in range(2):  # A second call replaces the pictures of the first.
        predict(photos[0], again, "--draw", tmp_path / "drawn")
        assert sorted(p.name for p in (tmp_path / "drawn").iterdir()) == [
            "face0_faces.png",
            "face0_faces_2.png",
        ]


@pytest.mark.slow
def test_a_tflite_network_needs_no_tensorflow(photos):
    code = (
        "import sys\n"
        "for name in ('tensorflow', 'keras', 'matplotlib', 'onnxruntime'):\n"
        "    sys.modules[name] = None\n"
        "import facemtl\n"
        "predictor = facemtl.Predictor.load(sys.argv[1])\n"
        "print(sorted(predictor(sys.argv[2])[0].points))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code]
        + [str(stitched_export() / "model_int8.tflite"), photos[0]],
        capture_output=True,
        text=True,
    )
    assert "'nose'" in done.stdout, done.stderr
