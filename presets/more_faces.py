"""Parts of MORE's training faces: adults, or labels that networks agree with.

Validation faces are always all there.
"""

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from more import VALIDATION
from people import read_people

from facemtl.files.writing import write_whole

Row = dict[str, str]
ADULT = 15  # years
NETWORKS = ("base", "large")
# Largest mean probability that these give a label that is left out.
DOUBTED = 0.2
ATTRIBUTES = ("gender", "smile")


def write_part(part: str, more: Path, people: Path, file: Path) -> Path:
    """Write a part of MORE's faces, and return its CSV.

    Args:
        part: `adults`, without the training faces below 15 years; or
            `agreed`, without the labels that presets contradict.
        more: the CSV that `more_points.py` writes.
        people: MORE's `people.csv`.
        file: the CSV to write. It is left as it is if it is there.
    """
    if file.exists():
        return file
    with more.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    change: Callable[[], Iterable[Row]] = {
        "adults": lambda: adults(rows, people),
        "agreed": lambda: agreed(rows, doubted(more)),
    }[part]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(change())
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(text.getvalue(), file)
    return file


def adults(rows: Iterable[Row], people: Path) -> list[Row]:
    """Return the rows without training faces of children."""
    known = read_people(people)
    children = {name for name, who in known.items() if who.age < ADULT}
    return [
        row
        for row in rows
        if row["split"] == VALIDATION or Path(row["file"]).name not in children
    ]


def agreed(rows: Iterable[Row], wrong: dict[str, np.ndarray]) -> list[Row]:
    """Return the rows without the training labels that networks doubt.

    Args:
        rows: N rows.
        wrong: {attribute: (N,) bool}, whether they doubt its label.
    """
    found = []
    for i, row in enumerate(rows):
        names = [name for name in wrong if wrong[name][i]]
        emptied = {} if row["split"] == VALIDATION else dict.fromkeys(names, "")
        found.append(row | emptied)
    return found


def doubted(more: Path) -> dict[str, np.ndarray]:
    """Return {attribute: (N,) bool}: labels with a low mean probability."""
    from facemtl.data.csv.reader import read_csv
    from facemtl.evaluation.faces import predict_faces
    from facemtl.models import load_model

    networks = [load_model(name) for name in NETWORKS]
    faces = read_csv(more)
    found = [predict_faces(net, faces, verbose=0)[1] for net in networks]
    return {
        name: low_probability(
            np.mean([each[name] for each in found], axis=0),
            faces.labels[name],
        )
        for name in ATTRIBUTES
    }


def low_probability(
    probabilities: np.ndarray, labels: np.ndarray
) -> np.ndarray:
    """Whether labels have a probability below `DOUBTED`; no without a label.

    Args:
        probabilities: (N, K) of the classes.
        labels: (N,) class indices; -1 where there is none.

    Example:

    >>> low_probability(np.array([[0.1, 0.9], [0.1, 0.9]]), np.array([0, -1]))
    array([ True, False])
    """
    own = np.take_along_axis(probabilities, labels[:, None].astype(int), 1)
    return (labels >= 0) & (own[:, 0] < DOUBTED)
