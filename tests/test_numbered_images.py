"""Numbered images as a video."""

import cv2
import numpy as np
import pytest
from video_case import (
    film,
    frames_of,
    gray_of,
    json_lines,
    number_of,
    run_video,
)

from facemtl.errors import InputError


def write_images(folder, numbers, name="img_%04d.png", size=(160, 120)):
    folder.mkdir(exist_ok=True)
    for i, number in enumerate(numbers):
        gray = np.full((size[1], size[0], 3), gray_of(i), np.uint8)
        _, data = cv2.imencode(".png", gray)
        (folder / (name % number)).write_bytes(data.tobytes())
    return folder / name


def test_images_are_frames_at_25_a_second(tmp_path, capsys):
    pattern = write_images(tmp_path / "in", range(5))
    lines = tmp_path / "faces.jsonl"
    assert run_video(pattern, "--json", lines, "--draw", tmp_path) == 0
    assert [line["time"] for line in json_lines(lines)] == [
        *(0, 0.04, 0.08, 0.12, 0.16)
    ]
    drawn = frames_of(tmp_path / "img_faces.mp4")
    assert [number_of(pixels) for _, pixels in drawn] == list(range(5))
    assert capsys.readouterr().err.startswith("5 of 5 frames, ")


def test_the_rate_can_be_given(tmp_path):
    pattern = write_images(tmp_path / "in", range(3))
    lines = tmp_path / "faces.jsonl"
    options = ("--json", lines, "--draw", tmp_path, "--fps", 2)
    assert run_video(pattern, *options) == 0
    assert [line["time"] for line in json_lines(lines)] == [0, 0.5, 1]
    assert [at for at, _ in frames_of(tmp_path / "img_faces.mp4")] == [
        *(0, 0.5, 1)
    ]


@pytest.mark.parametrize("first", [1, 7, 98, 99999])
@pytest.mark.parametrize("name", ["img_%04d.png", "%d.png", "50%%_%02d_x.png"])
def test_a_sequence_begins_at_any_number(first, name, tmp_path):
    pattern = write_images(tmp_path, range(first, first + 4), name)
    lines = tmp_path / "faces.jsonl"
    assert run_video(pattern, "--json", lines) == 0
    assert [line["frame"] for line in json_lines(lines)] == [0, 1, 2, 3]


def test_a_missing_number_leaves_a_pause_and_is_an_error(tmp_path, capsys):
    pattern = write_images(tmp_path / "in", [3, 4, 6, 9])
    lines = tmp_path / "faces.jsonl"
    assert run_video(pattern, "--json", lines, "--draw", tmp_path) == 1
    assert [(line["frame"], line["time"]) for line in json_lines(lines)] == [
        *((0, 0), (1, 0.04), (3, 0.12), (6, 0.24))
    ]
    *_, error = capsys.readouterr().err.splitlines()
    missing = pattern.with_name("img_0005.png")
    assert error == f"error: {pattern}: 4 of 7 frames: {missing} is missing."
    drawn = frames_of(tmp_path / "img_faces.mp4")
    assert [number_of(x) for _, x in drawn] == [0, 1, 1, 2, 2, 2, 3]


def test_a_broken_image_does_not_stop_the_others(tmp_path, capfd):
    pattern = write_images(tmp_path, range(4))
    broken = tmp_path / "img_0001.png"
    broken.write_bytes(broken.read_bytes()[:60])
    lines = tmp_path / "faces.jsonl"
    assert run_video(pattern, "--json", lines) == 1
    assert [line["frame"] for line in json_lines(lines)] == [0, 2, 3]
    _, error = capfd.readouterr().err.splitlines()
    assert error.startswith(f"error: {pattern}: 3 of 4 frames: ")
    assert f"{broken}, 60 bytes, is truncated" in error


def test_images_of_other_sizes_are_all_drawn(tmp_path):
    write_images(tmp_path / "in", [1, 2])
    pattern = write_images(tmp_path / "in", [3, 4], size=(60, 120))
    assert run_video(pattern, "--draw", tmp_path) == 0
    drawn = frames_of(tmp_path / "img_faces.mp4")
    assert [pixels.shape for _, pixels in drawn] == [(360, 480, 3)] * 4


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("img_%03d.png", r"Expected images such as .*img_001\.png\. Received"),
        ("img_%d.png", r"Expected images such as .*img_1\.png\. Received"),
        ("img_%d_%d.png", "Expected a video's file"),
        ("img_%s.png", "Expected a video's file"),
        ("img_%%04d.png", "Expected a video's file"),
        ("no/img_%04d.png", "Expected a video's file"),
    ],
)
def test_images_that_are_not_there(name, message, tmp_path):
    write_images(tmp_path, [1, 2])
    with pytest.raises(InputError, match=message):
        run_video(tmp_path / name)


def test_a_film_whose_name_is_a_pattern_is_a_film(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    film(tmp_path / "take_%d.mp4", count=3)
    assert run_video("take_%d.mp4", "--json", "faces.jsonl") == 0
    assert len(json_lines("faces.jsonl")) == 3


def test_images_without_a_name_are_drawn_under_their_folders(
    tmp_path, monkeypatch
):
    write_images(tmp_path / "take 3", [1, 2], "%d.png")
    monkeypatch.chdir(tmp_path / "take 3")
    assert run_video("%d.png", "--draw", tmp_path) == 0
    assert (tmp_path / "take 3_faces.mp4").is_file()
