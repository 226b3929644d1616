"""facemtl's augmentation beside tensorflow-addons'. No facemtl here.

`Affine` and `warp` are those of `facemtl.pipeline.augment`. The transform is
built again from the description of `Affine`, p = c + A (q - c) + t, by 3 x 3
matrices in 64 bits. `tfa.image.transform` calls an older version of the kernel
that `warp` calls;
`tfa.image.interpolate_bilinear` is another implementation, of gathers.
"""

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_addons as tfa  # type: ignore[import-not-found]

SIGMA = 1.5  # of a dot, in pixels of the crop
ROOM = 4 * SIGMA  # that a dot needs on every side


def compare_augmentation(file: Path) -> dict[str, Any]:
    """Largest differences of pixels and points, and how many were compared.

    Args:
        file: as `movements.py` describes it.
    """
    with np.load(file) as kept:
        case = {name: kept[name] for name in kept.files}
    transforms = transforms_of(case)
    largest, inside = pixel_differences(case, transforms)
    points, seen = point_differences(case, transforms)
    return {
        "pictures": len(transforms),
        "pixels": {
            "interior": int(inside.sum()),
            "border": int((~inside).sum()),
        },
        "dots": int(seen.sum()),
        "largest differences": {
            name: float(f"{off:.3g}")
            for name, off in (*largest.items(), *points.items())
        },
    }


def transforms_of(case: dict[str, np.ndarray]) -> np.ndarray:
    """(N, 3, 3): a pixel of the crop (x, y, 1) -> of the kept picture."""
    size, scale, border = (int(x) for x in case["geometry"])

    def moved(x: Any, zoom: float = 1.0) -> np.ndarray:
        return np.array([[zoom, 0, x], [0, zoom, x], [0, 0, 1]], np.float64)

    to_window = moved(0.5 / size, 1 / size)
    to_kept = moved(border - 0.5, size * scale)
    affine = np.tile(np.eye(3), (len(case["matrix"]), 1, 1))
    affine[:, :2, :2], affine[:, :2, 2] = case["matrix"], case["shift"]
    return to_kept @ moved(0.5) @ affine @ moved(-0.5) @ to_window


def tfa_transform(
    images: np.ndarray, transforms: np.ndarray, size: int
) -> np.ndarray:
    """`tfa.image.transform` to (N, size, size, C)."""
    return tfa.image.transform(
        tf.constant(images, tf.float32),
        tf.constant(transforms.reshape(-1, 9)[:, :8], tf.float32),
        interpolation="bilinear",
        fill_mode="nearest",
        output_shape=[size, size],
    ).numpy()


def pixel_differences(
    case: dict[str, np.ndarray], transforms: np.ndarray
) -> tuple[dict[str, float], np.ndarray]:
    """Largest differences, and which pixels (N, S, S) lie in the interior.

    There all four pixels that are mixed are of the picture; elsewhere its last
    pixels are repeated.
    """
    images, warped = case["images"], case["warped"]
    size, last = warped.shape[1], images.shape[1] - 1
    grid = np.stack(np.meshgrid(*[np.arange(size)] * 2), axis=-1)
    homogeneous = np.concatenate([grid, np.ones((size, size, 1))], axis=-1)
    places = np.einsum("nij,yxj->nyxi", transforms, homogeneous)[..., :2]
    inside = ((places >= 0) & (places <= last)).all(axis=-1)
    oracles = {
        "tfa transform": tfa_transform(images, transforms, size),
        "tfa interpolation": tfa.image.interpolate_bilinear(
            tf.constant(images, tf.float32),
            tf.constant(places.reshape(len(images), -1, 2), tf.float32),
            indexing="xy",
        )
        .numpy()
        .reshape(warped.shape),
    }
    largest = {}
    for name, oracle in oracles.items():
        off = np.abs(oracle - warped).max(axis=-1)
        largest[f"{name}, interior"] = float(off[inside].max())
        largest[f"{name}, border"] = float(off[~inside].max())
    return largest, inside


def point_differences(
    case: dict[str, np.ndarray], transforms: np.ndarray
) -> tuple[dict[str, float], np.ndarray]:
    """How far moved points are from where the transform says, in pixels.

    Returns:
        `points`, by its inverse, and `dots`, by their centres; and which points
        (N, P) had a dot, those with room for one before and after.
    """
    size, scale, border = (int(x) for x in case["geometry"])
    kept = border - 0.5 + size * scale * case["points"].astype(np.float64)
    moved = size * case["moved"].astype(np.float64) - 0.5
    ones = np.ones((*kept.shape[:2], 1))
    inverse = np.linalg.inv(transforms)
    found = np.einsum(
        "nij,npj->npi", inverse, np.concatenate([kept, ones], axis=-1)
    )[..., :2]
    seen = _has_room(kept, case["images"].shape[1], ROOM * scale)
    seen &= _has_room(moved, size, ROOM)
    face = np.nonzero(seen)[0]
    pictures = dots(kept[seen], case["images"].shape[1], SIGMA * scale)
    centres = centroids(tfa_transform(pictures, transforms[face], size))
    off = np.linalg.norm(centres - moved[seen], axis=-1)
    points = np.linalg.norm(found - moved, axis=-1)
    return {"points": points.max(), "dots": off.max()}, seen


def _has_room(points: np.ndarray, size: int, room: float) -> np.ndarray:
    near = np.abs(points - (size - 1) / 2) <= (size - 1) / 2 - room
    return np.asarray(near.all(axis=-1))


def dots(points: np.ndarray, size: int, sigma: float) -> np.ndarray:
    """(N, size, size, 1): a picture with a smooth dot for each of N points."""
    off = np.arange(size) - points[..., None]
    x, y = np.moveaxis(np.exp(-(off**2) / (2 * sigma**2)), 1, 0)
    return 255 * (y[:, :, None] * x[:, None, :])[..., None]


def centroids(pictures: np.ndarray) -> np.ndarray:
    """(N, 2): the centres of the dots, in pixels."""
    weight = pictures[..., 0].astype(np.float64)
    at = np.arange(weight.shape[1])
    total = weight.sum(axis=(1, 2))
    x = (weight * at).sum(axis=(1, 2)) / total
    y = (weight * at[:, None]).sum(axis=(1, 2)) / total
    return np.stack([x, y], axis=1)
