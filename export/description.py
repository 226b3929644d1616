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
from facemtl.inference.sidecar import Sidecar
from facemtl.models import FaceNetwork
from facemtl.models.cost import multiply_adds, parameters
from facemtl.models.identity import network_digest
from facemtl.training.run_start import read_report

# Names and licences of data.
DRAWN = ("drawn faces", "Apache-2.0")
MTFL = (
    "MTFL (Zhang et al., ECCV 2014)",
    "research only; so is a network trained on it",
)
UNKNOWN = "not recorded"


def describe(network: FaceNetwork, path: Path, licence: str = "") -> Sidecar:
    """Return the sidecar of a network.

    Args:
        network: the network.
        path: file or run folder of the network. Only a run folder contains
            data, seed and scores.
        licence: licence of the user's own training data.
    """
    folder = path if path.is_dir() else path.parent
    report = read_report(folder) or {}
    data, known = _data(report)
    training: dict[str, Any] = {"data": data, "licence": licence or known}
    for key in ("seed", "best_epoch"):
        if key in report:
            training[key] = report[key]
    training["architecture"] = network.get_config()["architecture"]
    training["parameters"] = parameters(network)
    training["multiply_adds"] = multiply_adds(network)
    versions = {
        "facemtl": __version__,
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "python": platform.python_version(),
    }
    scores = {k: headline(v) for k, v in report.get("scores", {}).items()}
    return Sidecar(
        network.tasks,
        network.crop,
        training,
        {"training": scores},
        versions,
        network.box_convention,
        network_digest(network),
    )


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
