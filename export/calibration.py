"""Crops of real training faces, for the calibration of int8."""

import numpy as np

from facemtl.data.faces import BadRows
from facemtl.data.sources import load_split
from facemtl.models import FaceNetwork
from facemtl.pipeline.crop_cache import CachePlan, crop_faces

# Enough for every pose; each crop costs a run of the network.
FACES = 500


def calibration_crops(
    network: FaceNetwork,
    source: str,
    bad: BadRows | None = None,
    verbose: int = 1,
) -> np.ndarray:
    """Return crops of randomly chosen training faces.

    Test faces are not used, because they are for reporting.

    Args:
        network: defines the crop.
        source: a folder or zip of MTFL, or a CSV.
        bad: what to do with invalid rows; stop by default.
        verbose: 1 shows a progress bar.

    Returns:
        (N, S, S, C) uint8, at most 500.

    Raises:
        InputError: if the source is unreadable.
    """
    bad = bad or BadRows()
    faces = load_split(source, "train", network.tasks, bad)
    chosen = np.random.default_rng(0).permutation(len(faces))[:FACES]
    plan = CachePlan(network.crop)
    return crop_faces(faces.select(chosen), plan, bad, verbose=verbose).images
