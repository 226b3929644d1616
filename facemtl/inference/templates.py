"""Templates: where the points of a face lie in an aligned crop."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from facemtl.arguments import is_number
from facemtl.errors import InputError
from facemtl.geometry.similarity import Similarity, fit_similarity
from facemtl.tasks import Task
from facemtl.words import one_line

# A name of `TEMPLATES`, or {point: (x, y)} in the unit square of the crop.
Template = str | Mapping[str, tuple[float, float]]

# InsightFace's positions in crops of 112 pixels, on which ArcFace networks are
# trained. "Left" is the left of the image.
_ARCFACE = {
    "left eye": (38.2946, 51.6963),
    "right eye": (73.5318, 51.5014),
    "nose": (56.0252, 71.7366),
    "left mouth corner": (41.5493, 92.3655),
    "right mouth corner": (70.7299, 92.2041),
}
TEMPLATES: dict[str, Mapping[str, tuple[float, float]]] = {
    # Pixels count from 0 at the centre of the first.
    "arcface": {
        k: ((x + 0.5) / 112, (y + 0.5) / 112) for k, (x, y) in _ARCFACE.items()
    }
}
# The names of template points in the layouts points68 and points98.
_OTHER_NAMES = {
    "nose": "nose bridge 4",
    "left mouth corner": "outer lip 1",
    "right mouth corner": "outer lip 7",
}


def aligning(
    points: Mapping[str, tuple[float, float]], size: int, template: Template
) -> Similarity:
    """Return the similarity from photo pixels to pixels of an aligned crop.

    A point of the template is the face's point of that name; or else the mean
    of its numbered points, as "left eye 1" to "left eye 6" for "left eye"; or
    else the point by which the layouts of 68 and 98 points call it.

    Args:
        points: {name: (x, y)} of the face in photo pixels.
        size: width and height of the crop in pixels.
        template: "arcface", or {point: (x, y)} of two or more points, from
            (0, 0) at the top left corner of the crop to (1, 1).

    Raises:
        InputError: for an unknown template, one with points that the face
            lacks, or points that do not determine a similarity.
    """
    wanted = read_template(template)
    check_points(points, wanted)
    found = places(points, wanted)
    if found is None or not np.isfinite(found).all():
        raise InputError(
            "Expected points that are finite numbers, to align a face. "
            "Received: NaN or infinity."
        )
    targets = np.array([*wanted.values()]) * size - 0.5
    return fit_similarity(found, targets)


def read_template(template: Any) -> Mapping[str, tuple[float, float]]:
    """Return {point: (x, y)} of a template.

    Raises:
        InputError: for an unknown name, fewer than two points, or positions
            that are not two finite numbers.

    Example:

    >>> list(read_template("arcface"))[:3]
    ['left eye', 'right eye', 'nose']
    """
    given = template
    if isinstance(template, str):
        given = TEMPLATES.get(template)
    places = list(given.values()) if isinstance(given, Mapping) else []
    names = list(given) if isinstance(given, Mapping) else []
    good = all(isinstance(name, str) for name in names) and len(names) >= 2
    if not good or not all(map(_is_place, places)):
        raise InputError(
            f"Expected a template in {list(TEMPLATES)}, or {{point: (x, y)}} "
            "with two or more points, from (0, 0) at the crop's top left "
            f"corner to (1, 1). Received: {one_line(repr(template))[:80]}."
        )
    return {
        name: (float(x), float(y))
        for name, (x, y) in zip(names, places, strict=True)
    }


def check_points(
    points: Mapping[str, Any], template: Mapping[str, tuple[float, float]]
) -> None:
    """Raise `InputError` for a template with points that the face lacks.

    Args:
        points: the names of the face's points.
        template: {point: (x, y)}.
    """
    missing = [name for name in template if not _names(points, name)]
    if missing:
        some = ", ".join([*points][:8]) + (", …" if len(points) > 8 else "")
        raise InputError(
            f"Expected a face with the points of the template. Received: one "
            f"without {', '.join(missing)}. Give a template of points that it "
            f"has: {some or 'it has none'}."
        )


def check_network(tasks: Sequence[Task], option: str) -> None:
    """Raise `InputError` if faces of a network cannot be aligned by ArcFace's.

    Args:
        tasks: tasks of the network.
        option: the option that needs it, for the message.
    """
    names = [
        name
        for task in tasks
        if task.kind == "landmarks"
        for name in task.names
    ]
    try:
        check_points(dict.fromkeys(names), TEMPLATES["arcface"])
    except InputError as error:
        raise InputError(f"{option}: {error}") from None


def places(
    points: Mapping[str, tuple[float, float]], names: Iterable[str]
) -> np.ndarray | None:
    """Return the points of a face by their names in templates, (P, 2).

    A name stands for the face's point of that name; or else for the mean of
    its numbered points; or else for a point of points68 and points98 (see
    `aligning`). None if the face lacks one.

    Example:

    >>> places({"left eye 1": (1.0, 2.0), "left eye 2": (3.0, 2.0)}, ["nose"])
    >>> places({"left eye 1": (1, 2), "left eye 2": (3, 2)}, ["left eye"])
    array([[2., 2.]])
    """
    own = [_names(points, name) for name in names]
    if not all(own):
        return None
    return np.array([np.mean([points[x] for x in xs], axis=0) for xs in own])


def _names(points: Mapping[str, Any], name: str) -> list[str]:
    """Return the face's points whose mean is a point of a template."""
    if name in points:
        return [name]
    numbered = re.compile(re.escape(name) + " [0-9]+")
    other = _OTHER_NAMES.get(name)
    return [x for x in points if numbered.fullmatch(x)] or [
        x for x in points if x == other
    ]


def _is_place(place: Any) -> bool:
    try:
        numbers = [*place]
    except TypeError:
        return False
    return len(numbers) == 2 and all(map(is_number, numbers))
