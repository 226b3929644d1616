"""Boxes, thresholds and scores of peers of attributes, and scores of ours."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from accuracy import both_passes, look
from attribute_sets import LabelledSet
from placement import Placement, calibrated
from predictors import Predictor

from facemtl.data.faces import Faces
from facemtl.evaluation.scores import score_classes
from facemtl.geometry.crops import square_windows
from facemtl.tasks import SMILE, Task

ROUGHLY = 5  # Each fifth face is enough to search from far.
THRESHOLDS = np.arange(1, 100) / 100
KEPT = ("accuracy", "balanced_accuracy", "n")


def probabilities(
    peer: Predictor, placement: Placement, faces: Faces, photos: Any
) -> np.ndarray:
    """The first class's (N,), from boxes so placed."""
    (task,) = peer.tasks
    windows = square_windows(placement.boxes(faces.boxes), peer.crop.margin)
    upright = np.zeros(len(photos))
    return look(peer, photos, windows, upright)[task.name][:, 0]


def place(
    peer: Predictor, faces: Faces, photos: Sequence[np.ndarray]
) -> dict[str, Any]:
    """The box with the least mean distance of probability and label.

    Returns:
        `box` with this `error` in %, and the `threshold` from which on the
        first class is meant: one half, but of smiles the one of the highest
        accuracy.
    """
    (task,) = peer.tasks
    truth = faces.labels[task.name] == 0

    def error(placement: Placement, every: int) -> float:
        some = faces.select(np.arange(0, len(faces), every))
        found = probabilities(peer, placement, some, photos[::every])
        return 100 * float(np.abs(found - truth[::every]).mean())

    placement, least = calibrated(
        lambda x: error(x, ROUGHLY), lambda x: error(x, 1)
    )
    box = asdict(placement) | {"error": round(least, 2)}
    if task != SMILE:
        return {"box": box, "threshold": 0.5}
    found = probabilities(peer, placement, faces, photos)
    return {"box": box, "threshold": best_threshold(found, truth)}


def best_threshold(found: np.ndarray, truth: np.ndarray) -> float:
    """The probability (N,) from which on most labels (N,) bool are met.

    Example:

    >>> found = np.array([0.1, 0.2, 0.3, 0.9])
    >>> best_threshold(found, np.array([False, False, True, True]))
    0.21
    """
    right = [((found >= x) == truth).mean() for x in THRESHOLDS]
    return float(THRESHOLDS[int(np.argmax(right))])


def peer_scores(
    peer: Predictor, placed: Mapping[str, Any], given: LabelledSet
) -> dict[str, Any]:
    """{task: scores} of a peer with its box and threshold; {} unlabelled."""
    (task,) = peer.tasks
    if not given.labelled(task):
        return {}
    given = given.each(peer.every)
    sides = {k: x for k, x in placed["box"].items() if k != "error"}
    place_ = Placement(**sides)
    found = probabilities(peer, place_, given.faces, given.photos)
    first = found >= placed["threshold"]
    return class_scores(given, task, np.stack([first, ~first], 1))


def class_scores(
    given: LabelledSet, task: Task, found: np.ndarray
) -> dict[str, Any]:
    """{task: scores} of probabilities (N, K) of faces that have labels."""
    labels = given.faces.labels[task.name]
    known = task.is_labelled(labels)

    def of(some: np.ndarray) -> dict[str, float]:
        shares = found[some].astype(float)
        scores = score_classes(labels[some], shares, task)
        return {x: scores[x] for x in KEPT}

    years = {k: of(known & x) for k, x in given.years.items()}
    return {task.name: of(known) | ({"years": years} if years else {})}


def own_scores(network: Predictor, given: LabelledSet) -> dict[str, Any]:
    """{task: scores} of a network of facemtl with two passes."""
    boxes = Placement().boxes(given.faces.boxes)
    _, found, again = both_passes(network, given.photos, boxes)
    scores: dict[str, Any] = {"again": round(100 * again / len(boxes), 1)}
    for task in network.tasks:
        if task.kind == "classes" and given.labelled(task):
            scores |= class_scores(given, task, found[task.name])
    return scores
