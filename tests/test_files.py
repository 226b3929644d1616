"""The one way to write files: whole, in place, and only in place of files."""

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from facemtl.files.folders import restore_folder, whole_folder
from facemtl.files.places import PART, part_prefix, remove_parts
from facemtl.files.writing import (
    part_of,
    whole_file,
    write_arrays,
    write_bytes,
    write_whole,
)
from facemtl.predict.text_file import TextFile


def write_lines(data, file):
    with TextFile(str(file)) as out:
        out.write(data.decode())


def write_part(data, file):
    with whole_file(file) as part:
        part.write_bytes(data)


WAYS = [write_bytes, write_part, write_lines]


@pytest.fixture(params=WAYS, ids=[way.__name__ for way in WAYS])
def write(request):
    """One of the ways to write a file."""
    return request.param


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_and_replaced(write, tmp_path):
    file = tmp_path / "new/file.txt"
    for data in (b"one", b"other"):
        write(data, file)
        assert file.read_bytes() == data
        assert names(file.parent) == ["file.txt"]


def test_a_pipe_is_written_through(write, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write(b"through", pipe)
    reader.join(10)
    assert got == [b"through"]
    assert pipe.is_fifo()
    assert names(tmp_path) == ["pipe"]


@pytest.mark.parametrize("kind", ["by name", "by a link"])
def test_a_device_stays_one(write, kind, tmp_path):
    file = Path(os.devnull)
    if kind == "by a link":
        file = tmp_path / "nothing"
        file.symlink_to(os.devnull)
    write(b"anything", file)
    assert Path(os.devnull).is_char_device()
    assert file.is_symlink() == (kind == "by a link")


STREAM = """
import sys
from pathlib import Path
from test_files import write_bytes, write_lines, write_part
print("before", flush=True)
globals()[sys.argv[1]](b"between\\n", Path(sys.argv[2]))
print("after", flush=True)
"""


@pytest.mark.parametrize("place", ["/dev/stdout", "/dev/fd/1"])
@pytest.mark.parametrize("kind", ["pipe", "file"])
def test_an_open_stream_is_written_through(write, place, kind, tmp_path):
    command = [sys.executable, "-c", STREAM, write.__name__, place]
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    env = {**os.environ, "PYTHONPATH": path}
    with (tmp_path / "out").open("w") as file:
        out = subprocess.PIPE if kind == "pipe" else file
        done = subprocess.run(command, stdout=out, env=env, check=True)
    said = done.stdout or (tmp_path / "out").read_bytes()
    assert said == b"before\nbetween\nafter\n"
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("kind", ["relative", "absolute", "of a link"])
def test_a_link_keeps_pointing(write, kind, tmp_path):
    target, link = tmp_path / "far/target", tmp_path / "link"
    target.parent.mkdir()
    target.write_bytes(b"old")
    link.symlink_to(target if kind == "absolute" else "far/target")
    if kind == "of a link":
        link, first = tmp_path / "second", link
        link.symlink_to(first.name)
    write(b"new", link)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert names(target.parent) == ["target"]


def test_a_link_to_nothing_gets_its_file(write, tmp_path):
    (tmp_path / "link").symlink_to("target")
    write(b"new", tmp_path / "link")
    assert (tmp_path / "target").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o444, 0o755])
def test_permissions_stay(write, mode, tmp_path):
    file = tmp_path / "file"
    file.touch()
    file.chmod(mode)
    write(b"new", file)
    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_a_new_file_has_the_permissions_of_any(write, tmp_path):
    (tmp_path / "plain").touch()
    write(b"new", tmp_path / "file")
    modes = {path.stat().st_mode for path in tmp_path.iterdir()}
    assert len(modes) == 1


@pytest.mark.skipif(
    "os.name == 'nt' or os.getuid()", reason="only root changes owners"
)
def test_an_owner_stays(write, tmp_path):
    file = tmp_path / "file"
    file.touch()
    os.chown(file, 1234, 2345)
    write(b"new", file)
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 2345)


