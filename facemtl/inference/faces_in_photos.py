"""Predict detected faces of one or several photos together."""

from collections.abc import Sequence

import numpy as np

from facemtl.detection.found import Found
from facemtl.inference.face import Face
from facemtl.inference.make_face import make_face
from facemtl.inference.passes import Place, limits, predict_places
from facemtl.inference.runtimes.runtime import Answers, Network
from facemtl.inference.views import View
from facemtl.tasks import sigma_name


def faces_in_photos(
    network: Network,
    views: Sequence[View],
    found: Sequence[Found],
    second_look: bool,
) -> list[list[Face]]:
    """Return the predicted faces of each photo.

    Args:
        network: the network to run; it receives the faces of all photos in the
            same calls.
        views: the pixels of each photo.
        found: the faces of each photo.
        second_look: whether misaligned faces are predicted in a second pass.
    """
    places = [
        place
        for view, some in zip(views, found, strict=True)
        for place in _places(network, view, some)
    ]
    limit = limits(found) if second_look else None
    predictions = predict_places(network, places, limit)
    ends = np.cumsum([len(some) for some in found])[:-1]
    by_photo = {k: np.split(y, ends) for k, y in predictions.items()}
    return [
        _faces(
            network, view.shape, some, {k: y[i] for k, y in by_photo.items()}
        )
        for i, (view, some) in enumerate(zip(views, found, strict=True))
    ]


def _places(network: Network, view: View, found: Found) -> list[Place]:
    """Return for each face its rotated photo and its window."""
    windows = found.windows(network.crop.margin)
    return [
        view.place(window, turn)
        for turn, window in zip(found.turns, windows, strict=True)
    ]


def _faces(
    network: Network,
    shape: tuple[int, ...],
    found: Found,
    predictions: Answers,
) -> list[Face]:
    """Return the faces of one photo with points in its pixels."""
    tasks, margin = network.tasks, network.crop.margin
    confidence = _confidence(network, predictions, len(found))
    for task in tasks:
        if task.kind == "landmarks":
            points = predictions[task.name]
            predictions[task.name] = found.points_in_photo(
                points, margin, shape
            )
        sigma = sigma_name(task)
        if sigma in predictions:
            sides = found.windows(margin)[:, 2:]
            predictions[sigma] = predictions[sigma] * sides
    boxes = found.boxes_in_photo(shape)
    return [
        make_face(
            tasks,
            {task: prediction[i] for task, prediction in predictions.items()},
            boxes[i],
            found.scores[i],
            confidence[i],
        )
        for i in range(len(found))
    ]


def _confidence(
    network: Network, predictions: Answers, faces: int
) -> np.ndarray:
    """Return (N,) probabilities of a face; NaN if they are not predicted."""
    fits = getattr(network, "sigma", {})
    for task in network.tasks:
        if task.name in fits:
            found: np.ndarray = fits[task.name].confidence(
                predictions[sigma_name(task)]
            )
            return found
    return np.full(faces, np.nan)
