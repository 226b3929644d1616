"""`Face`: the predictions for one face in a photo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from facemtl.tasks import Task

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Attribute:
    """The most probable class of an attribute.

    Attributes:
        name: name of the class, such as "yes".
        probability: probability of that class, 0 to 1.
        probabilities: {class: probability} of all classes.
    """

    name: str
    probability: float
    probabilities: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Face:
    """One face in a photo.

    Attributes:
        box: left, top, right, bottom of the network's input in photo pixels.
        points: {name: (x, y)} in photo pixels, counted from 0 at the centre
            of the first pixel. "Left" is the left of the image.
        attributes: {task: class and probability}.
        values: {task: number} of value tasks.
        score: score of the detection, 0 to 1; None for a given box.

    Example:

    >>> face = Face((0.0, 0.0, 9.0, 9.0), {"nose": (4.5, 5.125)})
    >>> face.to_dict()["points"]
    {'nose': [4.5, 5.12]}
    """

    box: Box
    points: Mapping[str, Point] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)
    score: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return lists and numbers for JSON, with pixels rounded to 0.01."""
        attributes: dict[str, Any] = {
            task: {"class": x.name, "probability": round(x.probability, 4)}
            for task, x in self.attributes.items()
        }
        for task, value in self.values.items():
            attributes[task] = {"value": round(value, 4)}
        return {
            "box": [round(x, 2) for x in self.box],
            "points": {
                name: [round(x, 2), round(y, 2)]
                for name, (x, y) in self.points.items()
            },
            "attributes": attributes,
        }


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
