"""Synthetic faces with exact points and all attributes.

This dataset needs no photos, no download and no licence: 3-D heads are drawn
from random numbers (see `facemtl.data.synthetic`), so their labels are exact.
"""

import re
from functools import lru_cache

import numpy as np

from facemtl.data.faces import Faces
from facemtl.data.synthetic.draw import draw_face
from facemtl.data.synthetic.sample import people
from facemtl.errors import InputError
from facemtl.tasks import MTFL_TASKS

VERSION = 3  # Of the drawings: increase it with every change of a pixel.
SIZES = (32, 1024)  # Limits of a photo's side, in pixels.
# Photos that are kept: a run of few faces reads each about four times. Those of
# up to 160 pixels a side take 80 MB; larger ones are drawn again.
KEPT, KEPT_SIZE = 1024, 160
NAME = re.compile(r"drawn/(\d{1,18})/(\d{1,18})")


class DrawnImages:
    """Draw each photo when it is read; the photo depends on its name only.

    Args:
        size: side of the photos in pixels.

    Raises:
        InputError: for a size outside `SIZES`.

    Example:

    >>> DrawnImages(size=64).read("drawn/0/7").shape
    (64, 64, 3)
    """

    def __init__(self, size: int = 160) -> None:
        self.size = _whole("size", size, *SIZES)

    def read(self, name: str) -> np.ndarray:
        """Draw the photo `drawn/<seed>/<index>`: (size, size, 3) uint8, RGB.

        Raises:
            InputError: for any other name.
        """
        match = NAME.fullmatch(name)
        if match is None:
            raise InputError(
                "Expected a drawn face's name, 'drawn/<seed>/<index>'. "
                f"Received: {name!r}."
            )
        draw = draw_face if self.size > KEPT_SIZE else _kept
        return draw(int(match[1]), int(match[2]), self.size).copy()

    def stamp(self, name: str) -> str:
        """Return a text that changes when the drawing of `name` changes."""
        return f"drawn v{VERSION} {self.size} {name}"


@lru_cache(KEPT)
def _kept(seed: int, index: int, size: int) -> np.ndarray:
    return draw_face(seed, index, size)


def synthetic_faces(n: int, seed: int = 0, size: int = 160) -> Faces:
    """Return a table of `n` synthetic faces; photos are drawn when read.

    Points are exact projections of places on the head. Smile and gender are
    roughly balanced, a fifth of the faces wear glasses, and 60 % are frontal.

    Args:
        n: number of faces. Face `i` of a seed is the same for every `n`.
        seed: at least 0; each seed gives other people.
        size: side of the photos in pixels.

    Returns:
        Faces labelled for `MTFL_TASKS`, with boxes similar to a detector's.

    Raises:
        InputError: unless n >= 1, seed >= 0 and `size` lies in `SIZES`.

    Example:

    >>> faces = synthetic_faces(3)
    >>> faces.names[2], faces.labels["landmarks"].shape
    (np.str_('drawn/0/2'), (3, 5, 2))
    """
    n = _whole("n", n, 1, 10**9)
    seed = _whole("seed", seed, 0, 10**18 - 1)
    images = DrawnImages(size)
    drawn = people(seed, range(n), images.size)
    traits = drawn.traits
    labels = {
        "landmarks": drawn.points,
        "smile": np.where(traits.smiling, 0, 1).astype(np.int32),
        "gender": np.where(traits.male, 0, 1).astype(np.int32),
        "glasses": np.where(traits.glasses, 0, 1).astype(np.int32),
        "pose": traits.pose.astype(np.int32),
    }
    return Faces(
        tasks=MTFL_TASKS,
        images=images,
        names=np.array([f"drawn/{seed}/{i}" for i in range(n)]),
        rows=np.array([f"drawn faces, row {i + 1}" for i in range(n)]),
        boxes=drawn.boxes,
        labels=labels,
    )


def _whole(name: str, value: int, least: int, most: int) -> int:
    """Return `value` as an int in its range, or raise `InputError`."""
    whole = isinstance(value, (int, np.integer))
    if not whole or isinstance(value, bool) or not least <= value <= most:
        raise InputError(
            f"Expected {name} to be a whole number from {least} to {most}. "
            f"Received: {value!r}."
        )
    return int(value)
