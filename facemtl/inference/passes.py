"""Prediction of faces in photos in one or two passes."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from facemtl.detection.found import Found
from facemtl.geometry.crops import crop
from facemtl.inference.runtimes.runtime import (
    Answers,
    Network,
    checked_finite,
    joined,
)
from facemtl.inference.second_pass import DETECTED, run_second_pass

# A photo and the window (3,) of a face in it.
Place = tuple[np.ndarray, np.ndarray]
MOST_BYTES = 2**26  # of crops that are predicted in one call


def predict_places(
    network: Network, places: Sequence[Place], limit: np.ndarray | None
) -> Answers:
    """Return predictions for N faces, with points in units of their windows.

    Args:
        network: the network to run.
        places: photo and window of each face.
        limit: (N,) largest deviation without a second pass (see `limits`);
            None for one pass.
    """
    photos = [photo for photo, _ in places]
    windows = np.reshape([window for _, window in places], (-1, 3))
    first = _one_pass(network, photos, windows, np.zeros(len(photos)))
    if limit is None:
        return first

    def predict_again(index: np.ndarray, *where: np.ndarray) -> Answers:
        return _one_pass(network, [photos[i] for i in index], *where)

    tasks, margin = network.tasks, network.crop.margin
    boxes = network.box_convention
    return run_second_pass(
        first, tasks, boxes, margin, windows, predict_again, limit
    )


def _one_pass(
    network: Network,
    photos: Sequence[np.ndarray],
    windows: np.ndarray,
    degrees: np.ndarray,
) -> Answers:
    """Return predictions for windows (N, 3) rotated by degrees (N,)."""
    spec = network.crop
    step = max(1, MOST_BYTES // math.prod(spec.shape))
    parts = []
    for i in range(0, max(len(photos), 1), step):
        part = slice(i, i + step)
        some = zip(photos[part], windows[part], degrees[part], strict=True)
        crops = [
            crop(photo, window, spec.size, spec.color, degrees=angle)
            for photo, window, angle in some
        ]
        shape = (len(crops), *spec.shape)
        pixels = np.reshape(crops, shape).astype("u1")
        parts.append(network.predict(pixels))
    return checked_finite(joined(parts))


def limits(found: Iterable[Found]) -> np.ndarray:
    """Return (N,) largest deviations of all faces without a second pass."""
    scores = np.concatenate([np.empty(0), *(some.scores for some in found)])
    # Boxes given by the caller have no score.
    return np.where(np.isnan(scores), 1.0, DETECTED)
