"""How long one face takes, all predictors side by side."""

import time
from collections.abc import Mapping, Sequence

import numpy as np
from accuracy import cut, look
from placement import Placement
from predictors import Predictor

from facemtl.geometry.crops import square_windows
from facemtl.inference.runtimes.runtime import Answers
from facemtl.inference.second_pass import run_second_pass

WARM_UP = 20  # rounds
REPEATS = 3  # of a face with a second look
RELATIVE_TO = "O-Net, torch"


def timed(
    predictors: Mapping[str, Predictor],
    placements: Mapping[str, Placement],
    photos: Sequence[np.ndarray],
    boxes: np.ndarray,
) -> dict[str, dict[str, float]]:
    """What a face costs, from the cut face to its points.

    On each face one predictor comes after the other, so that whatever slows
    the machine slows them alike.

    Args:
        predictors: by name, with O-Net in torch.
        placements: of their boxes.
        photos: N of them.
        boxes: (N, 4) listed, in pixels.

    Returns:
        For each predictor `milliseconds`, the median; `cpu_milliseconds`, the
        same of the processor's time, which other processes lengthen less;
        `relative`: milliseconds in units of O-Net in torch.
    """
    crops = {
        name: _crops(x, placements[name].boxes(boxes), photos)
        for name, x in predictors.items()
    }
    times = np.empty((len(predictors), len(photos), 2))
    for i in [*range(min(WARM_UP, len(photos))), *range(len(photos))]:
        for k, (name, predictor) in enumerate(predictors.items()):
            times[k, i] = _once(predictor, crops[name][i])
    medians = dict(zip(predictors, 1000 * np.median(times, 1), strict=True))
    unit = medians[RELATIVE_TO][0]
    return {
        name: {
            "milliseconds": round(float(wall), 3),
            "cpu_milliseconds": round(float(busy), 3),
            "relative": round(float(wall / unit), 3),
        }
        for name, (wall, busy) in medians.items()
    }


def timed_twice(
    predictor: Predictor,
    photos: Sequence[np.ndarray],
    boxes: np.ndarray,
    busy: bool = False,
) -> float:
    """Milliseconds a face with second looks: the mean, since few take one.

    From the cut face to its points; what is cut out again counts. Of each
    face the median of several times, as the mean of single ones would count
    what else the machine does. `busy` takes the processor's time.
    """
    clock = time.process_time if busy else time.perf_counter
    windows = square_windows(boxes, predictor.crop.margin)
    faces = list(
        zip(_crops(predictor, boxes, photos), photos, windows, strict=True)
    )
    spent = np.empty((REPEATS, len(faces)))
    for face in faces[:WARM_UP]:
        _twice(predictor, *face)
    for round_ in spent:
        for i, face in enumerate(faces):
            start = clock()
            _twice(predictor, *face)
            round_[i] = clock() - start
    return 1000 * float(np.median(spent, axis=0).mean())


def _twice(
    predictor: Predictor,
    crop: np.ndarray,
    photo: np.ndarray,
    window: np.ndarray,
) -> None:
    """Answer about one face, and once more where that is worth it."""

    def ask(_: np.ndarray, *where: np.ndarray) -> Answers:
        return look(predictor, [photo], *where)

    first = {k: y[None] for k, y in predictor.answer(crop).items()}
    margin = predictor.crop.margin
    boxes = predictor.box_convention
    run_second_pass(first, predictor.tasks, boxes, margin, window[None], ask)


def _once(predictor: Predictor, crop: np.ndarray) -> tuple[float, float]:
    """Seconds on the wall and of all the process's threads."""
    wall, busy = time.perf_counter(), time.process_time()
    predictor.answer(crop)
    return time.perf_counter() - wall, time.process_time() - busy


def _crops(
    predictor: Predictor, boxes: np.ndarray, photos: Sequence[np.ndarray]
) -> list[np.ndarray]:
    windows = square_windows(boxes, predictor.crop.margin)
    return [
        cut(predictor, photo, window)
        for photo, window in zip(photos, windows, strict=True)
    ]
