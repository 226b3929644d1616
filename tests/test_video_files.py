"""What a video writes: whole at the end, the old file until then."""

import json
import os
import threading

import numpy as np
import pytest
from video_case import film, frames_of, json_lines, one_face, run_video

from facemtl.errors import InputError
from facemtl.video.writer import video_writer


def test_the_old_lines_stay_until_the_new_ones_are_whole(tmp_path):
    lines, seen = tmp_path / "faces.jsonl", []
    lines.write_text("old")

    def look(frame):
        seen.append(lines.read_text())
        return one_face(frame)

    file = film(tmp_path / "film.mp4", 3)
    assert run_video(file, "--json", lines, predictor=look) == 0
    assert seen == 3 * ["old"]
    assert len(json_lines(lines)) == 3
    assert not list(tmp_path.glob("*.part"))


def test_the_lines_so_far_can_be_read_meanwhile(tmp_path):
    lines, seen = tmp_path / "faces.jsonl", []

    def look(frame):
        seen.append(len(json_lines(tmp_path / "faces.jsonl.part")))
        return one_face(frame)

    file = film(tmp_path / "film.mp4", 3)
    assert run_video(file, "--json", lines, predictor=look) == 0
    assert seen == [0, 1, 2]


def test_lines_go_through_a_pipe(tmp_path):
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    assert run_video(film(tmp_path / "film.mp4", 3), "--json", pipe) == 0
    reader.join(10)
    assert [json.loads(x)["frame"] for x in got[0].splitlines()] == [0, 1, 2]
    assert pipe.is_fifo()


def test_a_drawn_video_keeps_the_link_to_it(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "drawn").mkdir()
    (tmp_path / "drawn/film_faces.mp4").symlink_to("../far/real.mp4")
    file = film(tmp_path / "film.mp4", 3)
    assert run_video(file, "--draw", tmp_path / "drawn") == 0
    assert (tmp_path / "drawn/film_faces.mp4").is_symlink()
    assert len(frames_of(tmp_path / "far/real.mp4")) == 3


def test_a_video_that_the_disk_did_not_take_is_no_video(tmp_path):
    file = tmp_path / "new.mp4"
    file.write_text("old")
    with (
        pytest.raises(InputError, match="is the disk full"),
        video_writer(file, 25.0) as write,
    ):
        write(np.zeros((64, 64, 3), np.uint8), 0.0)
        # OpenCV goes on writing, and says nothing.
        (part,) = tmp_path.glob("*.part.mp4")
        part.unlink()
        part.touch()
    assert [x.name for x in tmp_path.iterdir()] == ["new.mp4"]
    assert file.read_text() == "old"
