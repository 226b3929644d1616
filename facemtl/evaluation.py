"""A network's answers about labelled faces, and their scores."""

from typing import Any

import numpy as np

from facemtl.crop_cache import CachePlan, Crops, crop_faces
from facemtl.crops import to_photo
from facemtl.datasets.faces import BadRows, Faces
from facemtl.runtimes.runtime import Network
from facemtl.scores import score


def predict_crops(network: Network, crops: Crops) -> dict[str, np.ndarray]:
    """Answers about crops, the points in photo pixels.

    Args:
        network: a `FaceNetwork`, or what `load_network` gives.
        crops: N crops as the network sees them (no border).

    Returns:
        {task: array}: points (N, P, 2), class probabilities (N, K), values
        (N, 1).
    """
    answers = network.predict(crops.images, batch_size=250, verbose=0)
    return {
        task.name: to_photo(answers[task.name], crops.windows)
        if task.kind == "landmarks"
        else answers[task.name]
        for task in network.tasks
    }


def predict_faces(
    network: Network,
    faces: Faces,
    bad: BadRows | None = None,
    verbose: int = 1,
) -> tuple[Faces, dict[str, np.ndarray]]:
    """Crop faces as the network wants them, and ask it.

    Returns:
        The faces whose photos could be used, and the answers about them. The
        faces keep labels that the network does not answer: scores are told by
        pose even for landmarks alone.

    Raises:
        InputError: as `crop_faces`, or where a task of the data has other
            classes or points than the network's.
    """
    faces = faces.including(network.tasks)
    crops = crop_faces(faces, CachePlan(network.crop), bad, verbose=verbose)
    return crops.faces, predict_crops(network, crops)


def evaluate_faces(
    network: Network,
    faces: Faces,
    bad: BadRows | None = None,
    verbose: int = 1,
) -> dict[str, Any]:
    """Scores of a network on labelled faces; see `facemtl.scores.score`.

    Example:

        network = facemtl.load_network("exported/model.onnx")
        faces = facemtl.read_csv("my_faces.csv")
        print(facemtl.evaluate_faces(network, faces)["landmarks"])
    """
    return score(*predict_faces(network, faces, bad, verbose))
