"""What EXIF orientations do to the pixels of a photo."""

import numpy as np

# x and y of a displayed photo from those of the stored one, by orientation:
# a matrix; where it has -1, the photo's width or height is added, less 1.
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
    """Points of stored photos, in the displayed ones.

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
