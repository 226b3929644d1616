"""Check output paths before a command starts its work.

These functions create and change no file, so a command calls them first, before
it loads TensorFlow or reads data:

- `check_file(path, option)`: the file can be written. Its folder need not
  exist. Devices and pipes are allowed; see `facemtl.files.writing`.
- `check_folder(path, option)`: the folder exists or can be created, and files
  can be written into it.
- `check_apart(written, read)`: no output is the same as another output or an
  input.

The first two return the path as a `Path`. All raise a one-line `InputError`.
The caller handles `-` (standard output), which is no path.
"""

import os
import tempfile
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import NoReturn

from facemtl.errors import InputError
from facemtl.files.places import is_written_through
from facemtl.files.system_errors import reason

LONGEST = 255  # bytes of a name, the limit of common file systems


def check_file(path: str | Path, option: str) -> Path:
    """Check that a file can be written.

    Args:
        path: the file.
        option: the option's name for the message, such as `"--json"`.

    Raises:
        InputError: for a folder or a socket; a name that is empty, too long or
            begins with an unexpanded `~`; a place below a file; a folder or
            file without write permission; or a full disk.

    Example:

    >>> check_file("", "--json")
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected --json as a file to write. ...
    """
    expected = f"{option} as a file to write"
    place = _checked_name(path, expected)
    if place.is_dir() or str(path).endswith(("/", os.sep)):
        _refuse(expected, path, "which is a folder")
    if place.is_socket():
        _refuse(expected, path, "which is a socket")
    if place.exists() and not os.access(place, os.W_OK):
        _refuse(expected, path, "which you may not write")
    if not is_written_through(place):
        true = Path(os.path.realpath(place)) if place.is_symlink() else place
        _check_room(true.parent, expected, path)
    return place


def check_folder(path: str | Path, option: str) -> Path:
    """Check that files can be written into a folder, which need not exist.

    Args:
        path: the folder.
        option: the option's name for the message, such as `"--out"`.

    Raises:
        InputError: for a file, and as `check_file` otherwise.

    Example:

    >>> check_folder("~/runs", "--out")
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected --out as a folder to write into. ...
    """
    expected = f"{option} as a folder to write into"
    place = _checked_name(path, expected)
    _check_room(place, expected, path)
    return place


def check_apart(
    written: Mapping[str, str | Path | None],
    read: Mapping[str, str | Path | None],
) -> None:
    """Check that no output is the same as another output or an input.

    Args:
        written: {option: path} of the outputs; `None` and "" are ignored.
        read: {option: path} of the inputs; those that do not exist are ignored,
            such as the name of a preset.

    Raises:
        InputError: if two paths mean the same file or folder.

    Example:

    >>> check_apart({"--json": "a.txt", "--csv": "./a.txt"}, {})
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected --json and --csv as two places. ...
    """
    outputs = {k: Path(v) for k, v in written.items() if v}
    inputs = {k: Path(v) for k, v in read.items() if v and Path(v).exists()}
    pairs = list(combinations(outputs, 2))
    pairs += [(one, other) for one in outputs for other in inputs]
    for one, other in pairs:
        if _same(outputs[one], (outputs | inputs)[other]):
            raise InputError(
                f"Expected {one} and {other} as two places. Received: "
                f"{outputs[one]} for both."
            )


def _same(one: Path, other: Path) -> bool:
    """Return whether two paths mean the same place, which need not exist.

    Devices and pipes store nothing, so they may be written twice.
    """
    if is_written_through(one):
        return False
    if one.exists() and other.exists():
        return one.samefile(other)  # follows links
    return os.path.realpath(one) == os.path.realpath(other)


def _checked_name(path: str | Path, expected: str) -> Path:
    """Return the path if the file system allows its name."""
    if not str(path).strip():
        _refuse(expected, path, "an empty name")
    place = Path(path)
    if str(path).startswith("~") and _is_home(place):
        _refuse(
            expected,
            path,
            "whose ~ the shell did not expand: put a space before it, or "
            "write $HOME",
        )
    if any(len(os.fsencode(part)) > LONGEST for part in place.parts):
        _refuse(expected, path, f"with a name of more than {LONGEST} bytes")
    try:
        place.stat()
    except (FileNotFoundError, NotADirectoryError):
        pass  # It does not exist yet; `_check_room` checks its parents.
    except (OSError, ValueError) as error:  # too long, a loop of links, a NUL
        _refuse(expected, path, f"but {reason(error)}")
    return place


def _is_home(place: Path) -> bool:
    """Return whether a shell would have expanded the `~`."""
    try:
        return place.expanduser() != place
    except RuntimeError:  # "~name" without such a user is a plain name
        return place.parts[0] == "~"


def _check_room(folder: Path, expected: str, path: str | Path) -> None:
    """Write a byte into the folder or its nearest existing parent.

    Permission bits do not suffice: they do not apply to administrators, and a
    file system may be full or read-only.
    """
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        _refuse(expected, path, f"but {folder} is no folder")
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"0")
    except OSError as error:
        _refuse(expected, path, f"but {folder}: {reason(error)}")


def _refuse(expected: str, path: str | Path, why: str) -> NoReturn:
    shown = str(path)
    if len(shown) > 2 * LONGEST:  # would fill the screen
        shown = f"{shown[:60]}…{shown[-20:]}"
    raise InputError(f"Expected {expected}. Received: {shown!r}, {why}.")
