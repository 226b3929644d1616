"""Make a `Face` of the predictions for one face."""

from collections.abc import Mapping, Sequence

import numpy as np

from facemtl.inference.face import Attribute, Face, Point
from facemtl.tasks import Task


def make_face(
    tasks: Sequence[Task],
    predictions: Mapping[str, np.ndarray],
    box: np.ndarray,
    score: float = np.nan,
) -> Face:
    """Return a `Face` from the predictions for one face.

    Args:
        tasks: tasks of the network.
        predictions: {task: array}: points (P, 2) in photo pixels, probabilities
            (K,), values (1,).
        box: (4,) in photo pixels.
        score: score of the detection; NaN for a given box.
    """
    points: dict[str, Point] = {}
    attributes: dict[str, Attribute] = {}
    values: dict[str, float] = {}
    for task in tasks:
        prediction = predictions[task.name]
        if task.kind == "landmarks":
            for name, (x, y) in zip(
                task.names, prediction.tolist(), strict=True
            ):
                # Two landmarks tasks may have a point name in common.
                key = f"{task.name} {name}" if name in points else name
                points[key] = (x, y)
        elif task.kind == "classes":
            attributes[task.name] = _attribute(task, prediction)
        else:
            values[task.name] = float(prediction[0])
    left, top, right, bottom = (float(x) for x in box)
    found = None if np.isnan(score) else float(score)
    return Face((left, top, right, bottom), points, attributes, values, found)


def _attribute(task: Task, probabilities: np.ndarray) -> Attribute:
    best = int(probabilities.argmax())
    every = dict(zip(task.names, probabilities.tolist(), strict=True))
    return Attribute(task.names[best], float(probabilities[best]), every)
