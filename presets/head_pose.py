"""Measure the head pose: on drawn faces, MTFL's pose classes, rotated photos.

    python presets/head_pose.py --data data/MTFL

Drawn faces have exact angles: between the head and the camera's axis as drawn,
and between the head and the line from the camera to the face, which is what
a crop shows. MTFL has five classes of yaw, and no pitch. Rotated photos change
roll by a known angle. Points are the labelled ones, or those that presets
predict with two passes. "By least distance" are the angles whose projections
of the mean head lie nearest to the points, instead of POS. The mean head
(`presets/mean_head.py`) was fitted to training faces; here are none. Results:
`presets/head_pose.json` and `.md`.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from head_pose_table import table
from mean_head import least_distance
from pose_scores import (
    NAMES,
    by_class,
    errors,
    in_sight,
    neighbours,
    rounded,
    wrapped,
)
from turned import turned

from facemtl.arguments import checked_count
from facemtl.data.faces import BadRows, Faces
from facemtl.data.sources import load_split
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.data.synthetic.head import landmarks, project, rotation
from facemtl.data.synthetic.sample import people
from facemtl.evaluation.faces import predict_faces
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_json, write_whole
from facemtl.geometry.head_pose import MEAN_HEAD, euler_angles, head_angles
from facemtl.inference.runtimes import load_network
from facemtl.inference.templates import places
from facemtl.presets import pretrained_names
from facemtl.process.cli import run
from facemtl.process.environment import machine, versions
from facemtl.tasks import LANDMARKS, POSE

FILE = Path(__file__).with_suffix(".json")
COMMAND = "python presets/head_pose.py --data data/MTFL"
SEED = 23  # of drawn faces, which no run draws
SPLITS = {"validation": "val", "test": "test"}
DEGREES = (10, 20, 30, 40)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, write JSON and tables, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", required=True, metavar="FOLDER")
    parser.add_argument("--drawn", type=int, default=2000, metavar="N")
    parser.add_argument("--out", metavar="FILE", default=FILE)
    args = parser.parse_args(argv)
    out = check_file(args.out, "--out")
    checked_count("--drawn", args.drawn)
    networks = {name: load_network(name) for name in pretrained_names()}
    tasks = (LANDMARKS, POSE)
    splits = {
        name: load_split(args.data, split, tasks, BadRows())
        for name, split in SPLITS.items()
    }
    result = {
        "command": COMMAND,
        "machine": machine(),
        "versions": versions(),
        "seed": SEED,
        "drawn": on_drawn(args.drawn, networks),
        "classes": {k: on_classes(x, networks) for k, x in splits.items()},
        "rotated": on_rotated(splits["validation"], networks),
    }
    write_json(result, out)
    write_whole(table(result), out.with_suffix(".md"))
    print(table(result))
    return 0


def predicted(network: Any, faces: Faces) -> np.ndarray:
    """Return (N, 3) angles from points predicted with two passes."""
    # Networks of other points have their task under the same name.
    bare = replace(faces, tasks=(POSE,), labels={"pose": faces.labels["pose"]})
    kept, found = predict_faces(network, bare, verbose=0)
    assert len(kept) == len(faces)
    (task,) = (x for x in network.tasks if x.kind == "landmarks")
    columns = np.moveaxis(found[task.name], 1, 0)
    points = places(dict(zip(task.names, columns, strict=True)), MEAN_HEAD)
    assert points is not None
    return head_angles(np.moveaxis(points, 0, 1))


def from_points(faces: Faces, networks: Any) -> dict[str, np.ndarray]:
    """Return {points: (N, 3) angles}, of labelled and predicted points."""
    labelled = head_angles(faces.labels["landmarks"])
    return {
        "labelled": labelled,
        "labelled, by least distance": least_distance(
            faces.labels["landmarks"]
        ),
        **{name: predicted(x, faces) for name, x in networks.items()},
    }


def on_drawn(n: int, networks: Any) -> dict[str, Any]:
    """Return the errors on N drawn faces, by points and definition."""
    view = people(SEED, range(n), 160).view
    truths = {
        "camera's axis": euler_angles(rotation(view)),
        "line of sight": euler_angles(in_sight(view)),
    }
    found = from_points(synthetic_faces(n, SEED), networks)
    return {
        "n": n,
        "always_0": {
            kind: dict(zip(NAMES, rounded(np.abs(x).mean(axis=0)), strict=True))
            for kind, x in truths.items()
        },
        "rows": [
            {"truth": kind, "points": name, **errors(angles, truth)}
            for kind, truth in truths.items()
            for name, angles in found.items()
        ],
        "change": of_one_head(n),
    }


def of_one_head(n: int) -> dict[str, Any]:
    """Return the errors of changes between two exact poses of each head."""
    drawn = people(SEED, range(n), 160)
    other = people(SEED + 1, range(n), 160).view
    points, _ = project(other, landmarks(drawn.head))
    truth = euler_angles(in_sight(other)) - euler_angles(in_sight(drawn.view))
    return errors(head_angles(points) - head_angles(drawn.points), truth)


def on_classes(faces: Faces, networks: Any) -> dict[str, Any]:
    """Return yaw by pose class, and differences from labelled points."""
    classes = faces.labels["pose"]
    found = from_points(faces, networks)
    return {
        "n": len(faces),
        "per_class": np.bincount(classes).tolist(),
        "rows": [
            {
                "points": name,
                "yaw": [rounded(x.mean(), 1) for x in by_class(y, classes)],
                "auc": neighbours(y, classes),
                "pitch_mean": rounded(np.nanmean(angles[:, 1])),
                "pitch_deviation": rounded(np.nanstd(angles[:, 1])),
                "to_labelled": errors(angles, found["labelled"]),
            }
            for name, angles in found.items()
            for y in [angles[:, 0]]
        ],
    }


def on_rotated(faces: Faces, networks: Any) -> list[dict[str, Any]]:
    """Return the errors of the roll by which photos were rotated."""
    # Clockwise, see `turned`.
    signs = np.where(np.arange(len(faces)) % 2, 1, -1)
    rows = []
    for name, network in networks.items():
        before = predicted(network, faces)
        for degrees in DEGREES:
            apart = predicted(network, turned(faces, degrees)) - before
            apart[:, 2] -= signs * degrees
            apart = np.abs(wrapped(apart))
            row = {"points": name, "degrees": degrees}
            for i, angle in enumerate(NAMES):
                row[angle] = {
                    "mean": rounded(np.nanmean(apart[:, i])),
                    "median": rounded(np.nanmedian(apart[:, i])),
                    "95 %": rounded(np.nanpercentile(apart[:, i], 95)),
                }
            rows.append(row)
    return rows


if __name__ == "__main__":
    run(main)
