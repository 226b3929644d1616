"""Scores of networks on the validation faces of MTFL and MORE, and on AFLW."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from more_faces import ADULT
from people import read_people

# {part: (faces, predictions of each task)}
Found = dict[str, tuple[Any, dict[str, np.ndarray]]]


def predictions(network: Any, data: str, more: str) -> Found:
    """Return a network's predictions, with two passes."""
    from facemtl.data.faces import BadRows
    from facemtl.data.sources import load_split
    from facemtl.evaluation.faces import predict_faces

    parts = {
        "validation": (data, "val"),
        "test": (data, "test"),
        "MORE": (more, "val"),
    }
    found = {}
    for name, (source, split) in parts.items():
        faces = load_split(source, split, network.tasks, BadRows())
        found[name] = predict_faces(network, faces, verbose=0)
    return found


def mean_of(members: Sequence[Found]) -> Found:
    """Return the mean predictions of several networks."""
    return {
        part: (faces, _mean([member[part][1] for member in members]))
        for part, (faces, _) in members[0].items()
    }


def _mean(predicted: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    shared = set.intersection(*map(set, predicted))
    return {k: np.mean([x[k] for x in predicted], axis=0) for k in shared}


def scores_of(found: Found, people: str) -> dict[str, Any]:
    """Return the scores of all parts, and of the parts of MORE."""
    from facemtl.evaluation.scores import headline, score

    scores = {name: headline(score(*given)) for name, given in found.items()}
    faces, predicted = found["MORE"]
    for part, mask in more_parts(faces.names, people).items():
        some = {k: y[mask] for k, y in predicted.items()}
        scores[part] = headline(score(faces.select(mask), some))
    return scores


def more_parts(names: np.ndarray, people: str) -> dict[str, np.ndarray]:
    """Return masks of MORE's parts: UTKFace, its adults, and CelebA."""
    known = read_people(people)
    photos = [Path(str(name)) for name in names]
    utk = np.array([photo.parent.name == "utk" for photo in photos])
    adult = np.array(
        [
            photo.name in known and known[photo.name].age >= ADULT
            for photo in photos
        ]
    )
    return {"UTKFace": utk, "UTKFace from 15": utk & adult, "CelebA": ~utk}
