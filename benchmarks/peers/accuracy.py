"""How exact a predictor is, plain and with its label shift taken off."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from placement import Placement, calibrated
from predictors import Predictor

from facemtl.data.faces import BadRows, Faces
from facemtl.data.sources import load_split
from facemtl.evaluation.scores import headline, score
from facemtl.geometry.crops import SAMPLES, crop, square_windows, to_photo
from facemtl.inference.runtimes.runtime import Answers
from facemtl.inference.second_pass import run_second_pass
from facemtl.settings import DataSettings

ROUGHLY = 5  # Each fifth face is enough to search from far.


class WholePhoto(Protocol):
    """What finds the face by itself."""

    def points(self, photo: np.ndarray, box: np.ndarray) -> np.ndarray | None:
        """(5, 2) in photo pixels; None where it finds no face."""
        ...


def shown(
    data: str, split: str, n: int, settings: DataSettings | None = None
) -> tuple[Faces, list[np.ndarray]]:
    """At most n faces, evenly out of a split, with their photos."""
    faces = load_split(data, split, (), BadRows(), settings)
    index = np.linspace(0, len(faces) - 1, min(n, len(faces)), dtype=int)
    faces = faces.select(index)
    return faces, [faces.images.read(name) for name in faces.names]


def cut(
    predictor: Predictor,
    photo: np.ndarray,
    window: np.ndarray,
    degrees: float = 0.0,
) -> np.ndarray:
    """One face as the predictor wants it; the window is (3,) in pixels."""
    spec = predictor.crop
    # As many as a crop pixel has photo pixels keep a large photo from aliasing.
    needed = min(math.ceil(window[2] / spec.size), SAMPLES)
    samples = predictor.samples or needed
    return crop(photo, window, spec.size, spec.color, samples, degrees)


def answers(
    predictor: Predictor, photos: Sequence[np.ndarray], boxes: np.ndarray
) -> Answers:
    """Answers about N photos with a box each, the points in photo pixels."""
    windows = square_windows(boxes, predictor.crop.margin)
    found = look(predictor, photos, windows, np.zeros(len(photos)))
    return {**found, "landmarks": to_photo(found["landmarks"], windows)}


def both_passes(
    predictor: Predictor, photos: Sequence[np.ndarray], boxes: np.ndarray
) -> tuple[Answers, Answers, int]:
    """What one pass predicts, and what two; how many had a second."""
    margin = predictor.crop.margin
    windows = square_windows(boxes, margin)
    again = 0

    def ask(index: np.ndarray, *where: np.ndarray) -> Answers:
        nonlocal again
        again = len(index)
        return look(predictor, [photos[i] for i in index], *where)

    first = look(predictor, photos, windows, np.zeros(len(photos)))
    own = predictor.box_convention
    second = run_second_pass(first, predictor.tasks, own, margin, windows, ask)
    one, two = (
        {**found, "landmarks": to_photo(found["landmarks"], windows)}
        for found in (first, second)
    )
    return one, two, again


def look(
    predictor: Predictor,
    photos: Sequence[np.ndarray],
    windows: np.ndarray,
    turns: np.ndarray,
) -> Answers:
    """Answers about a window (3,) in each photo, in units of the windows."""
    faces = [
        predictor.answer(cut(predictor, photo, window, turn))
        for photo, window, turn in zip(photos, windows, turns, strict=True)
    ]
    return {task: np.stack([x[task] for x in faces]) for task in faces[0]}


def shift_free(faces: Faces, points: np.ndarray) -> np.ndarray:
    """Points (N, 5, 2) less their mean error, for each of the five.

    Means are in box widths. Labels of another convention (where an eye's
    centre is, say) bring such errors, which say nothing of a predictor.
    """
    width = (faces.boxes[:, 2] - faces.boxes[:, 0])[:, None, None]
    offset = (points - faces.labels["landmarks"]) / width
    return points - width * offset.mean(axis=0)


def scored(faces: Faces, found: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The project's scores, `plain` and `shift_free`."""
    free = {"landmarks": shift_free(faces, found["landmarks"])}
    return {
        "plain": headline(score(faces, found)),
        "shift_free": headline(score(faces, free))["landmarks"],
    }


def measured(
    predictor: Predictor,
    placement: Placement,
    faces: Faces,
    photos: Sequence[np.ndarray],
) -> dict[str, Any]:
    """Scores of a predictor on all faces, with boxes so placed.

    Ours also have `second_look`, and with how many percent of the faces
    looked at `again`.
    """
    faces = faces.including(predictor.tasks)
    boxes = placement.boxes(faces.boxes)
    scores = scored(faces, answers(predictor, photos, boxes))
    if not predictor.looks_again:
        return scores
    _, found, again = both_passes(predictor, photos, boxes)
    share = round(100 * again / len(faces), 1)
    return {**scores, "second_look": {**scored(faces, found), "again": share}}


def measured_whole(
    detector: WholePhoto, faces: Faces, photos: Sequence[np.ndarray]
) -> dict[str, Any]:
    """Scores on the faces that are found, and their number."""
    points = [
        detector.points(photo, box)
        for photo, box in zip(photos, faces.boxes, strict=True)
    ]
    known = np.array([x is not None for x in points])
    found = np.stack([x for x in points if x is not None])
    return {
        "found": int(known.sum()),
        **scored(faces.select(known), {"landmarks": found}),
    }


def place(
    predictor: Predictor, faces: Faces, photos: Sequence[np.ndarray]
) -> tuple[Placement, float]:
    """The placement of the least mean error, and it in % of the box."""

    def error(placement: Placement, every: int) -> float:
        some = faces.select(np.arange(0, len(faces), every))
        boxes = placement.boxes(some.boxes)
        found = answers(predictor, photos[::every], boxes)["landmarks"]
        off = np.linalg.norm(found - some.labels["landmarks"], axis=-1)
        width = (some.boxes[:, 2] - some.boxes[:, 0])[:, None]
        return 100 * float((off / width).mean())

    return calibrated(
        lambda placement: error(placement, ROUGHLY),
        lambda placement: error(placement, 1),
    )
