"""The folder of a run: its settings and its finished output.

OUT/run.json   settings, and the digest of each source
OUT/listing/   names of the photos in a folder, in Parquet
OUT/faces/     predictions, one Parquet file per shard
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from facemtl.errors import InputError
from facemtl.files.lock import locked
from facemtl.files.places import PART
from facemtl.files.writing import write_json
from facemtl.presets import find_pretrained

RUN, LISTING, FACES = "run.json", "listing", "faces"


# Settings that the first versions did not write; their rows had fewer columns.
FIRST = {"columns": 1}


@contextmanager
def opened(out: Path) -> Iterator[None]:
    """Create the folder and lock it against other starts.

    Raises:
        InputError: if it is not writable, or another start uses it.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(out))
            for name in (LISTING, FACES):
                (out / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(out, error) from None
        clean(out / FACES)
        try:
            yield
        finally:
            remove_parts(out / FACES)  # left by stopped workers


def clean(folder: Path) -> None:
    """Remove partial files of interrupted starts, and check write access.

    Raises:
        InputError: if the folder is not writable.
    """
    remove_parts(folder)
    try:
        # Permissions do not bind root, and do not reveal a full disk.
        probe = folder / f"{PART}probe"
        probe.write_bytes(b"written")
        probe.unlink()
    except OSError as error:
        raise cannot_write(folder, error) from None


def remove_parts(folder: Path) -> None:
    """Remove partial files where possible."""
    for part in folder.glob(f"{PART}*"):
        with suppress(OSError):  # A worker may have just renamed it.
            part.unlink()


def cannot_write(place: Path, error: OSError) -> InputError:
    """Return the error of a failed write.

    Example:

    >>> str(cannot_write(Path("o"), OSError(28, "No space left on device")))
    'Expected to write into o. Received: No space left on device.'
    """
    reason = error.strerror or str(error)
    return InputError(f"Expected to write into {place}. Received: {reason}.")


def read_run(out: Path) -> dict[str, Any]:
    """Read the settings of a run; {} for a new one.

    Raises:
        InputError: if `run.json` is damaged.
    """
    try:
        return dict(json.loads((out / RUN).read_text("utf-8")))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InputError(
            f"Expected the settings of a run. Received: {out / RUN}: {error}."
        ) from None


def check_settings(
    out: Path, known: Mapping[str, Any], now: Mapping[str, Any]
) -> None:
    """Check that settings are unchanged, so that predictions do not mix.

    Raises:
        InputError: with the first setting that differs.
    """
    known = {**FIRST, **known} if known else {}
    for name, value in now.items():
        if known.get(name, value) != value:
            raise InputError(
                f"Expected {name} {known[name]}, as {out} was started with. "
                f"Received: {value}. Give another --out."
            )


def write_file(out: Path, name: str, content: Mapping[str, Any]) -> None:
    """Write a file to the folder of a run.

    Raises:
        InputError: if the file cannot be written.
    """
    try:
        write_json(dict(content), out / name)
    except OSError as error:
        raise cannot_write(out, error) from None


def model_digest(model: str) -> str:
    """Return the digest of a network's file, or "".

    Example:

    >>> model_digest("base") != model_digest("tiny")
    True
    """
    path = find_pretrained(model)
    file = path if path.is_file() else path / "model.keras"
    if not file.is_file():
        return ""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]