def test_a_file_and_its_name_reach_the_disk(write, tmp_path, monkeypatch):
    synced, fsync = [], os.fsync

    def note(descriptor):
        synced.append(os.path.realpath(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    write(b"new", tmp_path / "file")
    part, folder = synced
    assert Path(part).parent == tmp_path.resolve() == Path(folder)
    assert "part" in Path(part).name


def test_what_fails_leaves_the_file_as_it_was(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"old")
    for error in (ValueError, KeyboardInterrupt):
        with pytest.raises(error), whole_file(file) as part:
            part.write_bytes(b"half")
            raise error
        assert file.read_bytes() == b"old"
        assert names(tmp_path) == ["file"]


def test_a_full_disk_is_an_error_of_the_system(tmp_path):
    said = "Can't write (errno = 28, error message = 'No space left on device')"
    for error in (RuntimeError(said), OSError(said), ValueError(said)):
        with pytest.raises(OSError) as raised, whole_file(tmp_path / "file"):
            raise error
        assert raised.value.errno == errno.ENOSPC
        assert raised.value.filename == str(tmp_path / "file")
    with pytest.raises(ValueError, match="no disk"), whole_file(tmp_path / "x"):
        raise ValueError("no disk in it")


def test_two_threads_write_one_file_each_whole(tmp_path):
    file = tmp_path / "file"

    def write(letter):
        for _ in range(50):
            write_whole(1000 * letter, file)

    threads = [threading.Thread(target=write, args=(x,)) for x in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert file.read_text() in {1000 * letter for letter in "abcd"}
    assert names(tmp_path) == ["file"]


def test_arrays_are_whole(tmp_path):
    import numpy as np

    write_arrays(tmp_path / "new/arrays.npz", {"x": np.arange(3)})
    with np.load(tmp_path / "new/arrays.npz") as kept:
        assert kept["x"].tolist() == [0, 1, 2]


def test_parts_of_processes_that_are_gone_are_removed(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = part_prefix(gone.pid)
    (tmp_path / f"{left}1-model.keras").touch()
    (tmp_path / f"{left}1-saved_model").mkdir()
    (tmp_path / f"{left}1-saved_model/file").touch()
    kept = [
        part_of(tmp_path / "x").name,  # of this process, which writes it
        f"{PART}{gone.pid}@far.example-1-x",  # which may be alive there
        f"{PART}at-x",
        "model.keras",
    ]
    for name in kept:
        (tmp_path / name).touch()
    remove_parts(tmp_path)
    assert names(tmp_path) == sorted(kept)


def make_folder(folder, text):
    with whole_folder(folder) as part:
        part.mkdir()
        (part / "inner").mkdir()
        (part / "inner/file").write_text(text)


@pytest.fixture(params=["exchanged", "renamed"])
def system(request, monkeypatch):
    """A system that exchanges two folders, and one that does not."""
    if request.param == "renamed":
        monkeypatch.setattr(
            "facemtl.files.folders._exchanged", lambda *_: False
        )
    return request.param


def test_a_folder_is_replaced_whole(system, tmp_path):
    (tmp_path / "link").symlink_to("folder")
    for text in ("one", "other"):
        make_folder(tmp_path / "link", text)
        assert (tmp_path / "folder/inner/file").read_text() == text
        assert names(tmp_path) == ["folder", "link"]


def test_a_folder_that_fails_is_as_before(system, tmp_path):
    make_folder(tmp_path / "folder", "old")
    with (
        pytest.raises(ValueError, match="now"),
        whole_folder(tmp_path / "folder") as part,
    ):
        part.mkdir()
        (part / "half").touch()
        raise ValueError("now")
    assert names(tmp_path) == ["folder"]
    assert (tmp_path / "folder/inner/file").read_text() == "old"


def test_readers_find_the_old_folder_or_the_new_one(tmp_path):
    make_folder(tmp_path / "folder", "0")
    over, missed = threading.Event(), []

    def read():
        while not over.is_set():
            if not (tmp_path / "folder").is_dir():
                missed.append(1)

    reader = threading.Thread(target=read)
    reader.start()
    for i in range(100):
        make_folder(tmp_path / "folder", str(i))
    over.set()
    reader.join()
    assert missed == []


def test_a_folder_whose_replacement_was_cut_off_comes_back(tmp_path):
    make_folder(tmp_path / "folder", "old")
    (tmp_path / "folder").rename(tmp_path / ".old-folder")
    restore_folder(tmp_path / "folder")
    assert (tmp_path / "folder/inner/file").read_text() == "old"
    # And one that was only not removed is.
    make_folder(tmp_path / ".old-folder", "older")
    make_folder(tmp_path / "folder", "new")
    assert names(tmp_path) == ["folder"]


def test_a_file_is_no_folder_to_replace(tmp_path):
    (tmp_path / "folder").write_text("kept")
    with pytest.raises(NotADirectoryError):
        make_folder(tmp_path / "folder", "new")
    assert (tmp_path / "folder").read_text() == "kept"
