"""Draw the surroundings of the face: background, body, long hair, ears."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from facemtl.data.synthetic.head import Head, View, project, rotation
from facemtl.data.synthetic.look import Look
from facemtl.data.synthetic.paint import CIRCLE, blend, ellipse, noise


@dataclass(frozen=True)
class Sitter:
    """The person in a photo.

    Attributes:
        head, view, look: parameters of this face.
        bright: (3,) brightness of objects with the same light as the face.
    """

    head: Head
    view: View
    look: Look
    bright: np.ndarray


def background(rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw gradient, blobs, lines, sharp or blurred: (size, size, 3) uint8."""
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
    rng: np.random.Generator, photo: np.ndarray, sitter: Sitter
) -> None:
    """Paint long hair behind the neck, the neck, and shoulders in clothes."""
    if sitter.look.long:
        _paint_long_hair(rng, photo, sitter)
    view = sitter.view
    turned = replace(view, yaw=0.4 * view.yaw, pitch=0.0, roll=0.3 * view.roll)
    body = rotation(turned)
    half = 0.62 + 0.12 * sitter.look.male
    _paint_neck(photo, sitter, body, half)
    _paint_clothes(rng, photo, sitter, body, half)


def _paint_neck(
    photo: np.ndarray, sitter: Sitter, body: np.ndarray, half: float
) -> None:
    """Paint the neck, `2 * half` wide, with the shadow of the chin."""
    foot = half + 0.12
    neck = np.array(
        [
            (-half, 0.9, -0.2),
            (half, 0.9, -0.2),
            (foot, 2.6, -0.2),
            (-foot, 2.6, -0.2),
        ]
    )
    places, _ = project(sitter.view, neck, body)
    flesh = np.clip(sitter.look.skin * sitter.bright, 0, 255)
    blend(photo, places, flesh * 0.8)
    shadow = places.copy()
    shadow[2:] = 0.4 * places[2:] + 0.6 * places[1::-1]
    blend(photo, shadow, flesh * 0.35, 0.6, 9)


def _paint_clothes(
    rng: np.random.Generator,
    photo: np.ndarray,
    sitter: Sitter,
    body: np.ndarray,
    half: float,
) -> None:
    """Paint two shoulders and a neckline."""
    wide, neck = rng.uniform(1.7, 2.4), half + 0.1
    drop = sitter.head.chin + rng.uniform(0.25, 0.7)
    low = drop + rng.uniform(0.0, 0.7)
    right = [(neck, drop), (wide, drop + 0.75), (wide, 6.0)]
    left = [(-x, y) for x, y in reversed(right)]
    outline = np.array([(0.0, low), *right, *left])
    shirt = np.concatenate([outline, np.full((7, 1), -0.3)], axis=1)
    places, _ = project(sitter.view, shirt, body)
    colour = rng.uniform(10, 240) + rng.normal(0, 25, 3)
    blend(photo, places, np.clip(colour * sitter.bright, 0, 255))


def _paint_long_hair(
    rng: np.random.Generator, photo: np.ndarray, sitter: Sitter
) -> None:
    """Paint hair behind the head, from the crown to the neck or lower."""
    head, look = sitter.head, sitter.look
    end = head.chin + rng.uniform(-0.3, 1.6)
    wide = head.width + look.volume + rng.uniform(-0.05, 0.3)
    down = np.linspace(head.crown - look.volume, end, 12)
    share = np.clip((down - down[0]) / 1.4, 0.0, 1.0)
    half = wide * np.sqrt(1.0 - (1.0 - share) ** 2)
    half = half * (1.0 + rng.uniform(-0.25, 0.15) * np.clip(down / 2, 0, 1))
    half = half + rng.normal(0.0, 0.03, 12)
    right = np.stack([half, down, np.full(12, -0.2)], axis=-1)
    curtain = np.concatenate([right, (right * (-1, 1, 1))[::-1]])
    places, _ = project(sitter.view, curtain)
    colour = look.hair * sitter.bright * rng.uniform(0.6, 0.9)
    blend(photo, places, np.clip(colour, 0, 255))


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
)  # outwards, down, forwards; relative to where the ear is attached


def paint_ear(photo: np.ndarray, sitter: Sitter, side: int) -> None:
    """Paint the ear at the image's left (-1) or right (1), if visible."""
    if sitter.look.long:
        return
    root = (side * 0.97 * sitter.head.width, 0.12, 0.05)
    places, _ = project(sitter.view, EAR * (side, 1.0, 1.0) + root)
    flesh = sitter.look.skin * (0.9, 0.79, 0.77) * sitter.bright
    flesh = np.clip(flesh, 0, 255)
    blend(photo, places, flesh)
    inner = 0.45 * places.mean(axis=0) + 0.55 * places
    blend(photo, inner, flesh * 0.55, 0.6, 3)
