"""A film that ends before its end is an error; a whole one is not."""

import os
import re
import struct
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest
from export_case import stitched_tflite
from video_case import (
    change_boxes,
    cut,
    film,
    frames_of,
    index_first,
    json_lines,
    number_of,
    one_face,
    run_video,
)

from facemtl.errors import InputError
from facemtl.video.film_file import mp4_index

# container: its codec, as OpenCV writes it
CODECS = {"avi": "MJPG", "mkv": "MJPG", "webm": "VP80", "flv": "FLV1"}


def whole(folder, ending):
    file = film(folder / f"film.{ending}", code=CODECS.get(ending, "mp4v"))
    return index_first(file) if ending in ("mp4", "mov") else file


@pytest.mark.parametrize("ending", ["mp4", "mov", *CODECS])
def test_a_film_cut_short_gives_its_frames_and_an_error(
    ending, tmp_path, capsys
):
    file = whole(tmp_path, ending)
    total = file.stat().st_size
    cut(file, 0.75)
    lines = tmp_path / "faces.jsonl"
    assert run_video(file, "--json", lines, "--draw", tmp_path / "drawn") == 1
    read = len(json_lines(lines))
    assert 0 < read < 12
    assert [line["frame"] for line in json_lines(lines)] == list(range(read))
    progress, wrote, error = capsys.readouterr().err.splitlines()
    assert progress.startswith(f"{read} of 12 frames, ")
    assert wrote == f"Wrote {tmp_path / 'drawn/film_faces.mp4'}."
    reason = f"error: {file}: {read} of 12 frames: the file is cut short, "
    assert error.startswith(reason)
    assert f" {int(0.75 * total):,} of at least " in error
    drawn = frames_of(tmp_path / "drawn/film_faces.mp4")
    assert len(drawn) == read
    # Of the last one, a part may be missing.
    numbers = [number_of(pixels) for _, pixels in drawn[:-1]]
    assert numbers == list(range(read - 1))


@pytest.mark.parametrize("ending", ["mp4", "mov", "ts", "mpg", *CODECS])
def test_a_whole_film_is_no_error(ending, tmp_path, capsys):
    codes = {"ts": "MPG2", "mpg": "MPG1", **CODECS}
    file = film(tmp_path / f"film.{ending}", code=codes.get(ending, "mp4v"))
    lines = tmp_path / "faces.jsonl"
    assert run_video(file, "--json", lines) == 0
    assert [line["time"] for line in json_lines(lines)] == pytest.approx(
        [i / 25 for i in range(12)], abs=0.001
    )
    shown = capsys.readouterr().err
    assert re.match(r"12 (of 12 )?frames, ", shown)
    assert shown.count("\n") == 1


def test_a_film_whose_index_is_cut_off_cannot_be_opened(tmp_path):
    file = cut(film(tmp_path / "film.mp4"), 0.5)
    message = r"film\.mp4\. The file is cut short, [\d,]+ of at least "
    with pytest.raises(InputError, match=message):
        run_video(file)


@pytest.mark.parametrize("ending", ["mp4", "avi"])
def test_a_film_that_cannot_be_decoded_to_its_end(ending, tmp_path, capsys):
    file = whole(tmp_path, ending)
    data = file.read_bytes()
    half = len(data) // 2
    until = len(data) if ending == "mp4" else data.index(b"idx1")
    file.write_bytes(data[:half] + bytes(until - half) + data[until:])
    lines = tmp_path / "faces.jsonl"
    assert run_video(file, "--json", lines) == 1
    read = len(json_lines(lines))
    assert 0 < read < 10
    error = capsys.readouterr().err.splitlines()[-1]
    wanted = f"{file}: {read} of 12 frames: the rest cannot be decoded."
    assert error == f"error: {wanted}"


def shown_part(start, length):
    """An edit list's row of milliseconds, in ticks of OpenCV's films."""

    def change(box):
        ticks = 12800 * start // 1000
        return box[:8] + struct.pack(">Ii", length, ticks) + box[16:]

    return change


def test_a_film_of_which_an_editor_shows_a_part_is_whole(tmp_path, capsys):
    file = film(tmp_path / "film.mp4")
    change_boxes(file, {b"elst": shown_part(0, 200)})
    lines = tmp_path / "faces.jsonl"
    assert run_video(file, "--json", lines) == 0
    assert 4 <= len(json_lines(lines)) <= 6
    assert "error" not in capsys.readouterr().err


@pytest.mark.parametrize(("more", "status"), [(1, 0), (2, 0), (6, 1)])
def test_a_header_that_counts_a_frame_too_many(more, status, tmp_path):
    """Encoders that were stopped count one or two that they did not write."""
    file = film(tmp_path / "film.avi", count=24, code="MJPG")
    data = bytearray(file.read_bytes())
    at = data.index(b"strh") + 8 + 32  # dwLength
    assert struct.unpack_from("<I", data, at) == (24,)
    data[at : at + 4] = struct.pack("<I", 24 + more)
    file.write_bytes(data)
    assert run_video(file) == status


