"""The report of a run: scores, comparison with baselines, and metadata."""

from collections.abc import Iterable
from pathlib import Path, PureWindowsPath
from typing import Any

import keras
import numpy as np

from facemtl.data.one_source import find_source
from facemtl.data.split import class_shares
from facemtl.evaluation.baselines import outcome
from facemtl.evaluation.faces import predict_crops
from facemtl.evaluation.predictions import write_predictions
from facemtl.evaluation.report import draw_predictions
from facemtl.evaluation.scores import score
from facemtl.models import FaceNetwork
from facemtl.models.cost import multiply_adds, parameters
from facemtl.mtl.callbacks.sharing import Mixing, alpha_of_unit
from facemtl.process.environment import machine, versions
from facemtl.settings import Settings
from facemtl.training.run_faces import RunFaces
from facemtl.training.run_process import threads

Report = dict[str, Any]


def score_splits(
    network: FaceNetwork, faces: RunFaces, folder: Path
) -> dict[str, Any]:
    """Score the network on the validation faces and once on the test faces.

    Validation faces of a further source are scored as `"FILE, validation"`.
    """
    # The main source may have a file of the same name.
    source = faces.settings.data.source
    names = file_names([source, *faces.further])
    further = {
        f"{names[source]}, validation": score(
            crops.faces, predict_crops(network, crops)
        )
        for source, crops in faces.further.items()
    }
    parts = {"validation": faces.validation, "test": faces.test}
    answered = {
        split: (crops.faces, predict_crops(network, crops))
        for split, crops in parts.items()
        if crops is not None
    }
    write_predictions(answered, folder / "predictions.npz")
    last = list(answered.values())[-1]
    draw_predictions(*last, folder / "predictions.png")
    return further | {split: score(*both) for split, both in answered.items()}


def file_names(sources: Iterable[str]) -> dict[str, str]:
    """Return the file names of sources; the sources, if names are equal.

    Example:

    >>> file_names(["a/faces.csv", "b/others.csv"])
    {'a/faces.csv': 'faces.csv', 'b/others.csv': 'others.csv'}
    >>> file_names(["a/faces.csv", "b/faces.csv"])
    {'a/faces.csv': 'a/faces.csv', 'b/faces.csv': 'b/faces.csv'}
    """
    names = {source: PureWindowsPath(source).name for source in sources}
    if len(set(names.values())) < len(names):
        return {source: source for source in names}
    return names


def about_faces(faces: RunFaces, scores: Report) -> Report:
    """Return the report's entries about the faces and what was learned."""
    train, validation = faces.train.faces, faces.validation.faces
    tasks = train.labelled_tasks()
    return {
        "warnings": faces.warnings,
        "class_shares": {
            part: class_shares(some) for part, some in faces.parts().items()
        },
        "scores": scores,
        **outcome(tasks, scores["validation"], train, validation),
    }


def alpha_of(network: FaceNetwork) -> dict[str, list[Any]]:
    """Return α of each unit: {unit: [[[α_ij per channel]]]}."""
    return {
        layer.name: np.round(alpha_of_unit(layer), 4).tolist()
        for layer in network.layers
        if isinstance(layer, Mixing)
    }


def run_metadata(settings: Settings, network: FaceNetwork) -> Report:
    """Return environment metadata and sizes, stored with the scores."""
    backend = keras.backend.backend()
    tensorflow = backend == "tensorflow"
    return {
        "source": find_source(settings.data.source),
        "more": dict(settings.data.more),
        "tasks": [task.name for task in network.tasks],
        "parameters": parameters(network),
        # Counted in TensorFlow's graph.
        "multiply_adds": multiply_adds(network) if tensorflow else None,
        "seed": settings.train.seed,
        "threads": threads()[0],
        "backend": backend,
        "versions": versions() if tensorflow else versions(backend),
        "machine": machine(),
    }
