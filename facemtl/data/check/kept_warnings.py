"""The warnings of `fit`, kept with the crops for the next run."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from facemtl.data.faces import Faces
from facemtl.files.cache_place import cache_folder
from facemtl.files.cache_room import mark_use
from facemtl.files.kept import kept_or_made, read_json
from facemtl.files.writing import write_json

VERSION = 1  # Increase it when warnings change.


def kept_warnings(
    cache: str | Path, depends: Iterable[bytes], make: Callable[[], list[str]]
) -> list[str]:
    """Return the lines of `make`, or those of an earlier run.

    Args:
        cache: the folder that keeps them; see `cache_folder`.
        depends: everything that the lines depend on.
        make: returns the lines.
    """
    folder = cache_folder(cache)
    if folder is None:
        return make()
    key = hashlib.blake2b(f"{VERSION}".encode(), digest_size=8)
    for part in depends:
        key.update(part)
    file = folder / f"warnings-{key.hexdigest()}.json"
    return kept_or_made(file, _read, make, write_json)


def _read(file: Path) -> list[str]:
    lines = read_json(file)
    if not (isinstance(lines, list) and all(isinstance(x, str) for x in lines)):
        raise ValueError("no list of lines in it")
    mark_use(file)
    return lines


def parts_of(faces: Faces) -> Iterable[bytes]:
    """Yield everything that checks of labels and photos' headers depend on."""
    yield repr(faces.tasks).encode()
    yield faces.boxes.tobytes()
    yield faces.source_numbers().tobytes()
    for name in sorted(faces.labels):
        yield faces.labels[name].tobytes()
    stamps = [f"{x} {faces.images.stamp(x)}" for x in faces.names.tolist()]
    yield "\n".join([*stamps, *faces.rows.tolist(), ""]).encode()
