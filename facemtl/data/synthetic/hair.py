"""Draw the hair of the head: its outline, colour and volume."""

import cv2
import numpy as np

from facemtl.data.synthetic.look import Look
from facemtl.data.synthetic.mesh import (
    COLUMNS,
    HEIGHT,
    ROWS,
    WIDTH,
    Wrap,
)
from facemtl.data.synthetic.paint import Sketch, mix, noise


def grow_hair(
    rng: np.random.Generator, skin: np.ndarray, wrap: Wrap, look: Look
) -> np.ndarray:
    """Paint hair over the head's colours.

    Returns:
        (HEIGHT, WIDTH) uint8: 255 on hair.
    """
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    if look.bald:
        return mask
    line = Sketch(wrap.around)
    line.fill(_outline(rng, wrap, look), 255)
    line.draw(mask)
    mask = cv2.blur(mask, (3, 3))
    mix(skin, strands(rng, look.hair), mask)
    return mask


def _outline(rng: np.random.Generator, wrap: Wrap, look: Look) -> np.ndarray:
    """Return azimuth and `down` of the hairline, closed over the crown."""
    angle = np.linspace(-2.4, 2.4, 49)
    off = np.abs(angle)
    part = rng.uniform(-0.5, 0.5)
    front = look.hairline + rng.normal(0.0, 0.035, angle.size)
    front = front + rng.uniform(0.0, 0.35) * np.abs(angle - part)
    if look.fringe:
        hang = rng.uniform(-0.62, -0.38) + rng.uniform(-0.2, 0.2) * angle
        front = np.maximum(front, hang + rng.normal(0.0, 0.05, angle.size))
    temple = look.sides - 0.12
    end = wrap.head.chin if look.long else rng.uniform(0.0, 0.5)
    fall = np.clip((off - temple) / 0.25, 0.0, 1.0) ** 1.2
    line = np.where(off > temple, front + (end - front) * fall, front)
    top = np.array([(2.4, -2.6), (-2.4, -2.6)])
    return np.concatenate([np.stack([angle, line], axis=-1), top])


def strands(rng: np.random.Generator, colour: np.ndarray) -> np.ndarray:
    """Return vertical streaks of hair: (HEIGHT, WIDTH, 3) uint8."""
    shape = (HEIGHT, WIDTH)
    streaks = noise(rng, shape, (40, 2))
    locks = noise(rng, shape, (60, 12))
    a, b = rng.uniform(0.1, 0.5), rng.uniform(0.0, 0.4)
    tone = cv2.addWeighted(streaks, a, locks, b, 127 * (1.0 - a - b))
    steps = np.arange(256)[:, None] / 127.0
    table = np.clip(steps * colour, 0, 255).astype(np.uint8)
    return cv2.LUT(cv2.merge([tone, tone, tone]), table[:, None])


def raise_hair(
    vertices: np.ndarray, share: np.ndarray, volume: float
) -> np.ndarray:
    """Raise the surface by hair that is `volume` units thick."""
    small = cv2.resize(share, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    small = cv2.blur(small.astype(np.float32), (5, 5)) * (small > 127)
    thick = cv2.blur(small, (3, 3)) * np.float32(volume / 255.0)
    out = vertices.copy()
    out[1] = np.minimum(out[1] + 0.4, 0.0)
    length = np.sqrt(out[0] ** 2 + out[1] ** 2 + out[2] ** 2) + 1e-6
    return vertices + out * (thick / length)
