"""Destinations that cannot be written are refused before anything is done."""

import os
import socket
from functools import partial
from pathlib import Path

import pytest

from facemtl.data.settings import data_path
from facemtl.errors import InputError
from facemtl.files.destinations import check_apart, check_file, check_folder

TOO_LONG = "n" * 256


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to be in, with a file, a folder, a pipe and links."""
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
    return tmp_path


def everything(folder):
    return {
        file: file.read_text() if file.is_file() else None
        for file in folder.rglob("*")
    }


BELOW = ("file/x", "below a file", "but file is no folder")
NAMES = [
    ("", "empty", "an empty name"),
    (" ", "a space", "an empty name"),
    ("~/x", "home", "whose ~ the shell did not expand"),
    ("~root/x", "another's home", "whose ~ the shell did not expand"),
    (TOO_LONG, "a long name", "with a name of more than 255 bytes"),
    (f"new/{TOO_LONG}/x", "a long folder", "more than 255 bytes"),
    ("é" * 128, "a long name in bytes", "more than 255 bytes"),
    ("/".join(["n" * 250] * 20), "a long path", "File name too long"),
    ("a\0b", "a NUL", "null"),
    ("loop", "a loop of links", "symbolic links"),
    ("loop/x", "below a loop", "symbolic links"),
    ("/proc/x", "a file system of the kernel's", "but /proc: "),
    ("/proc/new/x", "below one", "but /proc: "),
    BELOW,
    ("file/new/x", "far below a file", "but file is no folder"),
]
FILES = [
    *NAMES,
    ("folder", "a folder", "which is a folder"),
    (".", "this folder", "which is a folder"),
    ("new/", "a folder's name", "which is a folder"),
    ("socket", "a socket", "which is a socket"),
]
FOLDERS = [
    *NAMES,
    ("file", "a file", "but file is no folder"),
    ("pipe", "a pipe", "but pipe is no folder"),
    ("/dev/full", "a device", "but /dev/full is no folder"),
]


def cases(listed):
    return pytest.mark.parametrize(
        "given, why", [pytest.param(x, why, id=name) for x, name, why in listed]
    )


@cases(FILES)
def test_files_that_cannot_be_written(place, given, why):
    before = everything(place)
    with pytest.raises(InputError) as error:
        check_file(given, "--json")
    said = str(error.value)
    assert said.startswith("Expected --json as a file to write. Received: '")
    assert why in said
    assert len(said.splitlines()) == 1
    assert len(said) < 1000
    assert everything(place) == before


@cases(FOLDERS)
def test_folders_that_cannot_be_written(place, given, why):
    before = everything(place)
    with pytest.raises(InputError) as error:
        check_folder(given, "--out")
    said = str(error.value)
    assert said.startswith("Expected --out as a folder to write into. Receive")
    assert why in said
    assert len(said.splitlines()) == 1
    assert everything(place) == before


@pytest.mark.parametrize("refused", ["folder", "file"])
def test_permission_is_asked_for(place, monkeypatch, refused):
    """By the system's own word: an administrator's tests pass all bits."""
    if refused == "folder":
        denied = PermissionError(13, "Permission denied")
        monkeypatch.setattr(
            "tempfile.TemporaryFile", lambda **_: (_ for _ in ()).throw(denied)
        )
        with pytest.raises(InputError, match=r"but \.: Permission denied\.$"):
            check_file("new.json", "--json")
        with pytest.raises(InputError, match="but folder: Permission denied"):
            check_folder("folder/new", "--out")
    else:
        monkeypatch.setattr("os.access", lambda path, mode: False)
        with pytest.raises(InputError, match="which you may not write"):
            check_file("file", "--json")


def test_a_full_disk_is_seen(place, monkeypatch):
    # What is written there is refused when it is flushed.
    full = partial(Path("/dev/full").open, "wb")
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: full())
    with pytest.raises(InputError, match="No space left on device"):
        check_folder("folder", "--out")


@pytest.mark.parametrize(
    "given",
    [
        "new.json",
        "file",
        "folder/x",
        "new/new/x",
        "n" * 255,
        "./~",
        "~new.json",
    ],
)
def test_good_destinations_stay_as_they_are(place, given):
    before = everything(place)
    assert check_file(given, "--json") == Path(given)
    if given != "file":
        assert check_folder(given, "--out") == Path(given)
    assert check_folder("folder", "--out") == Path("folder")
    assert everything(place) == before


@pytest.mark.parametrize("given", ["pipe", "link", os.devnull, "/dev/stdout"])
def test_what_is_written_through_is_a_destination(place, given):
    (place / "link").symlink_to(os.devnull)
    before = everything(place)
    assert check_file(given, "--json") == Path(given)
    check_apart({"--json": given, "--csv": given}, {})
    assert everything(place) == before


def test_one_place_for_two(place):
    (place / "twin").hardlink_to(place / "file")
    (place / "link").symlink_to("folder")
    for one, other in (
        ("new", "folder/../new"),
        ("file", place / "file"),
        ("file", "twin"),
        ("folder/x", "link/x"),
        ("folder", "link"),
    ):
        with pytest.raises(InputError, match="--json and --csv as two places"):
            check_apart({"--json": one, "--csv": other}, {})
        (place / one).exists() or (place / one).touch()
        with pytest.raises(InputError, match="--json and --data as two places"):
            check_apart({"--json": one}, {"--data": other})


def test_what_is_read_may_be_read_twice(place):
    check_apart({"--json": "new"}, {"--data": "file", "MODEL": "file"})
    check_apart({"--json": None, "--csv": None}, {"--data": ""})
    check_apart({"--json": "new", "--csv": "other"}, {"--data": "file"})
    # The name of a preset, which no file has.
    check_apart({"--json": "base"}, {"MODEL": "base"})
    (place / "synthetic").mkdir()
    drawn = {"--data": data_path("synthetic")}
    check_apart({"--out": "synthetic"}, drawn)
