"""Where a command writes, checked before its work begins.

None of these makes, changes or removes anything that has a name, so a
command calls them first, before it loads TensorFlow or reads data:

- `check_file(path, option)`: a file could be written there. Its folder need
  not exist. A device or a pipe is written through; see `facemtl.files.writing`.
- `check_folder(path, option)`: a folder is there, or could be made, and files
  could be written into it.
- `check_apart(written, read)`: no file is written twice, or over what is read;
  `data_path` gives what `--data` reads.

The first two return the path as a `Path`; all raise `InputError` with one line.
`-` for standard output is the caller's: it is no path, and not asked about.
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

LONGEST = 255  # bytes of a name in the usual file systems


def check_file(path: str | Path, option: str) -> Path:
    """Check that a file can be written, before hours of work.

    Args:
        path: of the file.
        option: what the user calls it, such as `"--json"`, for the message.

    Raises:
        InputError: for a folder or a socket, a name that is empty, too long or
            begins with an unexpanded `~`, a place below a file, a folder or
            file without permission to write, or a full disk.

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
        path: of the folder.
        option: what the user calls it, such as `"--out"`, for the message.

    Raises:
        InputError: for a file, and else as `check_file`.

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
    """Check that nothing is written twice, or over what is read.

    Args:
        written: {what the user calls it: path}; those that are `None` or empty
            are left out.
        read: the same of the input; what is not there is a name, as of a
            preset, or is reported where it is read.

    Raises:
        InputError: where two are the same file or folder, by whatever path.

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
    """Whether two paths mean one place, which need not exist.

    A device or a pipe keeps nothing, so that it may be written twice.
    """
    if is_written_through(one):
        return False
    if one.exists() and other.exists():
        return one.samefile(other)  # by another name, too
    return os.path.realpath(one) == os.path.realpath(other)


def _checked_name(path: str | Path, expected: str) -> Path:
    """The path, if names of the system can be like that."""
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
        pass  # It is not there yet; what is above it is looked at later.
    except (OSError, ValueError) as error:  # too long, a loop of links, a NUL
        _refuse(expected, path, f"but {reason(error)}")
    return place


def _is_home(place: Path) -> bool:
    """Whether a shell would have made another path of it."""
    try:
        return place.expanduser() != place
    except RuntimeError:  # of nobody's home, so a name like any other
        return place.parts[0] == "~"


def _check_room(folder: Path, expected: str, path: str | Path) -> None:
    """Write a byte into a folder, or into the one that it would be made in.

    Permission bits alone do not say it: they do not bind an administrator, and
    a file system may be full, or may not be written at all.
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
    if len(shown) > 2 * LONGEST:  # it must not fill the screen
        shown = f"{shown[:60]}…{shown[-20:]}"
    raise InputError(f"Expected {expected}. Received: {shown!r}, {why}.")
