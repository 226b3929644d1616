"""The drawn video: in time with its source, whole, and of one size."""

import struct

import cv2
import numpy as np
import pytest
from video_case import (
    change_boxes,
    film,
    frames_of,
    json_lines,
    number_of,
    one_face,
    run_video,
    set_steps,
)

from facemtl.video.drawn_rate import drawn_rate
from facemtl.video.writer import video_writer


def drawn_of(file, folder):
    assert run_video(file, "--draw", folder) == 0
    return frames_of(folder / f"{file.stem}_faces.mp4")


def test_an_even_film_is_drawn_frame_by_frame(tmp_path):
    file = film(tmp_path / "film.mp4", rate=29.97)
    drawn = drawn_of(file, tmp_path / "drawn")
    assert [number_of(pixels) for _, pixels in drawn] == list(range(12))
    assert drawn[-1][0] == pytest.approx(11 / 29.97, abs=0.002)


def test_a_variable_rate_is_drawn_in_time(tmp_path):
    steps = [1 / 15] * 8 + [1.0, 2.5, 0.5, 0.1]
    file = set_steps(film(tmp_path / "film.mp4"), steps)
    drawn = drawn_of(file, tmp_path / "drawn")
    numbers = [number_of(pixels) for _, pixels in drawn]
    assert set(numbers) == set(range(12))
    for i, start in enumerate([0.0, *np.cumsum(steps)[:-1]]):
        first = drawn[numbers.index(i)][0]
        assert first == pytest.approx(start, abs=0.04), i


def test_closer_frames_than_a_screen_shows_are_left_out(tmp_path):
    steps = [0.002] * 6 + [1.0] * 6
    file = set_steps(film(tmp_path / "film.mp4"), steps)
    drawn = drawn_of(file, tmp_path / "drawn")
    # Until the last one begins: 0.012 s and five pauses, at 60 a second.
    assert len(drawn) == pytest.approx(60 * 5.012, abs=2)
    assert number_of(drawn[-1][1]) == 11


@pytest.mark.parametrize(
    ("steps", "rate", "wanted"),
    [
        ([0.033, 0.034, 0.033], 29.97, 29.97),
        ([0.004, 0.005, 0.004], 240.0, 240.0),
        ([0.1, 2.0], 1.0, 10.0),
        ([0.001, 2.0], 1.0, 60.0),
    ],
    ids=str,
)
def test_the_rate_is_that_of_the_closest_frames(
    steps, rate, wanted, monkeypatch
):
    times = [0.0, *np.cumsum(steps)]
    monkeypatch.setattr("facemtl.video.drawn_rate._times", lambda _: times)
    assert drawn_rate("film.mp4", rate) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("size", "wanted"),
    [((640, 361), (640, 360)), ((501, 401), (500, 400))],
    ids=str,
)
def test_odd_sizes_lose_a_line(size, wanted, tmp_path):
    file = tmp_path / "film.mp4"
    with video_writer(file, 25) as write:
        for i in range(3):
            write(np.full((size[1], size[0], 3), 60 * i, np.uint8), i / 25)
    frames = frames_of(file)
    assert len(frames) == 3
    assert frames[2][1].shape == (wanted[1], wanted[0], 3)
    assert abs(frames[2][1].mean() - 120) < 3


def test_a_frame_of_another_size_is_fitted_into_the_first(tmp_path):
    file = tmp_path / "film.mp4"
    with video_writer(file, 25) as write:
        write(np.full((240, 320, 3), 50, np.uint8), 0.0)
        write(np.full((480, 320, 3), 200, np.uint8), 0.04)
    (_, first), (_, second) = frames_of(file)
    assert first.shape == second.shape == (240, 320, 3)
    assert abs(second[100:140, 150:170].mean() - 200) < 4
    assert second[100:140, :60].mean() < 8  # black beside it


def test_a_frame_that_is_too_wide_for_mpeg4_is_scaled(tmp_path):
    file = tmp_path / "film.mp4"
    with video_writer(file, 25) as write:
        write(np.full((218, 10000, 3), 90, np.uint8), 0.0)
    ((_, frame),) = frames_of(file)
    assert frame.shape == (178, 8190, 3)


def turned(box):
    """A `tkhd` that says: turn by 90° clockwise."""
    matrix = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    return box[:40] + matrix + box[76:]


def test_a_phones_video_is_turned_for_boxes_and_drawing_alike(tmp_path):
    file = film(tmp_path / "film.mp4")
    change_boxes(file, {b"tkhd": turned})
    shapes = set()

    def predictor(frame):
        shapes.add(frame.shape)
        return one_face(frame)

    lines = tmp_path / "faces.jsonl"
    run_video(
        file, "--json", lines, "--draw", tmp_path, "--no-smoothing",
        predictor=predictor,
    )  # fmt: skip
    assert shapes == {(160, 120, 3)}
    assert json_lines(lines)[0]["faces"][0]["box"] == [40, 30, 100, 90]
    _, pixels = frames_of(tmp_path / "film_faces.mp4")[0]
    assert pixels.shape == (480, 360, 3)
    # The box's light top line, at 3 times the size.
    assert pixels[88:94, 130:290].max(axis=0).mean() > 180
    # The film's disc, at (30, 40) before, is at (120 - 1 - 40, 30) now.
    blue, _, red = pixels[85:88, 232:242].reshape(-1, 3).mean(axis=0)
    assert red > blue + 60


def test_a_video_that_was_not_begun_leaves_no_file(tmp_path):
    with video_writer(tmp_path / "film.mp4", 25):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_name_of_255_bytes_has_room_for_its_part(tmp_path):
    file = tmp_path / f"{251 * 'a'}.mp4"
    with video_writer(file, 25) as write:
        write(np.zeros((64, 64, 3), np.uint8), 0.0)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert cv2.VideoCapture(str(file)).isOpened()
