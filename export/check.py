"""Every exported format against the network that it was made from."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, median
from typing import Any

import keras
import numpy as np

from facemtl.crop_cache import CachePlan, Crops, crop_faces
from facemtl.crops import to_photo
from facemtl.datasets.faces import BadRows
from facemtl.datasets.sources import load_split
from facemtl.errors import InputError
from facemtl.export.formats import KERAS, size_of
from facemtl.export.tolerances import fault
from facemtl.runtimes import Runtime, load_network
from facemtl.scores import headline, score
from facemtl.sidecar import NAME, read_sidecar, write_sidecar
from facemtl.tasks import landmarks_task

TIMED = 200


@dataclass(frozen=True)
class FormatCheck:
    """One format beside the Keras network, on the same crops.

    Attributes:
        file: its name.
        points: mean and largest difference in pixels of the crop; None
            without landmarks.
        probabilities: mean and largest difference; None without attributes.
        scores: as `facemtl.scores.score` makes them.
        kilobytes: of the file or folder.
        milliseconds: of one face a call, the median of 200.
        milliseconds_in_batch: of a face, 250 a call.
        fault: what is beyond its tolerance; "" where nothing is.
    """

    file: str
    points: tuple[float, float] | None
    probabilities: tuple[float, float] | None
    scores: dict[str, Any]
    kilobytes: float
    milliseconds: float
    milliseconds_in_batch: float
    fault: str = ""

    @property
    def error(self) -> float | None:
        """Mean error in percent of the box's width; None without landmarks."""
        return self.scores.get("landmarks", {}).get("mean_error_box")

    @property
    def accuracy(self) -> float | None:
        """Mean accuracy over attributes, in percent; None without any."""
        rates = self.scores.get("attributes", {}).values()
        return fmean(x["accuracy"] for x in rates) if rates else None


def check_export(
    folder: str | Path,
    source: str,
    bad: BadRows | None = None,
    verbose: int = 1,
) -> list[FormatCheck]:
    """Compare all formats in a folder on the test faces of a source.

    Writes the scores into the folder's `facemtl.json`.

    Args:
        folder: as `export_network` filled it.
        source: a folder or zip of MTFL, a CSV, or "synthetic".
        bad: what to do with bad rows; stop by default.
        verbose: 1 shows progress.

    Returns:
        The Keras network first, then each format.

    Raises:
        InputError: for a folder without an export.

    Example:

        for check in check_export("exported", "data/MTFL"):
            print(check.file, check.points, check.fault or "passes")
    """
    folder, bad = Path(folder), bad or BadRows()
    sidecar = read_sidecar(folder / NAME)
    files = exported_files(folder)
    faces = load_split(source, "test", sidecar.tasks, bad)
    plan = CachePlan(sidecar.crop)
    faces = faces.including(sidecar.tasks)
    crops = crop_faces(faces, plan, bad, verbose=verbose)
    reference: dict[str, np.ndarray] = {}
    checks: list[FormatCheck] = []
    bar = keras.utils.Progbar(len(files), unit_name="format", verbose=verbose)
    for file in files:
        network = load_network(file)
        answers = network.predict(crops.images)
        reference = reference or answers
        check = _compare(network, answers, reference, crops, file)
        first = checks[0] if checks else check
        checks.append(replace(check, fault=fault(check, first)))
        bar.add(1)
    scores = {check.file: headline(check.scores) for check in checks}
    write_sidecar(sidecar.with_scores({**sidecar.scores, **scores}), folder)
    return checks


def exported_files(folder: Path) -> list[Path]:
    """The Keras network of an export, then its formats by name."""
    if not (folder / KERAS).is_file():
        raise InputError(
            f"Expected a folder that facemtl export wrote. Received: {folder} "
            f"without {KERAS}."
        )
    formats = sorted(folder.glob("model*.tflite"))
    others = (folder / name for name in ("saved_model", "model.onnx"))
    there = [file for file in others if file.exists()]
    return [folder / KERAS, *there, *formats]


def _compare(
    network: Runtime,
    answers: dict[str, np.ndarray],
    reference: dict[str, np.ndarray],
    crops: Crops,
    file: Path,
) -> FormatCheck:
    points, probabilities = [], []
    in_photo = dict(answers)
    for task in network.tasks:
        off = answers[task.name] - reference[task.name]
        if task.kind == "landmarks":
            distance = np.linalg.norm(off, axis=-1) * network.crop.size
            points.append(distance.ravel())
            in_photo[task.name] = to_photo(answers[task.name], crops.windows)
        elif task.kind == "classes":
            probabilities.append(np.abs(off).ravel())
    main = landmarks_task(network.tasks)
    scores = score(crops.faces, in_photo)
    if main and main.name in scores:
        scores["landmarks"] = scores[main.name]
    return FormatCheck(
        file.name,
        _mean_and_largest(points),
        _mean_and_largest(probabilities),
        scores,
        size_of(file) / 1000,
        *_latency(network, crops.images),
    )


def _mean_and_largest(parts: list[np.ndarray]) -> tuple[float, float] | None:
    if not parts:
        return None
    whole = np.concatenate(parts)
    return float(whole.mean()), float(whole.max())


def _latency(network: Runtime, crops: np.ndarray) -> tuple[float, float]:
    """Milliseconds of a face: alone, and 250 a call."""
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
