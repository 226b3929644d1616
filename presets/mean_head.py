"""Fit the mean head of `facemtl.geometry.head_pose` to MTFL's training faces.

    python presets/mean_head.py --data data/MTFL

The five positions in 3-D are those whose scaled orthographic projections lie
nearest to the labelled points, by the sum of squared distances in units of
each face's scale. Rotations and head are found in turn. Each of the five pose
classes has the same weight, because turned faces show the depths. The head is
symmetric, and the median pitch of frontal training faces is 0: only this
choice decides what pitch 0 is. Rolls are then independent of yaws: the command
prints the slope. Validation and test faces have no part in it.
"""

import argparse
from collections.abc import Sequence

import numpy as np

from facemtl.data.faces import BadRows
from facemtl.data.sources import load_split
from facemtl.geometry.head_pose import (
    MEAN_HEAD,
    euler_angles,
    projections,
    rotations,
)
from facemtl.process.cli import run
from facemtl.tasks import LANDMARKS, POSE

ROUNDS = 2000  # at most
CLOSE = 1e-6  # change of the head that ends the rounds
MIRRORED = [1, 0, 2, 4, 3]
FRONTAL = 2
# Eyes and mouth in a plane, and a nose in front of them.
START = np.array(
    [
        [-0.5, -0.5, 0],
        [0.5, -0.5, 0],
        [0, 0, 0.5],
        [-0.4, 0.5, 0],
        [0.4, 0.5, 0],
    ]
)


def fit_head(points: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the symmetric head (5, 3) of N faces with weights."""
    head = START - START.mean(axis=0)
    turns, scales = rotations(projections(points, head)[0])
    offsets = points - points.mean(axis=1, keepdims=True)
    for _ in range(ROUNDS):
        turns, scales = nearer(offsets, head, turns, scales)
        two, unit = turns[:, :2], offsets / scales[:, None, None]
        square = np.einsum("n,nij,nik->jk", weights, two, two)
        sides = np.einsum("n,nij,nki->kj", weights, two, unit)
        before, head = head, np.linalg.solve(square, sides.T).T
        head = (head + head[MIRRORED] * (-1, 1, 1)) / 2
        head -= head.mean(axis=0)
        head /= np.linalg.norm(head[1] - head[0])
        if np.abs(head - before).max() < CLOSE:
            break
    return head


def nearer(
    offsets: np.ndarray,
    head: np.ndarray,
    turns: np.ndarray,
    scales: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return rotations (N, 3, 3) and scales (N,) of less distance.

    Each point gets the depth that the rotation gives it; the next rotation is
    that of the nearest similarity in 3-D.
    """
    depths = scales[:, None] * (turns[:, 2] @ head.T)
    full = np.concatenate([offsets, depths[..., None]], axis=-1)
    left, sizes, right = np.linalg.svd(np.swapaxes(full, 1, 2) @ head)
    signs = np.sign(np.linalg.det(left @ right))
    left[:, :, 2] *= signs[:, None]
    sizes[:, 2] *= signs
    return left @ right, sizes.sum(axis=1) / (head**2).sum()


def least_distance(points: np.ndarray) -> np.ndarray:
    """Return (N, 3) angles whose projections lie nearest to the points.

    They are those of POS after 60 steps of `nearer`, to compare both methods.
    """
    head = np.array([*MEAN_HEAD.values()])
    head -= head.mean(axis=0)
    turns, scales = rotations(projections(points, head)[0])
    offsets = points - points.mean(axis=1, keepdims=True)
    for _ in range(60):
        turns, scales = nearer(offsets, head, turns, scales)
    return euler_angles(turns)


def levelled(head: np.ndarray, frontal: np.ndarray) -> np.ndarray:
    """Return the head rotated so that the median pitch of faces is 0."""
    for _ in range(5):
        angle = np.radians(np.median(_angles(frontal, head)[:, 1]))
        a, b = np.cos(angle), np.sin(angle)
        head = head @ np.array([[1, 0, 0], [0, a, b], [0, -b, a]])
    return head


def _angles(points: np.ndarray, head: np.ndarray) -> np.ndarray:
    return euler_angles(rotations(projections(points, head)[0])[0])


def mean_head(points: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the mean head (5, 3) of labelled faces.

    Args:
        points: (N, 5, 2).
        classes: (N,) pose classes from 0.
    """
    weights = 1 / np.bincount(classes)[classes]
    return levelled(fit_head(points, weights), points[classes == FRONTAL])


def main(argv: Sequence[str] | None = None) -> int:
    """Fit, and print the head beside the package's."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", required=True, metavar="FOLDER")
    args = parser.parse_args(argv)
    faces = load_split(args.data, "train", (LANDMARKS, POSE), BadRows())
    points, classes = faces.labels["landmarks"], faces.labels["pose"]
    head = mean_head(points, classes)
    for (name, kept), place in zip(MEAN_HEAD.items(), head, strict=True):
        print(f"{name}: {np.round(place, 3).tolist()} (kept: {list(kept)})")
    yaw, _, roll = _angles(points, head).T
    slope = np.polyfit(np.sin(np.radians(yaw)), roll, 1)[0]
    print(f"{len(faces):,} faces; degrees of roll per sin(yaw): {slope:.1f}")
    return 0


if __name__ == "__main__":
    run(main)
