"""The folder of a run: what it was started with, and what is finished.

OUT/run.json   settings, and the digest of each source
OUT/listing/   of a folder of photos: its names, in Parquet
OUT/faces/     the answers, one Parquet file a shard
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


@contextmanager
def opened(out: Path) -> Iterator[None]:
    """Make the folder, and keep others out while this start writes into it.

    Raises:
        InputError: if it cannot be written, or another start writes into it.
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
            remove_parts(out / FACES)  # of workers that were stopped


def clean(folder: Path) -> None:
    """Remove what starts that were cut left half-written, and try to write.

    Raises:
        InputError: if the folder cannot be written.
    """
    remove_parts(folder)
    try:
        # Permissions say little to root, and nothing of a full disk.
        probe = folder / f"{PART}probe"
        probe.write_bytes(b"written")
        probe.unlink()
    except OSError as error:
        raise cannot_write(folder, error) from None


def remove_parts(folder: Path) -> None:
    """Remove what is half-written, as far as that can be done."""
    for part in folder.glob(f"{PART}*"):
        with suppress(OSError):  # A worker may have given it its name just now.
            part.unlink()


def cannot_write(place: Path, error: OSError) -> InputError:
    """The one line about a disk that takes no more.

    Example:

    >>> str(cannot_write(Path("o"), OSError(28, "No space left on device")))
    'Expected to write into o. Received: No space left on device.'
    """
    reason = error.strerror or str(error)
    return InputError(f"Expected to write into {place}. Received: {reason}.")


def read_run(out: Path) -> dict[str, Any]:
    """What the run was started with; {} for a new one.

    Raises:
        InputError: for a broken `run.json`.
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
    """Refuse to go on with other settings: the answers would be mixed.

    Raises:
        InputError: naming the first setting that differs.
    """
    for name, value in now.items():
        if known.get(name, value) != value:
            raise InputError(
                f"Expected {name} {known[name]}, as {out} was started with. "
                f"Received: {value}. Give another --out."
            )


def write_file(out: Path, name: str, content: Mapping[str, Any]) -> None:
    """Write a file of the run beside its answers.

    Raises:
        InputError: if it cannot be written.
    """
    try:
        write_json(dict(content), out / name)
    except OSError as error:
        raise cannot_write(out, error) from None


def model_digest(model: str) -> str:
    """Of the network's file, of a run folder's `model.keras`; else "".

    Example:

    >>> model_digest("base") != model_digest("tiny")
    True
    """
    path = find_pretrained(model)
    file = path if path.is_file() else path / "model.keras"
    if not file.is_file():
        return ""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]
