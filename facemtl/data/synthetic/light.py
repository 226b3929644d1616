"""Light on the head: key light, sky, shadows in hollows, highlights."""

from dataclasses import dataclass

import cv2
import numpy as np

from facemtl.data.synthetic.head import View, rotation
from facemtl.data.synthetic.mesh import COLUMNS, ROWS, in_front

CELLS = 48  # Cells per side of the view from the light.
FACE = np.s_[ROWS * 45 // 100 : -8, COLUMNS * 40 // 100 : COLUMNS * 60 // 100]
BIAS = 0.25  # A place this far behind the nearest surface is in shadow.


@dataclass(frozen=True)
class Light:
    """The light of one photo.

    Attributes:
        towards: (3,) unit vector to the key light, in camera coordinates.
        key: (3,) strength of the key light in red, green and blue.
        sky: (3,) strength of the ambient light.
        fill: strength of the light from the camera.
        gloss: strength of the skin's highlights, 0 to about 60.
        hollow: darkness of hollows.
        exposure: 1 for a well-exposed face.
    """

    towards: np.ndarray
    key: np.ndarray
    sky: np.ndarray
    fill: float
    gloss: float
    hollow: float
    exposure: float

    def on_body(self) -> np.ndarray:
        """Return a (3,) factor for the colours of unshaded objects."""
        level = self.key * 0.6 + self.sky + self.fill
        return np.sqrt(level / level.mean() * self.exposure)


def random_light(rng: np.random.Generator) -> Light:
    """Return random light, mostly from above and the front."""
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
        hollow=rng.uniform(0.4, 2.0),
        exposure=np.exp(rng.normal(-0.1, 0.3)),
    )


def shade(
    light: Light, view: View, vertices: np.ndarray, facing: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the brightness of each vertex.

    Args:
        vertices, facing: (3, ROWS, COLUMNS), the surface and its normals.

    Returns:
        (ROWS, COLUMNS, 3) float32 factors for the skin's colour (in sRGB), and
        (ROWS, COLUMNS) float32 highlights to add.
    """
    towards = light.towards @ rotation(view)  # in head coordinates
    down, ahead = rotation(view)[1:]
    middle = towards + ahead
    middle /= np.linalg.norm(middle)
    axes = np.array([towards, down, ahead, middle], np.float32)
    turned = (axes @ facing.reshape(3, -1)).reshape(4, *facing.shape[1:])
    lit = np.maximum(turned[0] * np.float32(0.87) + np.float32(0.13), 0)
    lit *= _unshadowed(towards, vertices)
    open_sky = _openness(vertices[2], light.hollow)
    above = (3.0 - turned[1]) * np.float32(0.25)
    above += np.maximum(turned[2], 0) * np.float32(light.fill)
    total = [
        (lit * float(k) + above * float(s)) * open_sky + np.float32(0.01)
        for k, s in zip(light.key, light.sky, strict=True)
    ]
    exposed = light.exposure / float(total[1][FACE].mean()) ** 0.8
    total = [np.sqrt(channel * np.float32(exposed)) for channel in total]
    gleam = np.maximum(turned[3], 0) ** 2
    for _ in range(3):
        gleam *= gleam
    return cv2.merge(total), gleam * lit * np.float32(light.gloss)


def _unshadowed(towards: np.ndarray, vertices: np.ndarray) -> np.ndarray:
    """Return (ROWS, COLUMNS) in [0, 1]: 0 where the head shades itself."""
    across = np.cross((0.0, 1.0, 0.0), towards)
    across /= np.linalg.norm(across) + 1e-9
    axes = np.array([across, np.cross(towards, across), towards], np.float32)
    seen = axes @ vertices.reshape(3, -1)
    places = np.clip((seen[:2] / 2.6 + 1.0) * (CELLS / 2), 0, CELLS - 1.0)
    clear = in_front(places.T, seen[2], CELLS, BIAS)
    clear = clear.reshape(vertices.shape[1:]).astype(np.float32)
    return cv2.blur(cv2.blur(clear, (5, 5)), (3, 3))


def _openness(depth: np.ndarray, hollow: float) -> np.ndarray:
    """Return factors below 1 where the surface is deeper than around it."""
    soft = cv2.blur(cv2.blur(depth, (7, 7)), (7, 7))
    wide = cv2.blur(cv2.blur(soft, (13, 13)), (11, 11))
    deep = np.clip(soft * 3.0 + wide - depth * 4.0, -0.15, 0.6)
    return np.clip(1.0 - np.float32(hollow) * deep, 0.15, 1.15)
