"""Make a `Face` of the predictions for one face."""

from collections.abc import Mapping, Sequence

import numpy as np

from facemtl.inference.face import Attribute, Face, Point
from facemtl.tasks import Task, sigma_name


def make_face(
    tasks: Sequence[Task],
    predictions: Mapping[str, np.ndarray],
    box: np.ndarray,
    score: float = np.nan,
    confidence: float = np.nan,
) -> Face:
    """Return a `Face` from the predictions for one face.

    Args:
        tasks: tasks of the network.
        predictions: {task: array}: points (P, 2) in photo pixels, probabilities
            (K,), values (1,); and deviations of points (P,) in photo pixels
            under `sigma_name(task)`, if the network predicts them.
        box: (4,) in photo pixels.
        score: score of the detection; NaN for a given box.
        confidence: probability that the box shows a face; NaN if unknown.
    """
    points: dict[str, Point] = {}
    attributes: dict[str, Attribute] = {}
    values: dict[str, float] = {}
    sigma: dict[str, float] = {}
    for task in tasks:
        prediction = predictions[task.name]
        if task.kind == "landmarks":
            # Two landmarks tasks may have a point name in common.
            keys = [
                f"{task.name} {name}" if name in points else name
                for name in task.names
            ]
            places = [(x, y) for x, y in prediction.tolist()]
            points |= dict(zip(keys, places, strict=True))
            if sigma_name(task) in predictions:
                widths = predictions[sigma_name(task)].tolist()
                sigma |= dict(zip(keys, widths, strict=True))
        elif task.kind == "classes":
            attributes[task.name] = _attribute(task, prediction)
        else:
            values[task.name] = float(prediction[0])
    left, top, right, bottom = (float(x) for x in box)
    return Face(
        (left, top, right, bottom),
        points,
        attributes,
        values,
        _known(score),
        sigma,
        _known(confidence),
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _attribute(task: Task, probabilities: np.ndarray) -> Attribute:
    best = int(probabilities.argmax())
    every = dict(zip(task.names, probabilities.tolist(), strict=True))
    return Attribute(task.names[best], float(probabilities[best]), every)
