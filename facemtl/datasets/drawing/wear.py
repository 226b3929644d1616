"""Glasses, hats, and what gets between the camera and the face."""

import numpy as np

from facemtl.datasets.drawing.head import Head, View, project
from facemtl.datasets.drawing.look import Look
from facemtl.datasets.drawing.paint import CIRCLE, blend, ellipse


def paint_glasses(
    rng: np.random.Generator, photo: np.ndarray, head: Head, view: View
) -> None:
    """A frame with two lenses, clear, tinted or dark."""
    plane = float(head.depth) + rng.uniform(0.02, 0.1)
    wide, high = rng.uniform(0.3, 0.41), rng.uniform(0.17, 0.31)
    square = rng.uniform(2.0, 5.0)
    low = rng.uniform(-0.02, 0.1)
    thick = float(view.scale) * rng.uniform(0.012, 0.07)
    frame = rng.choice([20.0, 50.0, 120.0, 190.0]) * rng.uniform(0.7, 1.2, 3)
    frame = np.clip(frame, 0, 255)
    tint = rng.choice(3, p=[0.76, 0.08, 0.16])
    strength = (0.04, 0.45, 0.93)[tint]
    lens = rng.uniform(5, 60, 3)
    shine = rng.uniform(0.0, 0.7) * (rng.random() < 0.4)
    for side in (-1, 1):
        rim = _rim(side * head.eye * 1.02, low, wide, high, square, plane)
        places, _ = project(view, rim)
        blend(photo, places + (0, 1.5 * thick), np.zeros(3), 0.12, 3, thick)
        blend(photo, places, lens, strength)
        _shine(rng, photo, places, shine)
        _wire(photo, np.concatenate([places, places[:1]]), frame, thick)
        _temple(photo, head, view, side, rim, frame, thick)
    inner = float(head.eye) * 1.02 - wide
    bridge = np.array(
        [
            (-inner, low - 0.06, plane),
            (0.0, low - 0.12, plane + 0.1),
            (inner, low - 0.06, plane),
        ]
    )
    _wire(photo, project(view, bridge)[0], frame, thick)


def _wire(
    photo: np.ndarray, places: np.ndarray, colour: np.ndarray, width: float
) -> None:
    """A line as thin as `width`: below a pixel it fades."""
    blend(photo, places, colour, min(width, 1.0), width=max(width, 1.0))


def _rim(
    x: float, y: float, wide: float, high: float, square: float, plane: float
) -> np.ndarray:
    """A rounded rectangle about an eye, bent about the face: (16, 3)."""
    ring = CIRCLE
    ring = np.sign(ring) * np.abs(ring) ** (2.0 / square)
    across, down = x + wide * ring[:, 0], y + high * ring[:, 1]
    return np.stack([across, down, plane - 0.35 * across**2], axis=-1)


def _shine(
    rng: np.random.Generator,
    photo: np.ndarray,
    places: np.ndarray,
    strength: float,
) -> None:
    """The sky in a lens."""
    if strength > 0.0:
        middle = places.mean(axis=0) + rng.normal(0.0, 2.0, 2)
        patch = middle + (places - middle) * rng.uniform(0.2, 0.75, 2)
        blend(photo, patch, np.array([235, 240, 248]), strength, 3)


def _temple(
    photo: np.ndarray,
    head: Head,
    view: View,
    side: int,
    rim: np.ndarray,
    frame: np.ndarray,
    thick: float,
) -> None:
    """The arm to the ear, on the side that is turned to the camera."""
    if side * float(view.yaw) > 0.1:
        return
    hinge = rim[np.argmax(side * rim[:, 0])]
    ear = np.array([side * float(head.width) * 1.01, -0.05, 0.1])
    bend = np.array([side * float(head.width) * 0.98, -0.05, 0.7])
    places, _ = project(view, np.stack([hinge, bend, ear]))
    _wire(photo, places, frame, thick)


def paint_hat(
    rng: np.random.Generator,
    photo: np.ndarray,
    head: Head,
    view: View,
    bright: np.ndarray,
) -> None:
    """A cap, a brimmed hat or a woollen hat over the hair."""
    low = rng.uniform(-0.85, -0.6)
    colour = rng.uniform(10, 230) + rng.normal(0, 20, 3)
    colour = np.clip(colour * bright, 0, 255)
    wide = float(head.width) + 0.1
    turn = np.linspace(-np.pi / 2, np.pi / 2, 15)
    rise = np.cos(turn)
    top = float(head.crown) - 0.25
    dome = np.stack(
        [wide * np.sin(turn), low + (top - low) * rise**0.6, 0.4 * rise], -1
    )
    front = np.stack(
        [
            wide * np.sin(turn),
            low + 0.05 * rise,
            (float(head.depth) + 0.08) * rise,
        ],
        axis=-1,
    )
    places, _ = project(view, np.concatenate([dome, front[::-1]]))
    blend(photo, places, colour)
    reach = rng.choice([0.0, 0.35, 0.7])
    edge = front * (1.0 + 0.25 * (reach > 0.5), 1.0, 1.0)
    edge = edge + np.stack(
        [0 * rise, 0.18 * rise * (reach > 0), reach * rise], -1
    )
    places, _ = project(view, np.concatenate([front, edge[::-1]]))
    shadow = places + (0, 0.14 * float(view.scale))
    blend(photo, shadow, np.zeros(3), 0.35, 5)
    blend(photo, places, colour * 0.75)


def paint_obstacle(
    rng: np.random.Generator, photo: np.ndarray, view: View, look: Look
) -> None:
    """A hand, a microphone, a strand of hair or some box before the face."""
    unit, size = float(view.scale), photo.shape[0]
    turn = rng.uniform(0.0, 2.0 * np.pi)
    off = np.array([np.cos(turn), np.sin(turn)]) * unit * rng.uniform(0.8, 1.7)
    x, y = np.array([float(view.centre_x), float(view.centre_y)]) + off
    kind = rng.integers(4)
    if kind == 0:
        away = off / np.linalg.norm(off) * size
        for i in range(4):
            shift = np.array([-off[1], off[0]]) * 0.16 * (i - 1.5)
            ends = np.stack([(x, y) + shift, (x, y) + shift + away])
            tone = look.skin * rng.uniform(0.6, 0.95)
            blend(photo, ends, tone, 1.0, 1, 0.17 * unit)
    elif kind == 1:
        ball = ellipse(x, y, 0.22 * unit, 0.26 * unit)
        stick = np.array([(x, y), (x + off[0], y + abs(off[1]) + size)])
        blend(photo, stick, np.full(3, 40.0), 1.0, 1, 0.16 * unit)
        blend(photo, ball, rng.uniform(10, 90, 3))
    elif kind == 2:
        side = np.sign(off[0])
        fall = np.linspace(-1.6, 2.2, 9)
        across = side * (0.95 - 0.25 * np.sin(fall + rng.uniform(0, 3)))
        lock = np.stack([across, fall], -1) * unit
        lock = lock + (float(view.centre_x), float(view.centre_y))
        blend(photo, lock, look.hair, 0.85, 3, unit * rng.uniform(0.05, 0.3))
    else:
        half = unit * rng.uniform(0.15, 0.6, 2)
        box = CIRCLE[::4] * half + (x, y)
        blend(photo, box, rng.uniform(0, 255, 3))
