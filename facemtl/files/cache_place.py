"""Check that a configuration may write into the cache that it names."""

from collections.abc import Iterable
from pathlib import Path

from facemtl.errors import InputError

KEY = "data.cache"


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
    if cache and file and not own and not lies_near(cache, Path(file).parent):
        raise InputError(
            f"{file}: {KEY} = {cache!r} lies outside the file's folder and "
            "the current folder. Crops would be written there. To allow it, "
            f"add --set {KEY}={cache}"
        )


def lies_near(cache: str, folder: Path) -> bool:
    """Return whether a cache lies below a folder or the current folder.

    Example:

    >>> lies_near("cache", Path("/")), lies_near("../cache", Path("runs"))
    (True, False)
    """
    place = Path(cache).resolve()
    return any(
        place.is_relative_to(near.resolve()) for near in (folder, Path.cwd())
    )
