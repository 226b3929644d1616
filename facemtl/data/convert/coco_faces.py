"""Read the faces among the annotations of a COCO JSON."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from facemtl.data.checks import LARGEST, NOT_A_NUMBER, TRUNCATED
from facemtl.data.convert.coco_file import BODY, CocoFile
from facemtl.data.convert.photos import photo_folder
from facemtl.data.faces import BadRows
from facemtl.errors import InputError, RowError
from facemtl.words import plural

UNKNOWN_PHOTO = "unknown photo"


class CocoFace(NamedTuple):
    """One annotation.

    Attributes:
        photo: the photo's absolute path.
        row: the place of the annotation, for messages.
        box: (4,) left, top, right, bottom; NaN if there is none.
        points: (P, 2) pixels; NaN if a point is missing.
        visible: (P,) 0 (missing), 1 (occluded) or 2 (visible).
    """

    photo: str
    row: str
    box: np.ndarray
    points: np.ndarray
    visible: np.ndarray


def read_faces(
    coco: CocoFile, photos: Path | None, bad: BadRows, left_out: Counter[str]
) -> Iterator[CocoFace]:
    """Yield the valid annotations of the chosen category.

    Args:
        coco: the file.
        photos: the folder that `file_name` is relative to; None searches it.
        bad: how to handle invalid annotations.
        left_out: counts annotations that are not labelled faces, by reason.
    """
    names = _photos(coco, photos)
    for i, entry in enumerate(coco.annotations, 1):
        where = f"{coco.path}, annotation {entry.get('id', f'no. {i}')}"
        try:
            why = _unused(coco, entry)
            if why:
                left_out[why] += 1
                continue
            box, points, visible = _box(coco, entry), *_points(coco, entry)
            photo = names.get(_image_id(entry.get("image_id")))
            if photo is None:
                detail = f"image_id is {entry.get('image_id')!r}"
                raise RowError(UNKNOWN_PHOTO, detail)
            yield CocoFace(photo, where, box, points, visible)
        except RowError as error:
            bad.report(where, error.reason, error.detail)


def _photos(coco: CocoFile, given: Path | None) -> dict[Any, str]:
    """Return {image id: absolute path of the photo}."""
    names: dict[Any, str] = {}
    for entry in coco.images:
        if entry.get("file_name"):
            key, name = _image_id(entry.get("id")), str(entry["file_name"])
            name = name.replace("\\", "/")
            if names.setdefault(key, name) != name:
                raise InputError(
                    f"{coco.path}: expected images with unique ids. "
                    f"Received: id {key!r} of {names[key]} and of {name}. "
                    "Files that were merged need new ids."
                )
    first = next(iter(names.values()), "")
    root = photo_folder(given, _likely(coco.path), first)
    return {key: (root / name).as_posix() for key, name in names.items()}


def _image_id(value: object) -> object:
    """Return an image's id; as text if it is neither a number nor a text."""
    return value if isinstance(value, int | float | str) else repr(value)


def _likely(path: Path) -> list[Path]:
    """Return folders where the photos of a JSON usually lie."""
    word = re.split(r"[_\-.]", path.stem)[-1]
    return [
        folder / name
        for folder in (path.parent, path.parent.parent)
        for name in ("", "images", "data", word, f"images/{word}")
    ]


def _unused(coco: CocoFile, entry: Mapping[str, Any]) -> str:
    """Return why an annotation is left out; "" if it is a labelled face."""
    if entry.get("category_id") != coco.category:
        return "of other categories"
    if entry.get("iscrowd"):
        return "of crowds"
    valid = coco.keys == BODY or entry.get("face_valid", True)
    if not valid or not any(_numbers(entry, coco.keys.points)[2::3]):
        return "without labelled points"
    return ""


def _points(
    coco: CocoFile, entry: Mapping[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Read the points (P, 2) and visibility (P,) of an annotation."""
    values, size = _numbers(entry, coco.keys.points), coco.task.size
    if len(values) != 3 * size:
        raise RowError(
            TRUNCATED,
            f"{coco.keys.points} has {len(values)} numbers, expected x, y, v "
            f"of {size} {plural(size, 'point')}",
        )
    triples = np.array(values, np.float64).reshape(-1, 3)
    v = triples[:, 2]
    if coco.keys != BODY:
        # COCO-WholeBody has confidences; above 0, a point is reliable.
        v = np.where((v > 0) & (v != 1), 2, v)
    odd = ~np.isin(v, (0, 1, 2))
    if odd.any():
        detail = f"v is {v[odd][0]:g}, expected 0 (missing), 1 or 2"
        raise RowError(NOT_A_NUMBER, detail)
    points = np.where(v[:, None] > 0, triples[:, :2], np.nan)
    return points, v.astype(np.int64)


def _box(coco: CocoFile, entry: Mapping[str, Any]) -> np.ndarray:
    """Read (4,) left, top, right, bottom; NaN if there is no box."""
    values = _numbers(entry, coco.keys.box)
    if not values:
        return np.full(4, np.nan)
    if len(values) != 4:
        raise RowError(
            TRUNCATED,
            f"{coco.keys.box} has {len(values)} numbers, expected x, y, "
            "width, height",
        )
    x, y, width, height = values
    return np.array([x, y, x + width, y + height], np.float64)


def _numbers(entry: Mapping[str, Any], key: str) -> list[float]:
    """Read a list of finite numbers; return [] if the key is missing."""
    values = entry.get(key) or []
    if (
        not isinstance(values, list)
        or not set(map(type, values)) <= {int, float}
        or not all(-LARGEST <= value <= LARGEST for value in values)
    ):
        raise RowError(NOT_A_NUMBER, f"{key} is no list of finite numbers")
    return values
