"""Describe a network in a sidecar: its origin and its scores."""

import platform
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from facemtl import __version__
from facemtl.data.csv.text import is_csv
from facemtl.data.settings import SYNTHETIC
from facemtl.evaluation.scores import headline
from facemtl.inference.sidecar import Sidecar, read_sidecar
from facemtl.models import FaceNetwork
from facemtl.models.cost import multiply_adds, parameters
from facemtl.models.identity import network_digest
from facemtl.presets import FOLDER, find_keras
from facemtl.training.run_start import read_report

# Names and licences of data.
DRAWN = ("drawn faces", "Apache-2.0")
MTFL = (
    "MTFL (Zhang et al., ECCV 2014)",
    "research only; so is a network trained on it",
)
UNKNOWN = "not recorded"


def describe(
    network: FaceNetwork, path: str | Path, licence: str = ""
) -> Sidecar:
    """Return the sidecar of a network.

    Args:
        network: the network.
        path: a preset's name, or the file or run folder of the network. Only
            presets and run folders have data, seed and scores.
        licence: licence of the user's own training data.
    """
    training, scores = _origin(path)
    training["licence"] = licence or training["licence"]
    training["architecture"] = network.get_config()["architecture"]
    training["parameters"] = parameters(network)
    training["multiply_adds"] = multiply_adds(network)
    versions = {
        "facemtl": __version__,
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "python": platform.python_version(),
    }
    return Sidecar(
        network.tasks,
        network.crop,
        training,
        scores,
        versions,
        network.box_convention,
        network.sigma,
        network_digest(network),
    )


def _origin(path: str | Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return facts about the training, and the scores after it."""
    found = find_keras(path)
    if found.parent == FOLDER:
        sidecar = read_sidecar(found.with_suffix(".json"))
        return dict(sidecar.training), dict(sidecar.scores)
    report = read_report(found if found.is_dir() else found.parent) or {}
    data, licence = _data(report)
    training: dict[str, Any] = {"data": data, "licence": licence}
    for key in ("seed", "best_epoch"):
        if key in report:
            training[key] = report[key]
    scores = {k: headline(v) for k, v in report.get("scores", {}).items()}
    return training, {"training": scores}


def _data(report: dict[str, Any]) -> tuple[str, str]:
    """Return name and licence of the training data."""
    source = str(report.get("source", ""))
    if not source:
        return UNKNOWN, UNKNOWN
    if source == SYNTHETIC:
        return DRAWN
    if is_csv(source):
        return Path(source).name, UNKNOWN
    return MTFL
