"""Names with `*`, `?` and `[...]` that no shell has expanded."""

import glob
import os
from collections.abc import Iterable

from facemtl.arguments import checked_path
from facemtl.words import plural


def matching_files(names: Iterable[str]) -> list[str]:
    """Files as a shell gives them: patterns such as `*.jpg` are expanded.

    A shell leaves them to the program in quotes, and on Windows always. A name
    that is a file's stays as it is; so does a pattern that matches nothing.

    Args:
        names: of files, or patterns of `*`, `?` and `[...]`.

    Returns:
        The files, those of a pattern in order.

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
    """What to say of a name that is no file's; "" unless it is a pattern.

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
    # Unlike `Path.glob`, it leaves out hidden files, as a shell does.
    return glob.glob(pattern)  # noqa: PTH207
