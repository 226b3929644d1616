"""Which settings of `[data]` a kind of source uses; no other is accepted.

| setting                                  | MTFL | CSV | synthetic |
|------------------------------------------|------|-----|-----------|
| `source`, `train_share`, `labelled`,     | yes  | yes | yes       |
| `repeat`, `cache`, `size`, `color`,      |      |     |           |
| `margin`                                 |      |     |           |
| `validation`                             | yes  | (1) | yes       |
| `boxes`                                  | yes  | yes | no        |
| `tasks`                                  | no   | yes | no        |
| `faces`                                  | no   | no  | yes       |

(1) not where the CSV names its own rows for validation.
"""

from facemtl.config import load_settings
from facemtl.errors import InputError
from facemtl.settings import DataSettings
from facemtl.words import plural

MTFL, CSV, SYNTHETIC = "MTFL", "a CSV", "synthetic"
BOXES = ("auto", "derived", "detect")
# Settings that only some kinds of source use, with why.
ONLY = {
    "faces": ((SYNTHETIC,), "other sources have as many as they have"),
    "tasks": ((CSV,), "other sources have tasks of their own"),
    "boxes": ((MTFL, CSV), "drawn faces have boxes of their own"),
}


def data_path(source: str) -> str:
    """What `--data` reads from the disk; empty for drawn faces.

    Example:

    >>> data_path("synthetic"), data_path("faces.csv")
    ('', 'faces.csv')
    """
    return "" if source == SYNTHETIC else source


def check_data_settings(source: str, kind: str, data: DataSettings) -> None:
    """Raise `InputError` for a setting that the source would not use.

    Args:
        source: as `find_source` gives it.
        kind: `MTFL`, `CSV` or `SYNTHETIC`.
        data: the settings of `[data]`.
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
    defaults = load_settings().data
    for key, (kinds, why) in ONLY.items():
        given = getattr(data, key)
        if kind not in kinds and given != getattr(defaults, key):
            raise InputError(
                f"data.{key} is only for {' or '.join(kinds)}: {why}. "
                f"Received: data.{key} = {given!r} with {source}."
            )


def capped_validation(data: DataSettings, n: int) -> str:
    """A line where a source gives fewer validation faces than were asked for.

    Args:
        data: the settings of `[data]`.
        n: how many there are.
    """
    asked = data.validation
    if asked == load_settings().data.validation or n >= asked:
        return ""
    return (
        f"data.validation: {n} {plural(n, 'face')}, not {asked}; at most a "
        "tenth of a set are kept from training."
    )


def check_validation(source: str, data: DataSettings) -> None:
    """Raise `InputError` for a number of faces that a CSV chose itself."""
    if data.validation != load_settings().data.validation:
        raise InputError(
            "data.validation is only for sources whose validation faces are "
            f"chosen. Received: data.validation = {data.validation} with "
            f"{source}, whose rows with split = val are its own."
        )
