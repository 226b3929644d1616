"""The folder of the cache, and whether a configuration may write there."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from facemtl.errors import InputError

KEY = "data.cache"
AUTO = "auto"
# A folder that replaces the user's cache; "" for none.
VARIABLE = "FACEMTL_CACHE"


def cache_folder(cache: str | Path) -> Path | None:
    """Return the folder that `data.cache` names, or None without a cache.

    `"auto"` is `facemtl` in the user's folder of caches, or the folder in the
    environment variable FACEMTL_CACHE.

    Example:

    >>> cache_folder("") is None, cache_folder("auto") != Path("auto")
    (True, True)
    """
    if str(cache) != AUTO:
        return Path(cache) if cache else None
    own = os.environ.get(VARIABLE)
    if own is not None:
        return Path(own) if own else None
    try:
        return _caches() / "facemtl"
    except RuntimeError:  # a user without a home
        return None


def _caches() -> Path:
    """Return the folder of a user's caches."""
    if os.name == "nt" and os.environ.get("LOCALAPPDATA"):
        return Path(os.environ["LOCALAPPDATA"])
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches"
    named = os.environ.get("XDG_CACHE_HOME", "")
    # The standard tells to ignore relative paths.
    return Path(named) if Path(named).is_absolute() else Path.home() / ".cache"


def check_cache(cache: str, file: str | Path, settings: Iterable[str]) -> None:
    """Raise if a configuration names a cache outside the allowed folders.

    Configurations may come from a third party, so the cache must lie below the
    file's folder or the current folder. A cache that the user names with
    `--set` may lie anywhere.

    Args:
        cache: `data.cache`.
        file: the TOML file of the configuration; "" if there is none.
        settings: the user's `"key=value"` settings.

    Raises:
        InputError: if the cache lies elsewhere.

    Example:

    >>> check_cache("/etc", "a.toml", ["data.cache=/etc"])
    >>> check_cache("/etc", "a.toml", [])
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: a.toml: data.cache = '/etc' lies outside ...
    """
    own = any(text.partition("=")[0].strip() == KEY for text in settings)
    if not cache or cache == AUTO or not file or own:
        return
    if not lies_near(cache, Path(file).parent):
        raise InputError(
            f"{file}: {KEY} = {cache!r} lies outside the file's folder and "
            "the current folder. Crops would be written there. To allow it, "
            f"add --set {KEY}={cache}"
        )


def lies_near(cache: str, folder: Path) -> bool:
    """Return whether a cache lies below a folder or the current folder.

    The user's own cache counts too.

    Example:

    >>> lies_near("cache", Path("/")), lies_near("../cache", Path("runs"))
    (True, False)
    """
    place = Path(cache).resolve()
    return cache == AUTO or any(
        place.is_relative_to(near.resolve()) for near in (folder, Path.cwd())
    )
