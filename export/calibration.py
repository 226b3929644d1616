"""Crops of real training faces, to measure the ranges of int8 with."""

import numpy as np

from facemtl.data.faces import BadRows
from facemtl.data.sources import load_split
from facemtl.models import FaceNetwork
from facemtl.pipeline.crop_cache import CachePlan, crop_faces

# Enough to meet every pose; each costs a run of the network.
FACES = 500


def calibration_crops(
    network: FaceNetwork,
    source: str,
    bad: BadRows | None = None,
    verbose: int = 1,
) -> np.ndarray:
    """Crops as a network sees them, of training faces chosen at random.

    Test faces are not looked at: they are for reporting.

    Args:
        network: says how to crop.
        source: a folder or zip of MTFL, or a CSV.
        bad: what to do with bad rows; stop by default.
        verbose: 1 shows a progress bar.

    Returns:
        (N, S, S, C) uint8, at most 500.

    Raises:
        InputError: if the source cannot be read.
    """
    bad = bad or BadRows()
    faces = load_split(source, "train", network.tasks, bad)
    chosen = np.random.default_rng(0).permutation(len(faces))[:FACES]
    plan = CachePlan(network.crop)
    return crop_faces(faces.select(chosen), plan, bad, verbose=verbose).images
