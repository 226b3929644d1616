"""Compare one exported format with the original network."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np

from facemtl.evaluation.faces import in_photo
from facemtl.evaluation.scores import score
from facemtl.export.formats import size_of
from facemtl.inference.runtimes import Runtime
from facemtl.models.value_scale import Scales, value_scales
from facemtl.pipeline.crop_cache import Crops
from facemtl.tasks import KINDS, landmarks_task

TIMED = 200
Answers = dict[str, np.ndarray]


@dataclass(frozen=True)
class FormatCheck:
    """The comparison of a format with the Keras network on the same crops.

    Attributes:
        file: name of the file.
        points: mean and largest difference in pixels of the crop; None
            without landmarks.
        probabilities: mean and largest difference; None without attributes.
        scores: scores from `facemtl.evaluation.scores.score`.
        kilobytes: size of the file or folder.
        milliseconds: time of a call with one face, median of 200.
        milliseconds_in_batch: time per face in calls with 250 faces.
        fault: differences that exceed their tolerance; "" if none.
        values: mean and largest difference in spreads of the labels (see
            `facemtl.models.value_scale`); None without values.
        value_error: mean absolute error over the value tasks, in spreads.
    """

    file: str
    points: tuple[float, float] | None
    probabilities: tuple[float, float] | None
    scores: dict[str, Any]
    kilobytes: float
    milliseconds: float
    milliseconds_in_batch: float
    fault: str = ""
    values: tuple[float, float] | None = None
    value_error: float | None = None

    @property
    def error(self) -> float | None:
        """Return NME-box in percent; None without landmarks."""
        return self.scores.get("landmarks", {}).get("mean_error_box")

    @property
    def accuracy(self) -> float | None:
        """Return mean accuracy over attributes, in percent; None without."""
        rates = self.scores.get("attributes", {}).values()
        return fmean(x["accuracy"] for x in rates) if rates else None


def compare(
    file: Path,
    network: Runtime,
    crops: Crops,
    answers: Answers,
    reference: Answers,
) -> FormatCheck:
    """Compare one format with the reference.

    Args:
        file: file or folder of the format.
        network: the network of the file.
        crops: the faces with their labels.
        answers: predictions of the network for the crops.
        reference: predictions of the Keras network.
    """
    scales = value_scales(network.tasks, crops.faces.labels)
    found = _differences(network, answers, reference, scales)
    scores = _scores(network, answers, crops)
    return FormatCheck(
        file.name,
        found["landmarks"],
        found["classes"],
        scores,
        size_of(file) / 1000,
        *_latency(network, crops.images),
        values=found["value"],
        value_error=_value_error(scores, scales),
    )


def _differences(
    network: Runtime, answers: Answers, reference: Answers, scales: Scales
) -> dict[str, tuple[float, float] | None]:
    """Return differences by kind: points in pixels of the crop, probabilities,
    and values in spreads of the labels."""
    found: dict[str, list[np.ndarray]] = {kind: [] for kind in KINDS}
    for task in network.tasks:
        off = answers[task.name] - reference[task.name]
        if task.kind == "landmarks":
            off = np.linalg.norm(off, axis=-1) * network.crop.size
        elif task.kind == "value":
            off = off / scales[task.name][1]
        found[task.kind].append(np.abs(off).ravel())
    return {kind: _mean_and_largest(parts) for kind, parts in found.items()}


def _value_error(scores: Mapping[str, Any], scales: Scales) -> float | None:
    """Return the mean absolute error of the value tasks, in label spreads."""
    errors = [
        part["mean_absolute_error"] / scales[task][1]
        for task, part in scores.get("values", {}).items()
        if task in scales
    ]
    return fmean(errors) if errors else None


def _scores(network: Runtime, answers: Answers, crops: Crops) -> dict[str, Any]:
    """Return the scores; those of the points also as "landmarks"."""
    scores = score(crops.faces, in_photo(network, answers, crops))
    main = landmarks_task(network.tasks)
    if main and main.name in scores:
        scores["landmarks"] = scores[main.name]
    return scores


def _mean_and_largest(parts: list[np.ndarray]) -> tuple[float, float] | None:
    if not parts:
        return None
    whole = np.concatenate(parts)
    return float(whole.mean()), float(whole.max())


def _latency(network: Runtime, crops: np.ndarray) -> tuple[float, float]:
    """Return milliseconds per face in calls with one and with 250 faces."""
    alone = []
    for i in range(TIMED + 20):
        k = i % len(crops)
        started = time.perf_counter()
        network.predict(crops[k : k + 1])
        alone.append(time.perf_counter() - started)
    batch = np.resize(crops, (250, *crops.shape[1:]))
    started = time.perf_counter()
    network.predict(batch)
    together = (time.perf_counter() - started) / len(batch)
    return 1000 * median(alone[20:]), 1000 * together
