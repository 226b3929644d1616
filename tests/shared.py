"""What tests in several files and processes read, made once a session."""

import os
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that `make` has filled, which other tests read too."""
    parent = Path(os.environ["SHARED_BY_TESTS"])  # as conftest.py sets it
    folder, ready = parent / name, parent / f"{name}.ready"
    with FileLock(parent / f"{name}.lock"):
        if not ready.exists():
            folder.mkdir()
            make(folder)
            ready.touch()
    return folder
