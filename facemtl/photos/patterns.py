"""Expand file patterns with `*`, `?` and `[...]`."""

import glob
import os
from collections.abc import Iterable

from facemtl.arguments import checked_path
from facemtl.words import plural


def matching_files(names: Iterable[str]) -> list[str]:
    """Expand patterns such as `*.jpg`, as a shell does.

    Shells do not expand quoted patterns, and Windows expands none. Names of
    existing files and patterns without a match are returned unchanged.

    Args:
        names: files, or patterns with `*`, `?` and `[...]`.

    Returns:
        The files; those of each pattern are sorted.

    Example:

    >>> matching_files(["missing.jpg", "missing*.jpg"])
    ['missing.jpg', 'missing*.jpg']
    """
    files: list[str] = []
    for name in names:
        pattern = glob.has_magic(name) and not os.path.lexists(name)
        files += (sorted(_matches(name)) if pattern else []) or [name]
    return files


def pattern_fault(name: str) -> str:
    """Return the error message for a pattern given as a file, else "".

    Example:

    >>> pattern_fault("missing*.jpg")
    'missing*.jpg: no file of this name, and none matches the pattern.'
    """
    if not glob.has_magic(name):
        return ""
    count = len(_matches(name))
    if not count:
        return f"{name}: no file of this name, and none matches the pattern."
    return (
        f"Expected one photo's file. Received the pattern {name}, of {count} "
        f"{plural(count, 'file')}: give them to predictor.batch, as "
        f"sorted(glob.glob({name!r}))."
    )


def _matches(pattern: str) -> list[str]:
    if pattern.startswith("~"):
        pattern = str(checked_path("a pattern", pattern))
    # Unlike `Path.glob`, this ignores hidden files, as a shell does.
    return glob.glob(pattern)  # noqa: PTH207
