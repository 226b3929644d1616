"""Records of a run's rows, so that a resumed run uses the same rows.

`rows.json` in a run folder holds the number of faces of each split and a hash
of their names, boxes and labels, but not the path of their file. Numbers are
rounded, because the last bits of synthetic faces depend on the processor and
on NumPy.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.data.faces import Faces
from facemtl.errors import InputError
from facemtl.files.kept import read_kept, read_object
from facemtl.files.writing import write_json
from facemtl.words import plural

FILE = "rows.json"
DIGITS = 3  # decimals of pixels, and of values such as ages
# Settings of where rows come from; `rows.json` identifies the rows themselves.
PLACES = (
    *("data.source", "data.tasks"),
    *("data.cache", "data.cache_gigabytes"),
)

Parts = Mapping[str, Faces | None]


def keep_rows(folder: Path, stage: str, parts: Parts) -> None:
    """Record the rows of a run; check them if the run is resumed.

    Args:
        folder: the run folder.
        stage: `"labels"` for all rows that were read, `"crops"` for those with
            usable photos.
        parts: the faces of each split; None if a split is empty.

    Raises:
        InputError: if the folder's run has other rows.
    """
    known = known_rows(folder)
    if stage in known:
        check_rows(folder, known[stage], parts)
    else:
        write_json({**known, stage: describe_rows(parts)}, folder / FILE)


def known_rows(folder: Path) -> dict[str, Any]:
    """Return the recorded rows of a run; empty if there is no record."""
    file = folder / FILE
    if not file.is_file():
        return {}
    advice = (
        "Remove it, if labels and photos are those that the run began with."
    )
    return read_kept(file, read_object, advice)


def check_rows(folder: Path, known: Mapping[str, Any], parts: Parts) -> None:
    """Raise `InputError` if a run's rows differ from those at its start."""
    found = describe_rows(parts)
    for part, before in known.items():
        now = found[part]
        if now != before and not _as_before(before, now, parts[part]):
            raise InputError(
                f"{folder} holds a run on other rows: {part} had "
                f"{_faces(before)}, and has {_faces(now)} now"
                f"{'' if now['faces'] != before['faces'] else ' that differ'}. "
                "Restore the labels and photos, or give another folder (--out "
                "on the command line)."
            )


def _faces(part: Mapping[str, Any]) -> str:
    return f"{part['faces']} {plural(part['faces'], 'face')}"


def _as_before(
    before: Mapping[str, Any], now: Mapping[str, Any], faces: Faces | None
) -> bool:
    """Compare with an entry of an earlier facemtl, which did not round.

    Synthetic faces with equal names are equal.
    """
    if faces is None or "rounded" in before:
        return False
    if all(str(name).startswith("drawn/") for name in faces.names):
        return bool(before["faces"] == now["faces"])
    return bool(before["hash"] == _hash(faces, lambda values: values))


def describe_rows(parts: Parts) -> dict[str, dict[str, Any]]:
    """Return {part: number of faces, and hash of names, boxes and labels}."""
    return {
        part: {
            "faces": 0 if faces is None else len(faces),
            "rounded": "" if faces is None else _hash(faces, _rounded),
        }
        for part, faces in parts.items()
    }


def _rounded(values: np.ndarray) -> np.ndarray:
    # 0.0 is added since -0.0 has other bits.
    return np.round(values, DIGITS) + 0.0


def _hash(faces: Faces, bits_of: Callable[[np.ndarray], np.ndarray]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    digest.update(json.dumps(faces.names.tolist()).encode())
    digest.update(np.ascontiguousarray(bits_of(faces.boxes)).tobytes())
    for task in faces.tasks:
        # A normalizer of scores may be added between start and resume.
        learned = replace(task, normalizer=None).to_dict()
        digest.update(json.dumps(learned, sort_keys=True).encode())
        label = bits_of(faces.labels[task.name])
        digest.update(np.ascontiguousarray(label).tobytes())
    return digest.hexdigest()
