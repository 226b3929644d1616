"""What native libraries write is captured, alone or beside other threads."""

import io
import os
import sys
import threading
from pathlib import Path

import pytest

from facemtl.process import native_words
from facemtl.process.native_words import (
    with_native_words,
    without_native_words,
)

of_linux = pytest.mark.skipif(sys.platform != "linux", reason="of Linux alone")


@pytest.fixture(params=[True, False], ids=["alone", "beside a thread"])
def alone(request, monkeypatch):
    """Whether the process has no other thread of Python."""
    monkeypatch.setattr(native_words, "_is_alone", lambda: request.param)
    return request.param


def writes(text):
    os.write(2, b"native")
    os.write(1, text)
    return len(text)


@of_linux
@pytest.mark.usefixtures("alone")
def test_native_words_are_captured_and_nothing_else(capfd):
    assert with_native_words(writes, b"seen") == (4, "native")
    assert without_native_words(writes, b"too") == 3
    os.write(2, b"mine")
    assert capfd.readouterr() == ("seentoo", "mine")


@pytest.mark.usefixtures("alone")
def test_what_a_call_raises_is_raised_and_the_stream_is_back(capfd):
    with pytest.raises(ZeroDivisionError):
        without_native_words(lambda: os.write(2, b"native") / 0)
    os.write(2, b"mine")
    if sys.platform == "linux":
        assert capfd.readouterr().err == "mine"


@of_linux
def test_each_call_closes_its_files(alone):
    def opened():
        return len(list(Path("/proc/self/fd").iterdir()))

    before = opened()
    for _ in range(5):
        without_native_words(writes, b"")
    assert opened() == before


@of_linux
def test_a_closed_stream_stays_closed(alone):
    kept = os.dup(2)
    os.close(2)
    try:
        assert with_native_words(max, 1, 2) == (2, "")
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(2)
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def test_beside_another_thread_a_process_is_not_alone():
    found, going = [], threading.Event()
    thread = threading.Thread(
        target=lambda: found.append(native_words._is_alone()) or going.wait()
    )
    thread.start()
    try:
        assert not native_words._is_alone()
    finally:
        going.set()
        thread.join()
    assert found == [False]


@of_linux
def test_other_threads_keep_the_stream_that_they_write_to(capfd):
    """A call beside another thread does not redirect the whole process."""
    ready, written = threading.Event(), threading.Event()

    def other():
        ready.wait()
        os.write(2, b"other")
        written.set()

    def call():
        ready.set()
        written.wait()
        os.write(2, b"native")

    thread = threading.Thread(target=other)
    thread.start()
    assert with_native_words(call)[1] == "native"
    thread.join()
    assert capfd.readouterr().err == "other"


class NotebookStream(io.StringIO):
    """Opens a file for each thread that prints, as Jupyter's kernel does."""

    def __init__(self):
        super().__init__()
        self.opened = {}

    def write(self, text):
        self.flush()
        return super().write(text)

    def flush(self):
        thread = threading.get_ident()
        if thread not in self.opened:
            self.opened[thread] = os.eventfd(0)


@of_linux
def test_what_a_notebook_opens_to_print_can_be_closed_by_others(monkeypatch):
    stream = NotebookStream()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(native_words, "_is_alone", lambda: False)
    without_native_words(print, "words")
    assert stream.getvalue() == "words\n"
    (opened,) = stream.opened.values()
    os.close(opened)  # OSError, unless it is the process's.
