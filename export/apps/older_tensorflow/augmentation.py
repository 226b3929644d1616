"""Compare facemtl's augmentation with that of tensorflow-addons.

This file needs no facemtl. `Affine` and `warp` are those of
`facemtl.pipeline.augment`. The transform is computed again from the definition
of `Affine`, p = c + A (q - c) + t, with 3 x 3 matrices in float64.
`tfa.image.transform` uses an older version of the kernel in `warp`;
`tfa.image.interpolate_bilinear` is an independent implementation with gathers.
"""

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_addons as tfa  # type: ignore[import-not-found]

SIGMA = 1.5  # of a dot, in pixels of the crop
ROOM = 4 * SIGMA  # space around a dot


def compare_augmentation(file: Path) -> dict[str, Any]:
    """Return the largest differences of pixels and points, and their numbers.

    Args:
        file: a file of `movements.py`.
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
    """Return (N, 3, 3) from crop pixels (x, y, 1) to the cached image."""
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
    """Apply `tfa.image.transform`; return (N, size, size, C)."""
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
    """Return the largest differences, and the interior pixels (N, S, S).

    The four samples of an interior pixel lie inside the image; elsewhere, the
    border is repeated.
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
    """Return the errors of transformed points in pixels.

    Returns:
        `points`, from the inverse transform, and `dots`, from their centres;
        and the points (N, P) that have a dot, because they have enough space
        around them before and after the transform.
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
    """Return (N, size, size, 1): an image with a smooth dot per point."""
    off = np.arange(size) - points[..., None]
    x, y = np.moveaxis(np.exp(-(off**2) / (2 * sigma**2)), 1, 0)
    return 255 * (y[:, :, None] * x[:, None, :])[..., None]


def centroids(pictures: np.ndarray) -> np.ndarray:
    """Return (N, 2): the centres of the dots, in pixels."""
    weight = pictures[..., 0].astype(np.float64)
    at = np.arange(weight.shape[1])
    total = weight.sum(axis=(1, 2))
    x = (weight * at).sum(axis=(1, 2)) / total
    y = (weight * at[:, None]).sum(axis=(1, 2)) / total
    return np.stack([x, y], axis=1)
