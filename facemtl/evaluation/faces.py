"""A network's answers about labelled faces, and their scores."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.arguments import checked_flag
from facemtl.data.csv.text import joined
from facemtl.data.faces import BadRows, Faces, checked_bad
from facemtl.errors import InputError
from facemtl.evaluation.scores import score
from facemtl.geometry.crops import boxes_of, to_photo
from facemtl.inference.runtimes import as_network
from facemtl.inference.runtimes.runtime import Answers, Network
from facemtl.inference.second_pass import look_again
from facemtl.pipeline.crop_cache import CachePlan, Crops, crop_faces


def predict_crops(network: Network, crops: Crops) -> Answers:
    """Answers about crops, the points in photo pixels.

    Args:
        network: a `FaceNetwork`, or what `load_network` gives.
        crops: N crops as the network sees them (no border).

    Returns:
        {task: array}: points (N, P, 2), class probabilities (N, K), values
        (N, 1).
    """
    return in_photo(network, _answers(network, crops), crops)


def predict_faces(
    network: Network,
    faces: Faces,
    bad: BadRows | None = None,
    verbose: int = 1,
    second_look: bool = True,
    cache: str | Path = "",
) -> tuple[Faces, Answers]:
    """Crop faces as the network wants them, and ask it.

    Args:
        network: a `FaceNetwork`, or what `load_network` gives.
        faces: N faces with their boxes.
        bad: what to do with photos that cannot be used; stop by default.
        verbose: 1 shows a progress bar.
        second_look: predict rotated or misplaced faces in a second pass, as
            `Predictor` does.
        cache: a folder to keep the crops of the first pass in.

    Returns:
        The faces whose photos could be used, and the answers about them. The
        faces keep labels that the network does not answer: scores are told by
        pose even for landmarks alone.

    Raises:
        InputError: as `crop_faces`, or where a task of the data has other
            classes or points than the network's.
    """
    faces = faces.including(network.tasks)
    plan, margin = CachePlan(network.crop), network.crop.margin
    crops = crop_faces(faces, plan, bad, cache, verbose)
    answers = _answers(network, crops)

    def ask(
        index: np.ndarray, windows: np.ndarray, turns: np.ndarray
    ) -> Answers:
        boxes = boxes_of(windows, margin)
        some = replace(crops.faces.select(index), boxes=boxes)
        again = crop_faces(some, plan, verbose=verbose, degrees=turns)
        return _answers(network, again)

    if second_look:
        tasks, boxes = network.tasks, network.box_convention
        answers = look_again(answers, tasks, boxes, margin, crops.windows, ask)
    return crops.faces, in_photo(network, answers, crops)


def _answers(network: Network, crops: Crops) -> Answers:
    return network.predict(crops.images, batch_size=250, verbose=0)


def in_photo(network: Network, answers: Answers, crops: Crops) -> Answers:
    """A network's predictions with the points in photo pixels.

    Args:
        network: whose tasks they are about.
        answers: predictions for N crops, points in units of their windows.
        crops: the N crops.

    Returns:
        {task: array}, of the network's tasks only.
    """
    return {
        task.name: to_photo(answers[task.name], crops.windows)
        if task.kind == "landmarks"
        else answers[task.name]
        for task in network.tasks
    }


def evaluate_faces(
    network: Network | str | Path,
    faces: Faces,
    bad: BadRows | None = None,
    verbose: int = 1,
    second_look: bool = True,
) -> dict[str, Any]:
    """Scores of a network on labelled faces; see `facemtl.evaluation.scores`.

    Args: as `predict_faces`; a network may be a file, a run folder or a
    preset's name. The scores of `facemtl fit` are of one pass.

    Raises:
        InputError: as `predict_faces`, or for faces without a label of any of
            the network's tasks.

    Returns:
        `n` faces, and by the kind of a task its scores: errors in percent of
        the box or of the distance between the eyes, accuracies in percent.

    Example:

    >>> from facemtl.data.synthetic.faces import synthetic_faces
    >>> scores = evaluate_faces("tiny", synthetic_faces(4), verbose=0)
    >>> scores["n"], 0 < scores["landmarks"]["mean_error_box"] < 20
    (4, True)
    >>> sorted(scores["attributes"])
    ['gender', 'glasses', 'pose', 'smile']
    """
    network = as_network(network)
    if not isinstance(faces, Faces):
        raise InputError(
            "Expected faces as facemtl.Faces, such as facemtl.read_csv gives. "
            f"Received: {type(faces).__name__}."
        )
    bad = checked_bad(bad)
    second_look = checked_flag("second_look", second_look)
    _check_labelled(network, faces)
    return score(*predict_faces(network, faces, bad, verbose, second_look))


def _check_labelled(network: Network, faces: Faces) -> None:
    """Raise `InputError` for faces without a label to score a network by."""
    labelled = [
        task.name
        for task in faces.tasks
        if task.is_labelled(faces.labels[task.name]).any()
    ]
    own = [task.name for task in network.tasks]
    if len(faces) and not set(own) & set(labelled):
        raise InputError(
            f"Expected labels of a task of the network: {joined(own)}. "
            f"Received: labels of {joined(labelled) or 'none'}. Name the "
            "tasks alike, in the columns or the tasks.toml beside them."
        )
