"""Draw polygons on an image: sharp or soft, opaque or transparent."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

BITS = 4  # Bits of a pixel's fraction, for smooth edges.
CIRCLE = np.stack(
    [
        np.cos(np.linspace(0.0, 2 * np.pi, 17))[:-1],
        np.sin(np.linspace(0.0, 2 * np.pi, 17))[:-1],
    ],
    axis=-1,
)
MIRROR = np.array([-1.0, 1.0])

Colour = Any  # (3,) from 0 to 255, or one number for a grey image.


class Sketch:
    """A list of polygons and lines that are drawn together.

    Args:
        pixels: converts (N, 2) places to (N, 2) pixels.

    Example:

    >>> sketch, image = Sketch(lambda places: places * 2), np.zeros((9, 9))
    >>> sketch.fill(np.array([(1, 1), (3, 1), (3, 3), (1, 3)]), 7)
    >>> sketch.draw(image)
    >>> float(image[4, 4])
    7.0
    """

    def __init__(self, pixels: Callable[[np.ndarray], np.ndarray]) -> None:
        self._pixels = pixels
        self._shapes: list[tuple[np.ndarray, Colour, float]] = []

    def fill(self, places: np.ndarray, colour: Colour) -> None:
        """Add a filled polygon."""
        self._shapes.append((places, colour, 0.0))

    def line(self, places: np.ndarray, colour: Colour, width: float) -> None:
        """Add a polyline that is `width` pixels wide."""
        self._shapes.append((places, colour, width))

    def both(
        self, places: np.ndarray, colour: Colour, width: float = 0.0
    ) -> None:
        """Add a shape and its mirror image."""
        self._shapes.append((places, colour, width))
        self._shapes.append((places * MIRROR, colour, width))

    def draw(self, image: np.ndarray) -> None:
        """Draw all shapes, in the order they were added."""
        if not self._shapes:
            return
        places = np.concatenate([shape[0] for shape in self._shapes])
        points = fixed(self._pixels(places))
        start = 0
        for shape, colour, width in self._shapes:
            end = start + len(shape)
            _draw(image, points[start:end], colour, width)
            start = end


def _draw(
    image: np.ndarray, points: np.ndarray, colour: Colour, width: float
) -> None:
    shade = tuple(np.atleast_1d(colour).tolist())
    if width:
        thick = max(1, round(width))
        cv2.polylines(image, [points], False, shade, thick, cv2.LINE_AA, BITS)
    else:
        cv2.fillPoly(image, [points], shade, cv2.LINE_AA, BITS)


def fixed(points: np.ndarray) -> np.ndarray:
    """Convert (N, 2) float pixels to OpenCV's fixed-point integers."""
    return np.rint(np.clip(points, -2000, 2000) * (1 << BITS)).astype(np.int32)


def blend(
    image: np.ndarray,
    points: np.ndarray,
    colour: Colour,
    strength: float = 1.0,
    blur: int = 1,
    width: float = 0.0,
) -> None:
    """Blend a colour into a polygon, or into a polyline if `width` is given.

    Args:
        image: (H, W, 3) uint8, changed in place.
        points: (N, 2) pixels.
        colour: (3,) 0-255.
        strength: 0 leaves the image unchanged, 1 replaces it.
        blur: width of the soft edge in pixels, odd.
        width: width of the line in pixels; 0 fills the polygon.
    """
    if strength >= 1.0 and blur <= 1:
        _draw(image, fixed(points), colour, width)
        return
    margin = blur + width + 1.0
    low = np.floor(points.min(axis=0) - margin).astype(int)
    high = np.ceil(points.max(axis=0) + margin).astype(int)
    x0, y0 = np.maximum(low, 0)
    x1, y1 = np.minimum(high, image.shape[1::-1])
    if x1 <= x0 or y1 <= y0:
        return
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    _draw(mask, fixed(points - (x0, y0)), 255.0 * strength, width)
    if blur > 1:
        mask = cv2.blur(cv2.blur(mask, (blur, blur)), (blur, blur))
    mix(image[y0:y1, x0:x1], colour, mask)


def mix(part: np.ndarray, colour: Colour, share: np.ndarray) -> None:
    """Blend a colour into `part` in place; `share` is (h, w) uint8, of 255."""
    weight = share.astype(np.uint16)[..., None]
    other = np.asarray(colour).astype(np.uint16)
    total = part * (255 - weight)
    total += other * weight
    total += 127
    total += total >> 8
    part[:] = total >> 8


def noise(
    rng: np.random.Generator, shape: tuple[int, int], grain: tuple[float, float]
) -> np.ndarray:
    """Return (H, W) int8 smooth noise that uses the full range.

    Args:
        grain: height and width of a grain in pixels.
    """
    down, across = (
        max(2, round(n / g)) for n, g in zip(shape, grain, strict=True)
    )
    grains = np.frombuffer(rng.bytes(down * across), np.uint8)
    return cv2.resize(grains.reshape(down, across), shape[::-1])


def curve(start: float, end: float, n: int = 12) -> np.ndarray:
    """Return `n` evenly spaced numbers."""
    return np.linspace(start, end, n)


def ellipse(x: float, y: float, wide: float, high: float) -> np.ndarray:
    """Return (16, 2) points around (x, y); `wide` and `high` are half-axes."""
    return CIRCLE * (wide, high) + (x, y)
