"""Draw objects between the camera and the face."""

import numpy as np

from facemtl.data.synthetic.paint import CIRCLE, blend, ellipse
from facemtl.data.synthetic.scene import Sitter


def paint_obstacle(
    rng: np.random.Generator, photo: np.ndarray, sitter: Sitter
) -> None:
    """Paint a hand, a microphone, a strand of hair or a box over the face."""
    turn = rng.uniform(0.0, 2.0 * np.pi)
    reach = sitter.view.scale * rng.uniform(0.8, 1.7)
    off = np.array([np.cos(turn), np.sin(turn)]) * reach
    paint = (_hand, _microphone, _strand, _box)[rng.integers(4)]
    paint(rng, photo, sitter, off)


def _middle(sitter: Sitter) -> np.ndarray:
    return np.array([sitter.view.centre_x, sitter.view.centre_y])


def _hand(
    rng: np.random.Generator,
    photo: np.ndarray,
    sitter: Sitter,
    off: np.ndarray,
) -> None:
    """Paint four fingers that reach in from outside."""
    away = off / np.linalg.norm(off) * photo.shape[0]
    wide = 0.17 * sitter.view.scale
    for i in range(4):
        tip = _middle(sitter) + off
        tip += np.array([-off[1], off[0]]) * 0.16 * (i - 1.5)
        tone = sitter.look.skin * rng.uniform(0.6, 0.95)
        blend(photo, np.stack([tip, tip + away]), tone, width=wide)


def _microphone(
    rng: np.random.Generator,
    photo: np.ndarray,
    sitter: Sitter,
    off: np.ndarray,
) -> None:
    unit, (x, y) = sitter.view.scale, _middle(sitter) + off
    foot = (x + off[0], y + abs(off[1]) + photo.shape[0])
    stick = np.array([(x, y), foot])
    blend(photo, stick, np.full(3, 40.0), width=0.16 * unit)
    ball = ellipse(x, y, 0.22 * unit, 0.26 * unit)
    blend(photo, ball, rng.uniform(10, 90, 3))


def _strand(
    rng: np.random.Generator,
    photo: np.ndarray,
    sitter: Sitter,
    off: np.ndarray,
) -> None:
    """Paint hair that falls over the face."""
    fall = np.linspace(-1.6, 2.2, 9)
    bend = 0.95 - 0.25 * np.sin(fall + rng.uniform(0, 3))
    lock = np.stack([np.sign(off[0]) * bend, fall], axis=-1)
    lock = lock * sitter.view.scale + _middle(sitter)
    width = sitter.view.scale * rng.uniform(0.05, 0.3)
    blend(photo, lock, sitter.look.hair, 0.85, 3, width)


def _box(
    rng: np.random.Generator,
    photo: np.ndarray,
    sitter: Sitter,
    off: np.ndarray,
) -> None:
    half = sitter.view.scale * rng.uniform(0.15, 0.6, 2)
    box = CIRCLE[::4] * half + _middle(sitter) + off
    blend(photo, box, rng.uniform(0, 255, 3))
