"""What `--video` may be given, and how it is called."""

import os
import shutil
import threading

import pytest
from video_case import film, frames_of, json_lines, one_face, run_video

from facemtl.errors import InputError
from facemtl.predict.command import main, parser
from facemtl.predict.video_command import predict_video
from facemtl.video.source import video_source


@pytest.mark.parametrize(
    ("given", "shown", "name"),
    [
        ("0", "camera 0", "camera_0"),
        ("rtsp://user:password@host/x?y", "rtsp://host/x", "x"),
        ("rtsp://user:pa/ss?w@rd#@host:554/", "rtsp://host:554/", "host_554"),
        ("rtsp://cam.lan", "rtsp://cam.lan", "cam_lan"),
        ("http://a.b/c/my%20film.mp4?token=1#t", "http://a.b/c/my%20film.mp4",
         "my_film"),
        ("http://a.b/%2e%2e%2fetc", "http://a.b/%2e%2e%2fetc", "etc"),
        ("http://[::1]:8080/", "http://[::1]:8080/", "1_8080"),
        ("http://[::1/?key=secret", "http://[::1/", "1"),
        ("udp://@:1234", "udp://:1234", "1234"),
        ("http://", "http://", "video"),
    ],
)  # fmt: skip
def test_names_hold_no_password(given, shown, name):
    source = video_source(given)
    assert (source.shown, source.name) == (shown, name)


@pytest.mark.parametrize("odd", ["\udce9", "\n", "\x1b"], ids=ascii)
def test_an_address_that_opencv_would_not_survive(odd):
    with pytest.raises(InputError, match="Expected an address") as caught:
        video_source(f"http://user:secret@a.b/caf{odd}")
    assert "secret" not in str(caught.value)


def test_a_device_and_its_permission(tmp_path, monkeypatch):
    assert video_source("/dev/null").name == "null"
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match="/dev/null, which you have no perm"):
        video_source("/dev/null")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.mp4", r"none\.mp4 \(No such file or directory\)\.$"),
        ("", r"Received the folder .*: name its images, such as "),
        ("photo.JPG", r"Received the photo .*: give it without --video"),
        (300 * "a", r"\(File name too long\)\.$"),
        ("film.mp4/x", r"\(Not a directory\)\.$"),
    ],
    ids=["none", "folder", "photo", "long", "below"],
)
def test_what_is_no_video_is_told_in_a_line(name, message, tmp_path):
    (tmp_path / "photo.JPG").write_bytes(b"")
    (tmp_path / "film.mp4").write_bytes(b"")
    with pytest.raises(InputError, match=r"^Expected a video") as caught:
        main(["--video", str(tmp_path / name), "--model", "m"])
    assert caught.match(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no film", b"\0\0\0\x08ftyp"])
def test_a_file_that_is_no_film(content, tmp_path):
    file = tmp_path / "film.mp4"
    file.write_bytes(content)
    message = r"^Expected a video that OpenCV can open\. Received: .*film\.mp4"
    with pytest.raises(InputError, match=message):
        run_video(file)


@pytest.mark.parametrize(
    "name",
    ["a:b.mp4", "-x.mp4", "100%.mp4", "顔.mp4", os.fsdecode(b"caf\xe9.mp4")],
    ids=["colon", "dash", "percent", "utf8", "latin"],
)
def test_films_of_odd_names(name, tmp_path, monkeypatch):
    """OpenCV takes `a` for a protocol, and ends the process at the last one."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(film(tmp_path / "film.mp4", count=3), name)
    words = [f"--video={name}", "--json", "faces.jsonl", "--draw", "drawn"]
    assert predict_video(parser().parse_args(words), one_face) == 0
    assert len(json_lines("faces.jsonl")) == 3
    (drawn,) = (tmp_path / "drawn").iterdir()
    assert drawn.name == f"{name[:-4]}_faces.mp4"
    shutil.copy(drawn, "plain.mp4")
    assert len(frames_of("plain.mp4")) == 3


def test_a_home_is_found(tmp_path, monkeypatch):
    """As in `--video=~/film.mp4`, which shells leave as it is."""
    film(tmp_path / "film.mp4", count=3)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert run_video("~/film.mp4") == 0


def test_a_film_comes_through_a_pipe(tmp_path):
    film(tmp_path / "film.ts", code="MPG2")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    data = (tmp_path / "film.ts").read_bytes()
    threading.Thread(target=pipe.write_bytes, args=[data], daemon=True).start()
    lines = tmp_path / "faces.jsonl"
    assert run_video(pipe, "--json", lines, "--draw", tmp_path) == 0
    assert len(json_lines(lines)) == 12


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["0", "--fps", "5"], "Expected --fps with numbered .*: camera 0"),
        (["0", "--timeout", "5"], "Expected --timeout with an address.*camera"),
        (["http://a/b?pw=x", "--timeout", "0"], "Received: 0.0"),
        (["http://a/b?pw=x", "--timeout", "nan"], "Received: nan"),
        (["img_%d.png", "--fps", "0"], "Expected --fps of more than 0"),
        (["img_%d.png", "--fps", "inf"], "Expected --fps of more than 0"),
    ],
)
def test_options_without_effect_or_sense(words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        main(["--video", *words, "--model", "m"])


@pytest.mark.parametrize("option", ["--fps", "--timeout"])
def test_photos_take_no_option_of_videos(option):
    with pytest.raises(InputError, match=f"{option} with .* Received: photos"):
        main(["a.jpg", option, "5", "--model", "m"])
