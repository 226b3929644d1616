"""Score the file of a preset, on all faces and by group."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from turned import turned

from facemtl.data.faces import BadRows, Faces
from facemtl.data.sources import load_split
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.evaluation.faces import predict_faces
from facemtl.evaluation.scores import headline, score
from facemtl.inference.runtimes import load_network
from facemtl.inference.runtimes.runtime import Answers, Network
from facemtl.settings import DataSettings

SPLITS = {"validation": "val", "test": "test"}
DEGREES = (10, 20, 30, 40)
FEW = 100  # faces in the tests that pin a preset's score
TILTED = 20  # rotation in degrees in the tests of the second pass


def scores_of(
    file: Path,
    source: str,
    splits: Mapping[str, str] = SPLITS,
    data: DataSettings | None = None,
) -> dict[str, Any]:
    """Return {split: scores} of one pass, and of two passes as `second_look`.

    Args:
        file: the file of the preset.
        source: the labelled faces.
        splits: {split: its name for `load_split`}, validation among them.
        data: see `load_split`.

    Returns:
        The scores: `per_source` has those by folder of the photos, `turned`
        those of rotated validation faces by degrees, and `again` the
        percentage of faces with a second pass.
    """
    network = load_network(file)
    faces = {
        name: load_split(source, split, network.tasks, BadRows(), data)
        for name, split in splits.items()
    }
    tilted = {str(x): turned(faces["validation"], x) for x in DEGREES}
    once, twice = (
        {
            **{k: _scores(network, x, looks) for k, x in faces.items()},
            "turned": {
                k: headline(score(*_predicted(network, x, looks)))
                for k, x in tilted.items()
            },
        }
        for looks in (1, 2)
    )
    return {**once, "second_look": twice}


class CountingNetwork:
    """A network that counts its crops."""

    def __init__(self, network: Network) -> None:
        self.network, self.crops = network, 0
        self.tasks, self.crop = network.tasks, network.crop
        self.box_convention = network.box_convention

    def predict(
        self, x: np.ndarray, batch_size: int = 250, verbose: Any = 0
    ) -> Answers:
        """Count the crops, and predict."""
        self.crops += len(x)
        return self.network.predict(x, batch_size, verbose)


def _predicted(network: Network, faces: Faces, looks: int) -> Any:
    return predict_faces(network, faces, verbose=0, second_look=looks == 2)


def _scores(network: Network, faces: Faces, looks: int) -> dict[str, Any]:
    counting = CountingNetwork(network)
    faces, answers = _predicted(counting, faces, looks)
    again = round(100 * (counting.crops / len(faces) - 1), 1)
    whole = {**score(faces, answers), "again": again}
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


def pinned(file: Path, source: str = "", degrees: float = 0) -> float:
    """Return NME-box in percent on a fixed set of a few faces.

    Args:
        file: file of the preset.
        source: folder of MTFL, for validation faces; "" for synthetic ones.
        degrees: rotation of the faces, which then get a second pass.
    """
    network = load_network(file)
    if source:
        faces = load_split(source, "val", network.tasks, BadRows())
    else:
        faces = synthetic_faces(FEW, seed=FEW)
    step = max(1, len(faces) // FEW)
    some = faces.select(np.arange(0, len(faces), step))
    looks = 1
    if degrees:
        some, looks = turned(some, degrees), 2
    found = score(*_predicted(network, some, looks))
    return found["landmarks"]["mean_error_box"]
