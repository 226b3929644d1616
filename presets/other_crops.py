"""How well a preset tells faces from other crops of the same photos."""

from typing import Any

import numpy as np

from facemtl.data.faces import Faces
from facemtl.evaluation.calibration import rank_auc
from facemtl.geometry.crops import crop, square_windows
from facemtl.inference.runtimes.runtime import Network
from facemtl.tasks import sigma_name

TRIES = 30
SIZES = (0.5, 1.2)  # of background crops, in sides of the face's
OVERLAP = 0.1  # of the smaller of both squares


def other_crops(network: Network, faces: Faces) -> dict[str, Any]:
    """Return how faces and other crops differ in confidence, with one pass.

    Args:
        network: the calibrated network.
        faces: N faces, one per photo.

    Returns:
        {kind of crops: `n`; `auc` against the faces in %, and the share of
        them with a confidence of 0.5 or more, in %}. The kinds are `face`;
        `half` of a face; and `background`, which is hair, hands, clothes and
        whatever else the photos show. Photos of faces alone have none.
    """
    rng = np.random.default_rng(0)
    windows = square_windows(faces.boxes, network.crop.margin)
    found: dict[str, list[np.ndarray]] = {"face": [], "half": []}
    found["background"] = []
    for i, window in enumerate(windows):
        photo = faces.images.read(faces.names[i])
        side = window[2] / 2
        step = [(side, 0), (-side, 0), (0, side), (0, -side)][i % 4]
        places = {"face": window, "half": window + np.array([*step, 0])}
        places |= _background(photo.shape, window, rng)
        for kind, place in places.items():
            spec = network.crop
            found[kind].append(crop(photo, place, spec.size, spec.color))
    sure = {kind: _confidence(network, x) for kind, x in found.items() if x}
    return {kind: _compared(x, sure["face"]) for kind, x in sure.items()}


def _background(
    shape: tuple[int, ...], window: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return a window that does not show the face; empty if there is none."""
    left, top, side = window
    for _ in range(TRIES):
        size = side * rng.uniform(*SIZES)
        x = rng.uniform(-0.1 * size, max(shape[1] - 0.9 * size, 1))
        y = rng.uniform(-0.1 * size, max(shape[0] - 0.9 * size, 1))
        wide = max(0, min(x + size, left + side) - max(x, left))
        high = max(0, min(y + size, top + side) - max(y, top))
        if wide * high < OVERLAP * min(size, side) ** 2:
            return {"background": np.array([x, y, size])}
    return {}


def _confidence(network: Any, crops: list[np.ndarray]) -> np.ndarray:
    task = next(x for x in network.tasks if x.name in network.sigma)
    predictions = network.predict(np.stack(crops))
    found: np.ndarray = network.sigma[task.name].confidence(
        predictions[sigma_name(task)]
    )
    return found


def _compared(sure: np.ndarray, faces: np.ndarray) -> dict[str, Any]:
    return {
        "n": len(sure),
        "auc": round(100 * rank_auc(faces, sure), 2),
        "taken_for_faces": round(100 * float((sure >= 0.5).mean()), 2),
    }
