"""Read the sections and the names of keypoints of a COCO JSON."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from facemtl.data.convert.points import paired_by_name
from facemtl.errors import InputError
from facemtl.files.json_text import strict_json
from facemtl.files.reading import MOST_LABELS, read_limited
from facemtl.files.system_errors import reason
from facemtl.tasks import Task, load_layout

SECTIONS = ("images", "annotations", "categories")


class Keys(NamedTuple):
    """The keys of an annotation's points and box."""

    points: str
    box: str


BODY, FACE = Keys("keypoints", "bbox"), Keys("face_kpts", "face_box")


class CocoFile(NamedTuple):
    """The content of a COCO JSON.

    Attributes:
        path: the JSON.
        images: its images.
        annotations: its annotations.
        task: the points of the chosen category.
        keys: the keys of points and box in annotations.
        category: the chosen category's id.
    """

    path: Path
    images: list[Mapping[str, Any]]
    annotations: list[Mapping[str, Any]]
    task: Task
    keys: Keys
    category: Any


def open_coco(path: Path, category: str = "") -> CocoFile:
    """Read a JSON, and choose the category with keypoints.

    Args:
        path: the JSON.
        category: a category's name; required if several have keypoints.

    Raises:
        InputError: if the file is not a JSON of COCO's layout, or if the
            category is ambiguous.
    """
    content = _load(path)
    # COCO-WholeBody stores faces in the annotations of persons.
    whole_body = any(FACE.points in a for a in content["annotations"])
    entries = [
        entry
        for entry in content["categories"]
        if whole_body or entry.get("keypoints")
    ]
    chosen = _choose(path, entries, category)
    return CocoFile(
        path,
        content["images"],
        content["annotations"],
        load_layout("points68")
        if whole_body
        else _task(path, chosen["keypoints"]),
        FACE if whole_body else BODY,
        chosen.get("id"),
    )


def _load(path: Path) -> dict[str, list[Mapping[str, Any]]]:
    """Read the sections of a file of COCO's layout."""
    try:
        data = read_limited(path, MOST_LABELS)
        # NaN makes only one annotation invalid, which may be skipped.
        content = strict_json(data, finite=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: expected COCO's keypoints as JSON. Received: "
            f"{reason(error)}."
        ) from None
    if not isinstance(content, dict):
        content = {}
    missing = [key for key in SECTIONS if not _is_section(content.get(key))]
    if missing:
        raise InputError(
            f"{path}: expected COCO's lists {', '.join(SECTIONS)}. "
            f"Received: none of {', '.join(missing)}."
        )
    return {key: content[key] for key in SECTIONS}


def _is_section(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(x, dict) for x in value)


def _choose(
    path: Path, entries: list[Mapping[str, Any]], category: str
) -> Mapping[str, Any]:
    """Return the chosen category."""
    names = [str(entry.get("name")) for entry in entries]
    found = ", ".join(names) or "none"
    if category and names.count(category) != 1:
        raise InputError(
            f"{path}: expected --category as one of those with keypoints: "
            f"{found}. Received: {category}."
        )
    if not category and len(entries) != 1:
        advice = " Name one with --category." if entries else ""
        raise InputError(
            f"{path}: expected one category with keypoints. Received: {found}."
            f"{advice}"
        )
    return entries[names.index(category) if category else 0]


def _task(path: Path, names: object) -> Task:
    """Return the landmarks task of a category's keypoints."""
    if (
        not isinstance(names, list)
        or not all(isinstance(name, str) for name in names)
        or len(set(names)) < len(names)
    ):
        raise InputError(
            f"{path}: expected a category's keypoints as a list of distinct "
            f"names. Received: {names!r}."
        )
    return Task("landmarks", "landmarks", tuple(names), paired_by_name(names))
