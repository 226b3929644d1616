"""Reference data of facemtl's augmentation, for a comparison."""

from dataclasses import replace

import numpy as np
import tensorflow as tf

from facemtl.config import load_settings
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.geometry.crops import CropSpec
from facemtl.pipeline.augment import Cached, move_points, random_affine, warp
from facemtl.pipeline.crop_cache import CachePlan, crop_faces

FACES, SEED = 64, 12
# Stronger than in training, so that some samples lie beyond the border.
STRONG = replace(
    load_settings().augment, mirror=True, shift=0.1, scale=0.3, rotation=40.0
)
PLAN = CachePlan(CropSpec(color="rgb"), border=0.1, scale=2)


def augmentation_case() -> dict[str, np.ndarray]:
    """Augment synthetic images with facemtl.

    Returns:
        `images` (N, M, M, 3) uint8; `geometry`: size, scale and border of a
        `Cached`; `matrix` (N, 2, 2) and `shift` (N, 2) of an `Affine`, both of
        `facemtl.pipeline.augment`; `warped` (N, S, S, 3); `points` and `moved`
        (N, 5, 2) in units of the window.
    """
    faces = synthetic_faces(FACES, seed=SEED)
    crops = crop_faces(faces, PLAN, verbose=0)
    cached = Cached(PLAN.spec.size, PLAN.scale, PLAN.border_pixels)
    affine = random_affine(FACES, STRONG, tf.constant([SEED, 0]))
    points = crops.labels()["landmarks"].astype(np.float32)
    return {
        "images": crops.images,
        "geometry": np.array(cached),
        "matrix": affine.matrix.numpy(),
        "shift": affine.shift.numpy(),
        "warped": warp(crops.images, affine, cached).numpy(),
        "points": points,
        "moved": move_points(points, affine).numpy(),
    }
