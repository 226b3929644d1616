"""Whether the cache that a configuration names may be written into."""

from collections.abc import Iterable
from pathlib import Path

from facemtl.errors import InputError

KEY = "data.cache"


def check_cache(cache: str, file: str | Path, settings: Iterable[str]) -> None:
    """Raise where a configuration of somebody else's writes anywhere.

    A file may come from a stranger. The cache that it names lies below the
    file's folder or the one where the command runs; any other is the user's own
    to name.

    Args:
        cache: `data.cache`.
        file: the TOML that was read; "" for none.
        settings: `"key=value"` of the user's own.

    Raises:
        InputError: for a cache elsewhere.

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
            f"{file}: {KEY} = {cache!r} lies outside of the file's folder and "
            "of this one, and crops would be written there. If you mean that, "
            f"add --set {KEY}={cache}"
        )


def lies_near(cache: str, folder: Path) -> bool:
    """Whether a cache lies below a folder, or below the one we are in.

    Example:

    >>> lies_near("cache", Path("/")), lies_near("../cache", Path("runs"))
    (True, False)
    """
    place = Path(cache).resolve()
    return any(
        place.is_relative_to(near.resolve()) for near in (folder, Path.cwd())
    )
