"""Settings of `[data]` by kind of source; unused settings are rejected.

| setting                                  | MTFL | CSV | synthetic |
|------------------------------------------|------|-----|-----------|
| `source`, `train_share`, `labelled`,     | yes  | yes | yes       |
| `repeat`, `cache`, `cache_gigabytes`,    |      |     |           |
| `size`, `color`, `margin`, `more`        |      |     |           |
| `validation`                             | yes  | (1) | yes       |
| `boxes`                                  | yes  | yes | no        |
| `tasks`                                  | no   | yes | no        |
| `faces`                                  | no   | no  | yes       |

(1) not if the CSV has rows for validation.
"""

from collections.abc import Mapping

from facemtl.config import load_settings
from facemtl.errors import InputError
from facemtl.settings import DataSettings
from facemtl.words import plural

MTFL, CSV, SYNTHETIC = "MTFL", "a CSV", "synthetic"
BOXES = ("auto", "derived", "detect")
# Settings that only some sources use, and the reason that messages give.
ONLY = {
    "faces": ((SYNTHETIC,), "other sources have a fixed number of faces"),
    "tasks": ((CSV,), "other sources have fixed tasks"),
    "boxes": ((MTFL, CSV), "synthetic faces have exact boxes"),
}


def data_path(source: str) -> str:
    """Return the path that `--data` names; "" for synthetic faces.

    Example:

    >>> data_path("synthetic"), data_path("faces.csv")
    ('', 'faces.csv')
    """
    return "" if source == SYNTHETIC else source


def check_data_settings(kinds: Mapping[str, str], data: DataSettings) -> None:
    """Check that the sources use all settings that differ from their defaults.

    Args:
        kinds: {source, as `find_source` returns it: `MTFL`, `CSV` or
            `SYNTHETIC`}.
        data: the settings of `[data]`.

    Raises:
        InputError: for a setting that no source uses.
    """
    if data.boxes not in BOXES:
        raise InputError(
            f"Expected data.boxes in {BOXES}. Received: {data.boxes!r}."
        )
    if not 0 < data.train_share <= 1:
        raise InputError(
            "Expected data.train_share in (0, 1]. "
            f"Received: {data.train_share}."
        )
    _check_shares(data.more)
    defaults = load_settings().data
    for key, (users, why) in ONLY.items():
        given = getattr(data, key)
        used = not set(users).isdisjoint(kinds.values())
        if not used and given != getattr(defaults, key):
            raise InputError(
                f"data.{key} is only for {' or '.join(users)}: {why}. "
                f"Received: data.{key} = {given!r} with {', '.join(kinds)}."
            )


def _check_shares(more: Mapping[str, float]) -> None:
    """Raise unless the shares of a batch leave a part for `data.source`."""
    shares = list(more.values())
    if any(not 0 <= share < 1 for share in shares) or not sum(shares) < 1:
        raise InputError(
            "Expected data.more as {source: share of a batch}, from 0 and in "
            f"all below 1. Received: {dict(more)}."
        )


def capped_validation(data: DataSettings, n: int) -> str:
    """Return a line if there are fewer validation faces than requested.

    Args:
        data: the settings of `[data]`.
        n: number of validation faces.
    """
    asked = data.validation
    if asked == load_settings().data.validation or n >= asked:
        return ""
    return (
        f"data.validation: {n} {plural(n, 'face')}, not {asked}; at most "
        f"{data.validation_share:.0%} of a set are kept from training "
        "(data.validation_share)."
    )


def check_validation(source: str, data: DataSettings) -> None:
    """Raise for settings of the split, for a CSV that has its own."""
    defaults = load_settings().data
    for key in ("validation", "validation_share"):
        given = getattr(data, key)
        if given != getattr(defaults, key):
            raise InputError(
                f"data.{key} is only for sources whose validation faces are "
                f"chosen. Received: data.{key} = {given} with {source}, whose "
                "rows with split = val are its own."
            )
