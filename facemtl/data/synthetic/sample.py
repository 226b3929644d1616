"""Random parameters and labels of faces: people and their poses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facemtl.data.synthetic.draws import Draws
from facemtl.data.synthetic.head import (
    Group,
    Head,
    Number,
    View,
    landmarks,
    project,
)

SCALE = 0.27  # Median ratio of eye distance to the photo's side.
BOX = 1.95  # Median ratio of box width to eye distance.
YAW_LIMITS = (-0.6, -0.33, 0.33, 0.6)  # Between the pose classes, in radians.
POSE_WEIGHTS = (6, 14, 60, 14, 6)


@dataclass(frozen=True)
class Traits(Group):
    """The attributes of N faces: bools, and the pose class from 0."""

    male: Number
    smiling: Number
    glasses: Number
    pose: Number


@dataclass(frozen=True)
class People:
    """N faces with their labels.

    Attributes:
        head, view, traits: parameters of the faces.
        points: (N, 5, 2) float64 pixels; (0, 0) is the first pixel's centre.
        boxes: (N, 4) float64: left, top, right, bottom in pixels.
    """

    head: Head
    view: View
    traits: Traits
    points: np.ndarray
    boxes: np.ndarray


def people(seed: int, indices: Sequence[int] | np.ndarray, size: int) -> People:
    """Sample the faces of `indices`, in photos of `size` x `size` pixels.

    Args:
        seed: at least 0.
        indices: each at least 0; face `i` of a seed never changes.
        size: side of the photos; it only scales lengths.

    Example:

    >>> people(0, [0, 1, 2], 160).points.shape
    (3, 5, 2)
    """
    draws = Draws(seed, indices)
    yaw = _yaw(draws)
    traits = Traits(
        male=draws.chance(0.52),
        smiling=draws.chance(0.5),
        glasses=draws.chance(0.2),
        pose=np.digitize(yaw, YAW_LIMITS),
    )
    head = _head(draws, traits)
    view = _view(draws, yaw, size)
    points, _ = project(view, landmarks(head))
    return People(head, view, traits, points, _boxes(draws, head, view))


def _yaw(draws: Draws) -> np.ndarray:
    """Sample a pose class by weight, then an angle within the class."""
    left, right = YAW_LIMITS[1:3]
    edge = YAW_LIMITS[3]
    angles = (
        draws.uniform(-0.92, -edge),
        draws.uniform(-edge, left),
        np.clip(draws.normal(0.0, 0.19), left, right - 1e-9),
        draws.uniform(right, edge),
        draws.uniform(edge, 0.92),
    )
    return np.choose(draws.choice(POSE_WEIGHTS), angles)


def _head(draws: Draws, traits: Traits) -> Head:
    male, smiling = traits.male, traits.smiling
    smile = np.where(
        smiling, draws.uniform(0.35, 1.1), draws.uniform(-0.35, 0.18)
    )
    opened = _opening(draws, smile, smiling)
    young = np.maximum(draws.unit() - 0.8, 0.0) * 5.0  # 1 for a small child
    mouth = draws.normal(1.045, 0.062) - 0.05 * smile - 0.11 * young
    corner = mouth - 0.075 * smile + 0.45 * opened
    return Head(
        width=draws.normal(1.1, 0.055) + 0.03 * male + 0.04 * young,
        depth=draws.normal(1.42, 0.05),
        crown=draws.normal(-2.0, 0.08),
        chin=mouth
        + draws.normal(0.8, 0.06)
        + 0.05 * male
        - 0.1 * young
        + 0.75 * opened,
        jaw=draws.normal(2.4, 0.25) + 0.35 * male,
        eye=draws.normal(0.5, 0.018),
        socket=draws.normal(0.08, 0.025),
        brow=draws.normal(-0.29, 0.05) + 0.03 * male,
        brow_ridge=draws.normal(0.03, 0.012) + 0.03 * male,
        nose=draws.normal(0.555, 0.066) - 0.01 * smile - 0.07 * young,
        nose_height=draws.normal(0.265, 0.04) - 0.06 * young,
        nose_width=draws.normal(0.27, 0.035) + 0.015 * male,
        cheek=draws.normal(0.06, 0.02) + 0.06 * np.maximum(smile, 0.0),
        mouth=mouth,
        mouth_width=draws.normal(0.475, 0.045) + 0.085 * smile - 0.1 * opened,
        corner_left=corner + draws.normal(0.0, 0.014),
        corner_right=corner + draws.normal(0.0, 0.014),
        lips=draws.normal(0.06, 0.015),
        smile=smile,
        open=opened,
        gaze_x=draws.normal(0.0, 0.025),
        gaze_y=draws.normal(0.0, 0.01),
    )


def _opening(
    draws: Draws, smile: np.ndarray, smiling: np.ndarray
) -> np.ndarray:
    """Return the height of the gap between the lips; most smiles show teeth."""
    toothy = draws.chance(0.8)
    grin = np.where(toothy, 0.05 + draws.unit() ** 1.5 * 0.24, 0.0) * smile
    talks = draws.chance(0.4)
    talk = np.where(talks, 0.03 + draws.unit() ** 2 * 0.55, 0.0)
    return np.where(smiling, grin, talk)


def _view(draws: Draws, yaw: np.ndarray, size: int) -> View:
    turned = np.sin(np.abs(yaw))
    return View(
        yaw=yaw,
        pitch=draws.normal(0.0, 0.14),
        roll=draws.normal(0.0, 0.115) * (1.0 + 0.4 * turned) + 0.09 * yaw,
        distance=6.0 / draws.uniform(0.2, 1.0),
        scale=SCALE * size * np.exp(draws.normal(0.0, 0.06)),
        centre_x=size * (0.5 + draws.normal(0.0, 0.02)) - 0.5,
        centre_y=size * (0.5 + draws.normal(0.0, 0.02)) - 0.5,
    )


def _boxes(draws: Draws, head: Head, view: View) -> np.ndarray:
    """Return jittered boxes, as a detector gives for the heads."""
    large = np.sqrt(head.width / 1.115 * (head.chin + 1.0) / 2.9)
    side = BOX * view.scale * large * np.exp(draws.normal(0.0, 0.07))
    x = view.centre_x + draws.normal(0.0, 0.038) * side
    y = view.centre_y + draws.normal(0.0, 0.02) * side
    half = side / 2
    return np.stack([x - half, y - half, x + half, y + half], axis=-1)
