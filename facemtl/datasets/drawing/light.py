"""Brightness of the head: a key light, a sky, shadows in hollows, gloss."""

from dataclasses import dataclass

import cv2
import numpy as np

from facemtl.datasets.drawing.head import View, rotation


@dataclass(frozen=True)
class Light:
    """The light of one photo.

    Attributes:
        towards: (3,) unit vector to the key light, in camera coordinates.
        key: (3,) its strength in red, green and blue.
        sky: (3,) strength from everywhere.
        fill: strength from the camera.
        gloss: strength of the skin's highlights, 0 to about 60.
        hollow: how dark hollows get.
    """

    towards: np.ndarray
    key: np.ndarray
    sky: np.ndarray
    fill: float
    gloss: float
    hollow: float


def random_light(rng: np.random.Generator) -> Light:
    """Mostly from above and the front, sometimes from the side."""
    across = rng.normal(0.0, 0.75)
    up = rng.normal(0.45, 0.35)
    towards = np.array([np.sin(across), -np.sin(up), np.cos(across)])
    contrast = rng.uniform(0.15, 0.95)
    tint = 1.0 + rng.normal(0.0, 0.06, 3)
    return Light(
        towards=towards / np.linalg.norm(towards),
        key=contrast * tint * 1.2,
        sky=np.full(3, 1.0 - contrast) / tint,
        fill=rng.uniform(0.0, 0.35),
        gloss=rng.uniform(0.0, 1.0) ** 2 * 60.0,
        hollow=rng.uniform(0.6, 2.4),
    )


def shade(
    light: Light, view: View, vertices: np.ndarray, facing: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How bright each vertex is.

    Args:
        vertices, facing: (ROWS, COLUMNS, 3), the surface and its normals.

    Returns:
        (ROWS, COLUMNS, 3) float32 factors for the skin's colour (of sRGB
        values), and (ROWS, COLUMNS) float32 highlights to add.
    """
    turned = facing @ rotation(view).T.astype(np.float32)
    towards = light.towards.astype(np.float32)
    lit = np.maximum((turned @ towards + 0.15) / 1.15, 0.0)
    open_sky = _openness(vertices, light.hollow)
    front = np.maximum(turned[..., 2], 0.0) * np.float32(light.fill)
    above = np.float32(0.75) - np.float32(0.25) * turned[..., 1]
    key = light.key.astype(np.float32)
    sky = light.sky.astype(np.float32)
    total = cv2.merge(
        [
            (lit * k + above * s + front) * open_sky
            for k, s in zip(key, sky, strict=True)
        ]
    )
    middle = towards + np.float32([0, 0, 1])
    middle /= np.linalg.norm(middle)
    gleam = cv2.pow(np.maximum(turned @ middle, 0.0), 24) * open_sky
    gleam *= np.float32(light.gloss)
    return cv2.pow(np.maximum(total, np.float32(0.02)), 1 / 2.2), gleam


def _openness(vertices: np.ndarray, hollow: float) -> np.ndarray:
    """Below 1 in hollows: the surface lies deeper than its surroundings."""
    depth = np.ascontiguousarray(vertices[..., 2])
    soft = cv2.blur(cv2.blur(depth, (7, 7)), (7, 7))
    wide = cv2.blur(cv2.blur(soft, (15, 15)), (13, 13))
    deep = np.clip(soft * 3.0 + wide - depth * 4.0, -0.15, 0.6)
    return np.clip(1.0 - np.float32(hollow) * deep, 0.15, 1.15)
