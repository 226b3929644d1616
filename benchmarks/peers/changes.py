"""The same faces shown otherwise: boxes moved or resized, photos changed."""

from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np

from facemtl.tasks import LANDMARKS

Photos = Sequence[np.ndarray]
# Photos (H, W, 3) and boxes (N, 4) of N faces, and a function that takes points
# (N, 5, 2) that were predicted there back to the photos as they were.
Shown = tuple[Photos, np.ndarray, Callable[[np.ndarray], np.ndarray]]
DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1))
PIXELS, SHARES = (1, 2), (2.5, 5)
RESIZED = 2  # percent, larger and smaller
QUALITY = 30


def changes(
    photos: Photos, boxes: np.ndarray
) -> Iterator[tuple[str, list[Shown]]]:
    """Each change by name, and the faces as it shows them, in each direction.

    Args:
        photos: N photos (H, W, 3), uint8.
        boxes: (N, 4) in pixels.

    Example:

    >>> photo, box = np.zeros((9, 9, 3), np.uint8), np.array([[1.0, 1, 5, 5]])
    >>> names = [name for name, _ in changes([photo], box)]
    >>> names[0], names[-1]
    ('box moved by 1 pixel', 'mirror image')
    """
    sides = (boxes[:, 2] - boxes[:, 0])[:, None]
    for n in PIXELS:
        name = f"box moved by {n} pixel{'s' * (n > 1)}"
        yield name, [(photos, x, same) for x in moved(boxes, n)]
    for share in SHARES:
        name = f"box moved by {share:g} %"
        some = moved(boxes, sides * share / 100)
        yield name, [(photos, x, same) for x in some]
    both = (1 + RESIZED / 100, 1 - RESIZED / 100)
    name = f"box larger or smaller by {RESIZED} %"
    yield name, [(photos, resized(boxes, x), same) for x in both]
    coarse = [compressed(photo) for photo in photos]
    yield f"JPEG of quality {QUALITY}", [(coarse, boxes, same)]
    yield "mirror image", [mirrored(photos, boxes)]


def same(points: np.ndarray) -> np.ndarray:
    """Points that lie where they lay before."""
    return points


def moved(boxes: np.ndarray, by: float | np.ndarray) -> list[np.ndarray]:
    """Boxes (N, 4) moved to the right, left, down and up."""
    return [boxes + by * np.array([x, y, x, y]) for x, y in DIRECTIONS]


def resized(boxes: np.ndarray, factor: float) -> np.ndarray:
    """Boxes (N, 4) with the same centres.

    Example:

    >>> resized(np.array([[0.0, 0.0, 10.0, 10.0]]), 1.2)
    array([[-1., -1., 11., 11.]])
    """
    low, high = boxes[:, :2], boxes[:, 2:]
    middle, half = (low + high) / 2, (high - low) / 2 * factor
    return np.concatenate([middle - half, middle + half], axis=1)


def compressed(photo: np.ndarray) -> np.ndarray:
    """A photo (H, W, 3) as a JPEG of low quality shows it."""
    _, data = cv2.imencode(
        ".jpg", photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    )
    bgr = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert bgr is not None
    return bgr[..., ::-1]


def mirrored(photos: Photos, boxes: np.ndarray) -> Shown:
    """Mirror images, whose points come back with left and right swapped."""
    last = np.array([photo.shape[1] - 1 for photo in photos], float)
    images = [np.ascontiguousarray(photo[:, ::-1]) for photo in photos]
    flipped = boxes.copy()
    flipped[:, 0], flipped[:, 2] = last - boxes[:, 2], last - boxes[:, 0]

    def back(points: np.ndarray) -> np.ndarray:
        swapped = points[:, list(LANDMARKS.mirror)].copy()
        swapped[..., 0] = last[:, None] - swapped[..., 0]
        return swapped

    return images, flipped, back
