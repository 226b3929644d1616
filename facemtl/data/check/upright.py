"""Check whether faces are upright as displayed, or only as stored.

Points and boxes cannot show that a photo is stored upright and its EXIF
orientation rotates it by mistake. The pixels of the photos can.
"""

import numpy as np

from facemtl.data.check.exif import to_displayed
from facemtl.data.check.seen import Seen
from facemtl.data.faces import Faces
from facemtl.errors import RowError
from facemtl.geometry.crops import crop, square_windows

SIZE = 24
SAMPLE = 20  # Faces compared, of rotated and of other photos.
LEAST_FACES = 10  # Faces for a mean face; with fewer, synthetic faces are used.
CLEARER = 0.05  # Least difference of correlations with the mean face.
# Least share of faces that look better as stored, least ratio of their number
# to those that look worse, and least number of faces.
MOST, TIMES, FEWEST = 0.5, 4, 5


def turned_sample(seen: Seen) -> np.ndarray:
    """Return a fixed sample of the faces in rotated photos."""
    return _sample(np.flatnonzero(seen.turns > 1))


def looks_unturned(seen: Seen, index: np.ndarray) -> np.ndarray:
    """Return which faces look like a face only before the photo is rotated.

    Args:
        seen: the faces.
        index: (K,) faces in rotated photos.

    Returns:
        (K,) bool; all False unless most of at least 5 faces clearly do.
    """
    mean = _mean_face(seen)
    turned = seen.select(index)
    corners = turned.faces.boxes.reshape(-1, 2, 2)
    moved = to_displayed(corners, turned.turns, turned.sizes)
    boxes = np.concatenate([moved.min(axis=1), moved.max(axis=1)], axis=1)
    as_given = _crops(turned.faces, turned.faces.boxes)
    as_turned = _crops(turned.faces, boxes)
    before = [
        _stored(image, turn)
        for image, turn in zip(as_turned, turned.turns.tolist(), strict=True)
    ]
    given = _likeness(as_given, mean)
    for images in (as_turned, np.array(before)):
        gain = _likeness(images, mean) - given
        more, less = gain > CLEARER, gain < -CLEARER
        enough = more.sum() >= max(MOST * len(index), TIMES * less.sum())
        if enough and len(index) >= FEWEST:
            return more
    return np.zeros(len(index), bool)


def _sample(index: np.ndarray) -> np.ndarray:
    order = np.random.default_rng(0).permutation(len(index))[:SAMPLE]
    return index[np.sort(order)]


def _mean_face(seen: Seen) -> np.ndarray:
    """Return (24, 24) the mean of upright faces."""
    others = np.flatnonzero(seen.turns == 1)
    faces = seen.faces.select(_sample(others))
    if len(others) < LEAST_FACES:
        from facemtl.data.synthetic.faces import synthetic_faces

        faces = synthetic_faces(SAMPLE)
    return _normalized(_crops(faces, faces.boxes)).mean(axis=0)


def _crops(faces: Faces, boxes: np.ndarray) -> np.ndarray:
    """Return (K, 24, 24) gray crops; 0 for photos that cannot be read."""
    crops = np.zeros((len(faces), SIZE, SIZE), np.uint8)
    for i, window in enumerate(square_windows(boxes)):
        try:
            photo = faces.images.read(faces.names[i])
        except RowError:  # Reported with its row when all photos are read.
            continue
        crops[i] = crop(photo, window, SIZE)[..., 0]
    return crops


def _stored(image: np.ndarray, turn: int) -> np.ndarray:
    """Undo the rotation of a displayed picture (M, M)."""
    y, x = np.mgrid[: len(image), : len(image)].reshape(2, -1)
    size = np.array([image.shape], float)
    places = np.stack([x, y], axis=1)[np.newaxis].astype(float)
    x, y = to_displayed(places, np.array([turn]), size)[0].T.astype(int)
    return image[y, x].reshape(image.shape)


def _normalized(images: np.ndarray) -> np.ndarray:
    flat = images.astype(float) - images.mean(axis=(1, 2), keepdims=True)
    length = np.sqrt(np.square(flat).sum(axis=(1, 2), keepdims=True))
    return flat / np.maximum(length, 1e-6)


def _likeness(images: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Return (K,) correlations with a mean face."""
    return (_normalized(images) * mean).sum(axis=(1, 2)) / max(
        float(np.linalg.norm(mean)), 1e-6
    )
