"""Layouts: tasks of common sets of points, in TOMLs of the package."""

import os
from pathlib import Path

from facemtl.arguments import checked_path
from facemtl.errors import InputError

FOLDER = Path(__file__).parent / "shipped"


def layout_names() -> list[str]:
    """Return the names that may stand for a TOML of tasks.

    Example:

    >>> layout_names()
    ['points68', 'points98']
    """
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def find_layout(path: str | Path) -> Path:
    """Return the file of a layout, or `path` itself if it is not a name.

    A layout's name has priority over a file of that name in the working
    directory; `"./points68"` is a path.

    Raises:
        InputError: for a value that is not a path, or a word that is neither a
            layout nor a file.

    Example:

    >>> find_layout("points68").name
    'points68.toml'
    >>> str(find_layout("faces/tasks.toml"))
    'faces/tasks.toml'
    """
    file = checked_path("a TOML of tasks", path)
    if os.fspath(path) in layout_names():
        return FOLDER / f"{file}.toml"
    is_word = file.name == os.fspath(path) and not file.suffix
    if is_word and not file.exists():
        raise InputError(
            "Expected a TOML of tasks, or one of "
            f"{', '.join(layout_names())}. Received: {os.fspath(path)!r}."
        )
    return file
