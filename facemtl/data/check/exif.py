"""Apply EXIF orientations to points."""

import numpy as np

# For each orientation, the matrix from stored to displayed x and y. Where it
# has -1, the photo's width or height minus 1 is added.
TURNS = {
    1: ((1, 0), (0, 1)),
    2: ((-1, 0), (0, 1)),
    3: ((-1, 0), (0, -1)),
    4: ((1, 0), (0, -1)),
    5: ((0, 1), (1, 0)),
    6: ((0, -1), (1, 0)),
    7: ((0, -1), (-1, 0)),
    8: ((0, 1), (-1, 0)),
}


def to_displayed(
    points: np.ndarray, turns: np.ndarray, sizes: np.ndarray
) -> np.ndarray:
    """Convert points of stored photos to points of displayed photos.

    Args:
        points: (N, P, 2) pixels of the stored photos.
        turns: (N,) EXIF orientations.
        sizes: (N, 2) width and height of the displayed photos.

    Example:

    >>> corner = np.array([[[0.0, 0.0]]])  # of a photo 40 wide, 20 high
    >>> to_displayed(corner, np.array([6]), np.array([[20.0, 40.0]]))
    array([[[19.,  0.]]])
    """
    matrix = np.array([TURNS[turn] for turn in turns.tolist()], float)
    negated = (matrix < 0).any(axis=2)
    moved = np.where(negated, sizes - 1, 0.0)
    return np.einsum("nij,npj->npi", matrix, points) + moved[:, None]
