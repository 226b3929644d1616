"""Many points of a face to the five of MTFL.

"Left" is the image's left. An eye is the mean of the points round it; other
points are one of the peer's own.
"""

from collections.abc import Sequence

import numpy as np

Parts = Sequence[Sequence[int]]

# The 68 points of 300-W, counted from 0.
IBUG_68: Parts = (range(36, 42), range(42, 48), (30,), (48,), (54,))
# The 468 points of MediaPipe's mesh; an eye's 16 points are its lids.
FACE_MESH_468: Parts = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133)
    + (173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362)
    + (398, 384, 385, 386, 387, 388, 466),
    (1,),
    (61,),
    (291,),
)


def five_points(points: np.ndarray, parts: Parts) -> np.ndarray:
    """The mean of each part's points.

    Args:
        points: (P, 2), in any unit.
        parts: for each of the five points its indices.

    Returns:
        (5, 2): left eye, right eye, nose, left and right mouth corner.

    Example:

    >>> five_points(np.array([[0.0, 0.0], [2.0, 4.0]]), [(0, 1), (1,)])
    array([[1., 2.],
           [2., 4.]])
    """
    return np.stack([points[list(part)].mean(axis=0) for part in parts])
