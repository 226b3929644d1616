"""A network's predictions for labelled faces, and their scores."""

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
from facemtl.inference.second_pass import run_second_pass
from facemtl.pipeline.crop_cache import CachePlan, Crops, crop_faces
from facemtl.tasks import sigma_name


def predict_crops(network: Network, crops: Crops) -> Answers:
    """Predict crops, with points in photo pixels.

    Args:
        network: a `FaceNetwork`, or the result of `load_network`.
        crops: N crops without border.

    Returns:
        {task: array}: points (N, P, 2), class probabilities (N, K), values
        (N, 1).
    """
    return in_photo(network, _predict(network, crops), crops)


def predict_faces(
    network: Network,
    faces: Faces,
    bad: BadRows | None = None,
    verbose: int = 1,
    second_look: bool = True,
    cache: str | Path = "",
) -> tuple[Faces, Answers]:
    """Crop faces for a network and predict them.

    Args:
        network: a `FaceNetwork`, or the result of `load_network`.
        faces: N faces with their boxes.
        bad: whether to stop at unusable photos (the default) or skip them.
        verbose: 1 shows a progress bar.
        second_look: whether to predict rotated, off-centre or badly scaled
            faces in a second pass, as `Predictor` does.
        cache: a folder that keeps the crops of the first pass.

    Returns:
        The faces with usable photos, and the predictions for them. The faces
        keep labels of tasks that the network does not predict, so that scores
        can be reported by pose.

    Raises:
        InputError: for unusable photos (see `crop_faces`), or a task with
            other classes or points in the data than in the network.
    """
    faces = faces.including(network.tasks)
    plan, margin = CachePlan(network.crop), network.crop.margin
    crops = crop_faces(faces, plan, bad, cache, verbose)
    predictions = _predict(network, crops)

    def predict_again(
        index: np.ndarray, windows: np.ndarray, turns: np.ndarray
    ) -> Answers:
        boxes = boxes_of(windows, margin)
        some = replace(crops.faces.select(index), boxes=boxes)
        again = crop_faces(some, plan, verbose=verbose, degrees=turns)
        return _predict(network, again)

    if second_look:
        tasks, boxes = network.tasks, network.box_convention
        predictions = run_second_pass(
            predictions, tasks, boxes, margin, crops.windows, predict_again
        )
    return crops.faces, in_photo(network, predictions, crops)


def _predict(network: Network, crops: Crops) -> Answers:
    return network.predict(crops.images, batch_size=250, verbose=0)


def in_photo(network: Network, predictions: Answers, crops: Crops) -> Answers:
    """Return predictions with points in photo pixels.

    Args:
        network: the network that made the predictions.
        predictions: those for N crops, with points in units of their windows.
        crops: the N crops.

    Returns:
        {task: array} of the network's tasks only, and the deviations of
        points, under `sigma_name(task)`, in pixels.
    """
    found = {}
    for task in network.tasks:
        found[task.name] = predictions[task.name]
        if task.kind == "landmarks":
            found[task.name] = to_photo(found[task.name], crops.windows)
        sigma = sigma_name(task)
        if sigma in predictions:
            found[sigma] = predictions[sigma] * crops.windows[:, 2:]
    return found


def evaluate_faces(
    network: Network | str | Path,
    faces: Faces,
    bad: BadRows | None = None,
    verbose: int = 1,
    second_look: bool = True,
) -> dict[str, Any]:
    """Return scores of a network on labelled faces.

    Args:
        network: a network, or its file, run folder or preset name.
        faces, bad, verbose, second_look: see `predict_faces`. The scores of
            `facemtl fit` use one pass.

    Raises:
        InputError: as `predict_faces`, or for faces without a label of any of
            the network's tasks.

    Returns:
        The number of faces `n`, and scores by kind of task (see
        `facemtl.evaluation.scores`): errors in percent of the box or of the
        distance between the eyes, accuracies in percent.

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
    """Raise `InputError` for faces without labels of the network's tasks."""
    labelled = [task.name for task in faces.labelled_tasks()]
    own = [task.name for task in network.tasks]
    if len(faces) and not set(own) & set(labelled):
        raise InputError(
            f"Expected labels of a task of the network: {joined(own)}. "
            f"Received: labels of {joined(labelled) or 'none'}. Use "
            "the same task names in the columns or their tasks.toml."
        )
