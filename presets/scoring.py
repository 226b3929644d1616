"""Scores of a preset's file, of all faces and by group."""

from pathlib import Path
from typing import Any

import numpy as np
from turned import turned

from facemtl.datasets.faces import BadRows, Faces
from facemtl.datasets.sources import load_split
from facemtl.datasets.synthetic import synthetic_faces
from facemtl.evaluation import predict_faces
from facemtl.runtimes import load_network
from facemtl.runtimes.runtime import Network
from facemtl.scores import headline, score

SPLITS = {"validation": "val", "test": "test"}
DEGREES = (10, 20, 30)
FEW = 100  # faces of a test that pins a preset


def scores_of(file: Path, source: str) -> dict[str, Any]:
    """{split: scores}; `per_source` by the folder that a photo lies in.

    `turned`: those of the validation faces turned by so many degrees.
    """
    network = load_network(file)
    faces = {
        name: load_split(source, split, network.tasks, BadRows())
        for name, split in SPLITS.items()
    }
    tilted = {str(x): turned(faces["validation"], x) for x in DEGREES}
    return {
        **{k: _scores(*_predicted(network, x)) for k, x in faces.items()},
        "turned": {
            k: headline(score(*_predicted(network, x)))
            for k, x in tilted.items()
        },
    }


def _predicted(network: Network, faces: Faces) -> Any:
    return predict_faces(network, faces, verbose=0)


def _scores(faces: Faces, answers: dict[str, np.ndarray]) -> dict[str, Any]:
    whole = score(faces, answers)
    folders = np.array([Path(name).parts[0] for name in faces.names])
    parts = {
        str(folder): headline(
            score(
                faces.select(folders == folder),
                {k: y[folders == folder] for k, y in answers.items()},
            )
        )
        for folder in np.unique(folders)
    }
    return {**whole, "per_source": parts}


def pinned(file: Path, source: str = "") -> float:
    """Mean error, % of the box, on a few faces that never change.

    Args:
        file: the preset's.
        source: the folder of MTFL, for validation faces; "" for drawn ones.
    """
    network = load_network(file)
    if source:
        faces = load_split(source, "val", network.tasks, BadRows())
    else:
        faces = synthetic_faces(FEW, seed=FEW)
    some = faces.select(np.arange(0, len(faces), len(faces) // FEW))
    found = score(*predict_faces(network, some, verbose=0))
    return found["landmarks"]["mean_error_box"]
