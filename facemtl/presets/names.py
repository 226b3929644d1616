"""Names of presets, and paths of networks."""

import os
from pathlib import Path

from facemtl.arguments import checked_path
from facemtl.config import preset_names
from facemtl.errors import InputError

FOLDER = Path(__file__).parent
NAMES = ("tiny", "base", "large", "points68")
DEFAULT = "base"


def pretrained_names() -> list[str]:
    """Return the names of presets, the fastest network first.

    Example:

    >>> pretrained_names()
    ['tiny', 'base', 'large', 'points68']
    """
    return list(NAMES)


def find_pretrained(path: str | Path) -> Path:
    """Return the file of a preset, or `path` itself if it is not a name.

    A preset's name has priority over a file of that name in the working
    directory: `"./base"`, `"base/"` and `"base.tflite"` are paths. A `Path`
    drops `./`, so that `Path("base")` is the preset too; use
    `Path("base").resolve()` for the file.

    Raises:
        InputError: for a value that is not a path, or a text that is not a
            preset's name and has neither a separator nor an ending.

    Example:

    >>> find_pretrained("base").name
    'base.tflite'
    >>> str(find_pretrained("runs/mine"))
    'runs/mine'
    """
    return _find(path, ".tflite")


def find_keras(path: str | Path) -> Path:
    """Return the Keras file of a preset, or `path` if it is not a name.

    Raises:
        InputError: as `find_pretrained`.

    Example:

    >>> find_keras("base").name
    'base.keras'
    """
    return _find(path, ".keras")


def _find(path: str | Path, ending: str) -> Path:
    """Return a preset's file with this ending, or the path of a network."""
    found = checked_path("a network's file, folder or name", path)
    if os.fspath(path) in NAMES:
        return FOLDER / f"{found}{ending}"
    return checked_model_path(path)


def checked_model_path(path: str | Path) -> Path:
    """Return the path of a network's file or folder.

    Raises:
        InputError: for a value that is not a path, or a text that may be the
            name of a configuration (see `find_pretrained`).

    Example:

    >>> checked_model_path("split")
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected a trained network. Received: ...
    """
    found = checked_path("a network's file or folder", path)
    if isinstance(path, os.PathLike) or _is_path(path):
        return found
    if path in preset_names():
        raise InputError(
            f"Expected a trained network. Received: '{path}', a configuration. "
            f"Train it (facemtl fit --model {path}) and give its run folder."
        )
    raise InputError(
        "Expected a run folder with model.keras, a network's file, or a preset "
        f"({', '.join(NAMES)}). Received: {path!r}, which is none "
        f"of these. For a file or folder of this name, write ./{path}."
    )


def _is_path(text: str) -> bool:
    separators = (os.sep, os.altsep or os.sep)
    written = any(separator in text for separator in separators)
    return written or text in (".", "..") or bool(Path(text).suffix)
