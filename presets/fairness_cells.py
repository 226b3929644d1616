"""Scores of attributes in cells of people: by age, group, gender."""

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from people import AGES, Person
from reliability_chart import wilson

from facemtl.data.faces import Faces
from facemtl.evaluation.faces import predict_faces
from facemtl.geometry.crops import square_windows
from facemtl.inference.runtimes.runtime import Network
from facemtl.tasks import LANDMARKS, Task, sigma_name

SURE = 0.8  # the least probability of a prediction that is kept
SURER = (0.9, 0.95)  # further ones
GAP = 5.0  # points of accuracy below the best cell, from which on it is named
TASKS = ("gender", "smile", "glasses")

Cells = dict[str, np.ndarray]  # {cell: (N,) bool}


def measured(
    network: Network, faces: Faces, people: Mapping[str, Person]
) -> dict[str, Any]:
    """Return {task: {grouping: {cell: scores}}}, with two passes.

    Args:
        network: predicts the faces.
        faces: labelled faces of one part of MORE.
        people: see `read_people`; it may lack the faces.
    """
    faces, found = predict_faces(network, faces, verbose=0)
    groupings = groupings_of(faces, people)
    sure = face_confidence(network, faces, found)
    result: dict[str, Any] = {}
    for task in network.tasks:
        labels = faces.labels[task.name]
        if task.name not in TASKS or not task.is_labelled(labels).any():
            continue

        def scores(cell: np.ndarray, task: Task = task) -> dict[str, Any]:
            some = cell & task.is_labelled(faces.labels[task.name])
            shares = found[task.name][some]
            right = shares.argmax(1) == faces.labels[task.name][some]
            return {
                **cell_scores(right, shares.max(1)),
                **{name: _percent(x[some]) for name, x in sure.items()},
            }

        result[task.name] = {
            name: {
                k: scores(cell)
                for k, cell in cells.items()
                if (cell & task.is_labelled(labels)).any()
            }
            for name, cells in groupings.items()
            if name != task.name or task.name == "gender"
        }
    return result


def groupings_of(
    faces: Faces, people: Mapping[str, Person]
) -> dict[str, Cells]:
    """Return {grouping: cells}, of the labels, ages and groups that are known.

    Ages and groups are crossed with the labelled gender.
    """
    groupings: dict[str, Cells] = {"all": {"all": np.ones(len(faces), bool)}}
    names = [Path(name).name for name in faces.names]
    if all(name in people for name in names):
        years = np.array([people[name].years for name in names])
        groups = np.array([people[name].group for name in names])
        groupings["age"] = {x: years == x for x in AGES}
        groupings["group"] = {x: groups == x for x in np.unique(groups)}
    for task in faces.tasks:
        labels = faces.labels[task.name]
        if task.name in TASKS and task.is_labelled(labels).any():
            groupings[task.name] = {
                name: labels == i for i, name in enumerate(task.names)
            }
    for name in ("age", "group"):
        if name in groupings:
            pairs = product(groupings[name], groupings["gender"])
            groupings[f"{name} and gender"] = {
                f"{x}, {y}": groupings[name][x] & groupings["gender"][y]
                for x, y in pairs
            }
    return groupings


def cell_scores(right: np.ndarray, sure: np.ndarray) -> dict[str, Any]:
    """Return the scores of one cell; shares are in %, with 95 % intervals.

    `surer` has the faces, and the share that is right, from `SURER` on.

    Args:
        right: (N,) bool.
        sure: (N,) probabilities of the predicted class.

    Example:

    >>> scores = cell_scores(np.array([True, False]), np.array([0.9, 0.6]))
    >>> scores["accuracy"][0], scores["below"], scores["kept"][0]
    (50.0, 50.0, 100.0)
    """
    kept = sure >= SURE
    return {
        "n": len(right),
        "accuracy": _share(right),
        "probability": round(100 * float(sure.mean()), 2),
        "below": _percent(~kept),
        "kept": _share(right[kept]) if kept.any() else None,
        "surer": {
            f"{x:g}": [int(kept.sum()), _percent(right[kept])]
            for x in SURER
            if (kept := sure >= x).any()
        },
    }


def face_confidence(
    network: Network, faces: Faces, found: Mapping[str, np.ndarray]
) -> Cells:
    """Return `confidence`, whether `Face.confidence` is 0.5 or more, (N,).

    And `sigma_box`, the mean σ of the points in sides of the box; {} for a
    network that predicts no deviations.
    """
    fit = getattr(network, "sigma", {}).get(LANDMARKS.name)
    if fit is None:
        return {}
    pixels = found[sigma_name(LANDMARKS)]
    windows = square_windows(faces.boxes, network.crop.margin)
    sides = square_windows(faces.boxes)[:, 2]
    return {
        "confidence": fit.confidence(pixels / windows[:, 2:]) >= 0.5,
        "sigma_box": pixels.mean(axis=1) / sides,
    }


def gaps(scores: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the cells whose accuracy is more than `GAP` below the best one's.

    Args:
        scores: {task: {grouping: {cell: scores}}}.

    Returns:
        A row per cell, with the `difference` to the best cell of the grouping
        in points, and its 95 % interval by Newcombe's method (the interval of
        a best cell is not corrected for its choice).
    """
    rows = []
    for task, groupings in scores.items():
        for grouping, cells in groupings.items():
            best = max(cells, key=lambda x: cells[x]["accuracy"][0])
            for name, cell in cells.items():
                found = difference(cells[best]["accuracy"], cell["accuracy"])
                if found[0] > GAP:
                    where = {"task": task, "grouping": grouping, "cell": name}
                    rows.append({**where, "best": best, "difference": found})
    return rows


def difference(one: list[float], other: list[float]) -> list[float]:
    """Return the difference of two shares with its 95 % interval.

    Args:
        one, other: a share and the ends of its Wilson interval.

    Example:

    >>> difference([90.0, 80.0, 95.0], [70.0, 60.0, 78.0])
    [20.0, 7.19, 31.18]

    Reference: Newcombe, "Interval estimation for the difference between
    independent proportions", Statistics in Medicine 1998, method 10.
    """
    apart = one[0] - other[0]
    low = apart - float(np.hypot(one[0] - one[1], other[2] - other[0]))
    high = apart + float(np.hypot(one[2] - one[0], other[0] - other[1]))
    return [round(x, 2) for x in (apart, low, high)]


def _share(right: np.ndarray) -> list[float]:
    share, n = np.array([right.mean()]), np.array([len(right)])
    ends = wilson(share, n)
    return [round(100 * float(x[0]), 2) for x in (share, *ends)]


def _percent(shares: np.ndarray) -> float:
    return round(100 * float(shares.mean()), 2)