def test_a_live_recording_has_no_known_length(tmp_path):
    file = film(tmp_path / "film.mkv", code="MJPG")
    data = bytearray(file.read_bytes())
    at = data.index(b"\x18\x53\x80\x67") + 4
    data[at : at + 8] = b"\x01" + 7 * b"\xff"
    file.write_bytes(data)
    assert run_video(file) == 0
    assert run_video(cut(file, 0.75)) == 0


class Camera:
    """Stands for a `cv2.VideoCapture` that is unplugged after 3 frames."""

    stamps = (81000.0, 81040.0, 81100.0)
    opened: tuple = ()

    def __init__(self, *place):
        type(self).opened = place
        self.read_frames = self.released = 0

    def isOpened(self):
        return True

    def read(self):
        self.read_frames += 1
        return self.read_frames <= 3, np.zeros((120, 160, 3), np.uint8)

    def get(self, what):
        if what == cv2.CAP_PROP_POS_MSEC:
            return self.stamps[self.read_frames - 1]
        return 30.0 if what == cv2.CAP_PROP_FPS else -1.0

    def release(self):
        self.released = True


@pytest.mark.parametrize("source", ["0", "/dev/null"])
def test_a_camera_that_is_unplugged(source, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cv2, "VideoCapture", Camera)
    lines = tmp_path / "faces.jsonl"
    assert run_video(source, "--json", lines) == 1
    place = (0,) if source == "0" else ("/dev/null", cv2.CAP_V4L2)
    assert Camera.opened == place
    times = [line["time"] for line in json_lines(lines)]
    assert times == [0, 0.04, 0.1]
    name = "camera 0" if source == "0" else source
    error = f"error: {name}: 3 frames: the camera stopped."
    assert capsys.readouterr().err.splitlines()[-1] == error


def test_a_camera_without_timestamps_takes_the_wall_clock(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(cv2, "VideoCapture", Camera)
    monkeypatch.setattr(Camera, "stamps", (0.0, 0.0, 0.0))
    lines = tmp_path / "faces.jsonl"

    def slowly(frame):
        time.sleep(0.1)
        return one_face(frame)

    run_video("0", "--json", lines, predictor=slowly)
    times = [line["time"] for line in json_lines(lines)]
    assert times[0] == 0
    # Two frames at a camera's usual rate would be 0.067 s.
    assert times[2] >= 0.2


def test_ctrl_c_keeps_what_was_read(tmp_path, capsys):
    file = film(tmp_path / "film.mp4")
    done = []

    def interrupted(frame):
        done.append(frame)
        if len(done) == 5:
            raise KeyboardInterrupt
        return one_face(frame)

    lines = tmp_path / "faces.jsonl"
    drawn = tmp_path / "drawn"
    status = run_video(
        file, "--json", lines, "--draw", drawn, predictor=interrupted
    )
    assert status == 0
    assert len(json_lines(lines)) == 4
    assert len(frames_of(drawn / "film_faces.mp4")) == 4
    assert [file.name for file in drawn.iterdir()] == ["film_faces.mp4"]
    assert capsys.readouterr().err.startswith("4 of 12 frames, ")


@pytest.mark.slow
def test_a_reader_that_leaves_ends_it_quietly(tmp_path):
    file = film(tmp_path / "film.mp4")
    words = [sys.executable, "-m", "facemtl.predict", "--video", file]
    words += ["--json", "-", "--draw", tmp_path / "drawn"]
    words += ["--model", stitched_tflite()]
    done = subprocess.run(
        ["sh", "-c", '"$@" | head -1', "sh", *map(str, words)],
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith('{"frame": 0, "time": 0.0, ')
    assert done.stderr == ""
    assert len(frames_of(tmp_path / "drawn/film_faces.mp4")) >= 1


@pytest.mark.slow
def test_ffmpegs_words_do_not_come_through(tmp_path):
    file = cut(whole(tmp_path, "mp4"), 0.75)
    words = ["--video", file, "--model", stitched_tflite()]
    done = subprocess.run(
        [sys.executable, "-m", "facemtl.predict", *map(str, words)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    progress, error = done.stderr.splitlines()
    assert " of 12 frames, " in progress
    assert error.startswith("error: ")


def test_an_index_longer_than_its_film(tmp_path):
    file = tmp_path / "film.mp4"
    file.write_bytes(struct.pack(">I4sQ", 1, b"moov", 2**60) + b"index")
    assert mp4_index(file) == b"index"


def test_an_index_that_would_fill_the_memory(tmp_path):
    file = tmp_path / "film.mp4"
    file.write_bytes(struct.pack(">I4sQ", 1, b"moov", 2**35))
    os.truncate(file, 2**35)
    assert mp4_index(file) == b""
