"""Small pictures of faces, to compare faces with each other."""

from dataclasses import replace

import cv2
import numpy as np

from facemtl.data.check.seen import Seen, derived_mask
from facemtl.data.faces import BadRows, Faces
from facemtl.geometry.box_convention import SIDE
from facemtl.geometry.crops import CropSpec, boxes_of, square_windows
from facemtl.pipeline.crop_cache import CachePlan, Crops, crop_faces
from facemtl.pipeline.crop_file import taken_rows
from facemtl.tasks import landmarks_task

SIZE = 24  # Side in pixels.
CHUNK = 256  # Crops to read at once.
SAMPLES = 4  # Samples per pixel and axis.


def read_thumbnails(
    seen: Seen, bad: BadRows, cache: str = "", verbose: int = 1
) -> tuple[Seen, np.ndarray]:
    """Decode each photo once, and crop its faces.

    Args:
        seen: N faces.
        bad: how to handle photos that cannot be read.
        cache: a folder that keeps crops between runs; "" keeps none.
        verbose: 1 shows a progress bar.

    Returns:
        The M faces with readable photos, and (M, 24, 24) uint8.

    Raises:
        InputError: at a photo that is missing or cannot be decoded, unless
            `bad` skips it.
    """
    windows = face_windows(seen.faces, seen.derived)
    faces = replace(seen.faces.only(()), boxes=boxes_of(windows))
    plan = CachePlan(CropSpec(SIZE, "gray"))
    # Labels outside the photo are reported as findings, not as errors.
    crops = crop_faces(faces, plan, bad, cache, verbose, check=False)
    whole, left = seen.faces, crops.faces
    kept = {left.where(i) for i in range(len(left))}
    mask = np.array([whole.where(i) in kept for i in range(len(whole))])
    return seen.select(mask), crops.images[..., 0]


def thumbnails(crops: Crops, index: np.ndarray) -> np.ndarray:
    """Return (K, 24, 24) uint8 from existing crops.

    Args:
        crops: N faces; their windows contain their boxes.
        index: (K,) the faces to use.
    """
    faces = crops.faces.select(index)
    windows = face_windows(faces, derived_mask(faces))
    kept = crops.plan.kept_windows(crops.windows[index])
    small = np.empty((len(index), SIZE, SIZE), np.uint8)
    for start in range(0, len(index), CHUNK):
        part = index[start : start + CHUNK]
        for k, image in enumerate(taken_rows(crops.images, part), start):
            small[k] = _cut(_gray(image), windows[k], kept[k])
    return small


def _gray(image: np.ndarray) -> np.ndarray:
    """Convert (M, M, 1 or 3) to gray, (M, M) uint8."""
    if image.shape[-1] == 1:
        return image[..., 0]
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def face_windows(faces: Faces, derived: np.ndarray) -> np.ndarray:
    """Return (N, 3) windows that do not depend on the photo's name.

    Given boxes are used as they are. Derived boxes are jittered by the photo's
    name, so their windows are computed from the points without jitter.
    """
    windows = square_windows(faces.boxes)
    task = landmarks_task(faces.tasks)
    if task is None or not derived.any():
        return windows
    points = faces.labels[task.name][derived]
    known = np.isfinite(points)
    low = np.where(known, points, np.inf).min(axis=1)
    high = np.where(known, points, -np.inf).max(axis=1)
    side = SIDE * (high - low).max(axis=1, keepdims=True)
    corner = (low + high - side) / 2
    windows[derived] = np.concatenate([corner, side], axis=1)
    return windows


def _cut(
    image: np.ndarray, window: np.ndarray, whole: np.ndarray
) -> np.ndarray:
    """Resize a window of an image (M, M) to 24 x 24; `whole` is the image's."""
    fine = SIZE * SAMPLES
    pixel = whole[2] / len(image)
    step = window[2] / fine / pixel
    # Sample u lies at u + 1/2 steps from the window's corner.
    corner = (window[:2] - whole[:2]) / pixel + step / 2 - 0.5
    warped = cv2.warpAffine(
        image,
        np.array([[step, 0, corner[0]], [0, step, corner[1]]]),
        (fine, fine),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return cv2.resize(warped, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
