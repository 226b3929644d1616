"""What native libraries write, where streams open files of each thread."""

import io
import os
import sys
import threading

import pytest

from facemtl.process.native_words import without_native_words


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


@pytest.mark.skipif(sys.platform != "linux", reason="of Linux alone")
def test_what_a_notebook_opens_to_print_can_be_closed_by_others(monkeypatch):
    stream = NotebookStream()
    monkeypatch.setattr(sys, "stdout", stream)
    without_native_words(print, "words")
    assert stream.getvalue() == "words\n"
    (opened,) = stream.opened.values()
    os.close(opened)  # OSError, unless it is the process's.
