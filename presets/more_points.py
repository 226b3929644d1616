"""Label the faces of MORE with five points, the means of two presets.

    python presets/more_points.py data/MORE/labels.csv --out runs/more.csv

`base` and `large` predict the mean of a face and its mirror image in two
passes, and `large` counts twice. Where they disagree most, on 3 % of the faces,
the points stay empty. The CSV has the column `split` of `presets/more.py`.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from more import labels_and_out, split_of

from facemtl.process.cli import load_tensorflow, run

if TYPE_CHECKING:
    from facemtl.data.faces import Faces

WEIGHTS = {"base": 1, "large": 2}
KEPT = 0.97  # share of the faces that keep their points
DIGITS = 2  # of a pixel


def main(argv: Sequence[str] | None = None) -> int:
    """Label the faces, and write the CSV."""
    labels, out = labels_and_out(__doc__, argv)
    load_tensorflow()
    write_labelled(labels, out)
    print(out)
    return 0


def write_labelled(labels: Path, out: Path) -> None:
    """Write the faces of a CSV of MORE with points and a column `split`."""
    from facemtl.data.csv.reader import read_csv
    from facemtl.data.csv.writer import write_csv
    from facemtl.tasks import LANDMARKS

    faces = read_csv(labels)
    missing = LANDMARKS.no_labels(len(faces))
    faces = replace(
        faces,
        tasks=(LANDMARKS, *faces.tasks),
        labels={**faces.labels, LANDMARKS.name: missing},
    )
    found = [predicted(name, faces) for name in WEIGHTS]
    points = agreed(np.stack(found), faces.boxes).round(DIGITS)
    root = labels.parent.resolve()
    names = [(root / name).as_posix() for name in faces.names]
    labelled = replace(
        faces,
        names=np.array(names),
        labels={**faces.labels, LANDMARKS.name: points},
    )
    columns = {"split": [split_of(name) for name in names]}
    out.parent.mkdir(parents=True, exist_ok=True)
    write_csv(labelled, out, columns=columns)


def predicted(name: str, faces: "Faces") -> np.ndarray:
    """Return the points (N, 5, 2) of a preset, with its mirror images."""
    from facemtl.evaluation.faces import predict_faces
    from facemtl.models import load_model
    from facemtl.tasks import LANDMARKS

    network = load_model(name)
    if not network.get_config()["mirrored"]:
        network = network.with_mirror()
    only = faces.only((LANDMARKS,))
    return predict_faces(network, only, verbose=0)[1][LANDMARKS.name]


def agreed(points: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return weighted means (N, P, 2); NaN where networks disagree most.

    Args:
        points: (K, N, P, 2) predictions of the K networks of `WEIGHTS`.
        boxes: (N, 4) left, top, right, bottom.
    """
    weights = list(WEIGHTS.values())
    mean = np.average(points, axis=0, weights=weights)
    distances = np.linalg.norm(points[0] - points[1], axis=2).mean(axis=1)
    distances /= boxes[:, 2] - boxes[:, 0]
    mean[distances > np.quantile(distances, KEPT)] = np.nan
    return mean


if __name__ == "__main__":
    run(main)
