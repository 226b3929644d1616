"""What is around the face: background, body, long hair, ears."""

from dataclasses import replace

import cv2
import numpy as np

from facemtl.datasets.drawing.head import Head, View, project, rotation
from facemtl.datasets.drawing.look import Look
from facemtl.datasets.drawing.paint import CIRCLE, blend, ellipse, noise


def background(rng: np.random.Generator, size: int) -> np.ndarray:
    """(size, size, 3) uint8: a gradient, blobs, lines, out of focus or not."""
    corners = rng.uniform(0, 255, (2, 2, 1)) * rng.uniform(0.6, 1.0, 3)
    corners = corners * 0.6 + rng.uniform(0, 100) + rng.normal(0, 12, (2, 2, 3))
    small = cv2.resize(np.clip(corners, 0, 255), (24, 24))
    grain = noise(rng, (24, 24), (4, 4)) - 127.0
    small += (grain * rng.uniform(0.0, 0.6))[..., None]
    small = np.clip(small, 0, 255).astype(np.uint8)
    back = cv2.resize(small, (size, size))
    for _ in range(rng.integers(0, 7)):
        _clutter(rng, back, size)
    if rng.random() < 0.6:
        blur = size * rng.uniform(0.005, 0.04)
        back = cv2.blur(back, (2 * int(blur) + 1,) * 2)
    return back


def _clutter(rng: np.random.Generator, back: np.ndarray, size: int) -> None:
    x, y = rng.uniform(0.0, size, 2)
    wide, high = size * rng.uniform(0.03, 0.35, 2)
    colour = np.clip(rng.uniform(0, 255) + rng.normal(0, 25, 3), 0, 255)
    kind = rng.integers(3)
    if kind == 0:
        blend(back, ellipse(x, y, wide, high), colour)
    elif kind == 1:
        turn = rng.uniform(0.0, np.pi)
        box = CIRCLE[::4] * (wide, high)
        cos, sin = np.cos(turn), np.sin(turn)
        box = box @ np.array([[cos, sin], [-sin, cos]]) + (x, y)
        blend(back, box, colour)
    else:
        ends = np.array([(x, y), rng.uniform(0.0, size, 2)])
        width = size * rng.uniform(0.005, 0.04)
        blend(back, ends, colour, width=width)


def paint_body(
    rng: np.random.Generator,
    photo: np.ndarray,
    head: Head,
    view: View,
    look: Look,
    bright: np.ndarray,
) -> None:
    """Long hair behind the neck, the neck, shoulders in clothes.

    Args:
        bright: (3,) factor of the light on the body.
    """
    if look.long:
        _long_hair(rng, photo, head, view, look, bright)
    body = rotation(
        replace(
            view, yaw=0.4 * view.yaw, pitch=0 * view.pitch, roll=0.3 * view.roll
        )
    )
    half = 0.62 + 0.12 * look.male
    neck = np.array(
        [
            (-half, 0.9, -0.2),
            (half, 0.9, -0.2),
            (half + 0.12, 2.6, -0.2),
            (-half - 0.12, 2.6, -0.2),
        ]
    )
    places, _ = project(view, neck, body)
    blend(photo, places, np.clip(look.skin * bright * 0.8, 0, 255), 1.0)
    shadow = (places * 3.0 + places[::-1]) / 4.0
    shadow[:2], shadow[2:] = places[:2], (places[2:] + 3 * shadow[2:]) / 4.0
    blend(photo, shadow, look.skin * bright * 0.35, 0.6, 9)
    wide = rng.uniform(1.7, 2.4)
    drop = float(head.chin) + rng.uniform(0.25, 0.7)
    collar = rng.uniform(0.0, 0.7)
    clothes = np.array(
        [
            (-wide, drop + 0.75, -0.3),
            (-half - 0.1, drop, -0.3),
            (0.0, drop + collar, 0.1),
            (half + 0.1, drop, -0.3),
            (wide, drop + 0.75, -0.3),
            (wide, 6.0, -0.3),
            (-wide, 6.0, -0.3),
        ]
    )
    places, _ = project(view, clothes, body)
    colour = rng.uniform(10, 240) + rng.normal(0, 25, 3)
    blend(photo, places, np.clip(colour * bright, 0, 255))


def _long_hair(
    rng: np.random.Generator,
    photo: np.ndarray,
    head: Head,
    view: View,
    look: Look,
    bright: np.ndarray,
) -> None:
    """A curtain behind the head, from the crown to the neck or further."""
    end = float(head.chin) + rng.uniform(-0.3, 1.6)
    wide = float(head.width) + look.volume + rng.uniform(-0.05, 0.3)
    down = np.linspace(float(head.crown) - look.volume, end, 12)
    share = np.clip((down - down[0]) / 1.4, 0.0, 1.0)
    half = wide * np.sqrt(1.0 - (1.0 - share) ** 2)
    half = half * (1.0 + rng.uniform(-0.25, 0.15) * np.clip(down / 2, 0, 1))
    half = half + rng.normal(0.0, 0.03, 12)
    right = np.stack([half, down, np.full(12, -0.2)], axis=-1)
    curtain = np.concatenate([right, (right * (-1, 1, 1))[::-1]])
    places, _ = project(view, curtain)
    dull = rng.uniform(0.6, 0.9)
    blend(photo, places, np.clip(look.hair * bright * dull, 0, 255))


EAR = np.array(
    [
        (0.0, -0.2, 0.0),
        (0.06, -0.32, -0.12),
        (0.16, -0.34, -0.28),
        (0.24, -0.22, -0.42),
        (0.22, 0.02, -0.4),
        (0.14, 0.24, -0.26),
        (0.06, 0.42, -0.12),
        (0.0, 0.36, 0.0),
    ]
)  # outwards, down, forwards; from where the ear is fixed


def paint_ear(
    photo: np.ndarray,
    head: Head,
    view: View,
    look: Look,
    side: int,
    bright: np.ndarray,
) -> None:
    """One ear, unless hair hides it."""
    if look.sides < 1.05:
        return
    ear = EAR * (side, 1.0, 1.0) + (side * 0.97 * head.width, 0.12, 0.05)
    places, _ = project(view, ear)
    flesh = np.clip(look.skin * (1.0, 0.88, 0.86) * bright * 0.9, 0, 255)
    blend(photo, places, flesh, 1.0)
    inner = places.mean(axis=0) + 0.55 * (places - places.mean(axis=0))
    blend(photo, inner, flesh * 0.55, 0.6, 3)
