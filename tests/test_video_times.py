"""Each frame of a video has its own time."""

import math
import re
import struct
from itertools import pairwise

import numpy as np
import pytest
from video_case import film, json_lines, run_video, set_steps

from facemtl.inference.face import Face
from facemtl.video.frame_times import FrameTimes
from facemtl.video.tracking import Tracker

# 15 frames a second, then pauses: 8 frames in 0.533 s.
STEPS = [1 / 15] * 8 + [1.0, 2.5, 0.5, 0.1]
TIMES = [0.0, *np.cumsum(STEPS)[:-1]]


@pytest.fixture
def uneven(tmp_path):
    return set_steps(film(tmp_path / "uneven.mp4"), STEPS)


def test_frames_of_a_variable_rate_have_their_own_times(uneven, tmp_path):
    assert run_video(uneven, "--json", tmp_path / "faces.jsonl") == 0
    lines = json_lines(tmp_path / "faces.jsonl")
    assert [line["frame"] for line in lines] == list(range(12))
    times = [line["time"] for line in lines]
    assert times[8] == pytest.approx(0.533, abs=0.004)
    assert times == pytest.approx(TIMES, abs=0.006)


def test_smoothing_takes_the_steps_of_the_frames(uneven, tmp_path):
    rng = np.random.default_rng(0)
    noses = (60 + rng.normal(scale=2, size=(12, 2))).tolist()
    faces = [[Face((40.0, 30, 100, 90), {"nose": tuple(x)})] for x in noses]
    given = iter(faces)
    lines = tmp_path / "faces.jsonl"
    run_video(uneven, "--json", lines, predictor=lambda _: next(given))
    times = [line["time"] for line in json_lines(lines)]
    tracker = Tracker()
    for line, face, time in zip(json_lines(lines), faces, times, strict=True):
        ((_, smooth),) = tracker(face, time)
        wanted = smooth.points["nose"]
        found = line["faces"][0]["points"]["nose"]
        assert found == pytest.approx(wanted, abs=0.06)
    # With the mean rate instead, they would be elsewhere.
    tracker, off = Tracker(), []
    for i, (line, face) in enumerate(
        zip(json_lines(lines), faces, strict=True)
    ):
        ((_, smooth),) = tracker(face, i * np.mean(STEPS))
        nose = line["faces"][0]["points"]["nose"]
        off.append(np.subtract(nose, smooth.points["nose"]))
    assert np.abs(off).max() > 0.5


def test_a_matroska_of_a_variable_rate(tmp_path, capsys):
    """Its count of frames is an estimate: the length times a guessed rate."""
    file = film(tmp_path / "uneven.mkv")
    data = bytearray(file.read_bytes())
    # Track, time within its cluster, flags, and how a frame of MPEG-4 begins.
    blocks = [*re.finditer(rb"\x81(..)[\x00\x80]\x00\x00\x01", data, re.DOTALL)]
    assert len(blocks) == 12
    for block, time in zip(blocks, TIMES, strict=True):
        data[slice(*block.span(1))] = struct.pack(">h", round(1000 * time))
    for cluster in re.finditer(rb"\xe7\x82(..)", bytes(data), re.DOTALL):
        data[slice(*cluster.span(1))] = bytes(2)
    at = data.index(b"\x44\x89\x88") + 3  # Duration, milliseconds
    data[at : at + 8] = struct.pack(">d", 5000.0)
    file.write_bytes(data)
    lines = tmp_path / "faces.jsonl"
    assert run_video(file, "--json", lines) == 0
    assert [line["time"] for line in json_lines(lines)] == pytest.approx(
        TIMES, abs=0.002
    )
    shown = capsys.readouterr().err
    assert shown.startswith("12 frames, ")
    assert shown.count("\n") == 1


def test_a_film_without_timestamps_has_an_even_rate(tmp_path, capsys):
    file = film(tmp_path / "raw.mjpeg", code="MJPG")
    lines = tmp_path / "faces.jsonl"
    assert run_video(file, "--json", lines) == 0
    assert json_lines(lines)[10]["time"] == 0.4
    assert capsys.readouterr().err.startswith("12 frames, ")


def film_times(*stamps, step=0.04):
    times = FrameTimes(step)
    return [round(times(stamp), 6) for stamp in stamps]


@pytest.mark.parametrize(
    ("stamps", "wanted"),
    [
        ((0, 0, 0, 0), (0, 0.04, 0.08, 0.12)),
        ((-5, math.nan, -1e18, -math.inf), (0, 0.04, 0.08, 0.12)),
        # It starts off zero, as sound does first.
        ((0.5, 0.54, 0.64), (0.5, 0.54, 0.64)),
        # The last has none, as in an MPEG program stream.
        ((0, 0.1, 0.2, 0), (0, 0.1, 0.2, 0.3)),
        # After a pause, a missing one follows at the usual step.
        ((0, 0.1, 5.1, 0, 5.4), (0, 0.1, 5.1, 5.2, 5.4)),
        # One twice, and two that changed places: those behind are right.
        ((0, 0.1, 0.1, 0.2, 0.3), (0, 0.1, 0.2, 0.225, 0.3)),
        ((0, 0.2, 0.1, 0.3, 0.4), (0, 0.2, 0.25, 0.3, 0.4)),
        # A second recording behind the first.
        ((0, 0.1, 9, 0.5, 0.7), (0, 0.1, 9, 9.1, 9.3)),
    ],
    ids=[
        *("none", "invalid", "offset", "last", "pause", "twice", "swapped"),
        "anew",
    ],
)
def test_times_always_rise(stamps, wanted):
    found = film_times(*stamps)
    assert all(a < b for a, b in pairwise(found))
    assert found == list(wanted)


def live_times(stamps, walls):
    clock = iter(walls)
    times = FrameTimes(1 / 30, live=True, now=lambda: next(clock))
    return [round(times(stamp), 3) for stamp in stamps]


@pytest.mark.parametrize("stamp", [0.0, -1.0, 77.5], ids=str)
def test_a_camera_without_timestamps_has_the_wall_clocks(stamp):
    found = live_times([stamp] * 4, [100.0, 100.2, 100.3, 101.3])
    assert found == [0.0, 0.2, 0.3, 1.3]


def test_a_cameras_timestamps_count_from_its_first_frame():
    # Linux counts from when the machine was started; frames are read late.
    found = live_times([5000.0, 5000.1, 5000.4], [1.0, 2.0, 3.0])
    assert found == [0.0, 0.1, 0.4]


def test_a_camera_whose_timestamps_begin_late_or_anew():
    found = live_times([0, 5000, 5000.1, 3, 3.2], [1, 1.5, 9, 9.5, 9.9])
    assert found == [0.0, 0.5, 0.6, 1.1, 1.3]
