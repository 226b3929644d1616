"""A small network that tells in which quarter turn a face lies in a window.

`presets/turns.py` trains it on windows that YuNet finds faintly.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from facemtl.detection.interpreters import Interpreters
from facemtl.detection.yunet import network

FILE = Path(__file__).with_name("turns.tflite")
CHECKSUM = "a826616c27a850fd40d432cd16daafdcb2bdbe7f46b70b429b9a3fd2a572f51b"
SIZE = 32  # Pixels a side of a tile.
NONE = 4  # The class of windows without a face.
# Tiles of one call; a new interpreter for each number takes longer.
BATCHES = (4, 8, 12, 16, 24, 32, 48, 64, 96, 128)


class Turns(NamedTuple):
    """What the network tells about N windows.

    Attributes:
        probabilities: (N, 5) of a face that is upright after 0, 1, 2 or 3
            quarter turns counterclockwise, and of no face.
        places: (N, 3) x, y of the face's centre from the window's, and the
            logarithm (base 2) of the side of the face's own window; in sides
            of the window.
    """

    probabilities: np.ndarray
    places: np.ndarray


class TurnNetwork:
    """Tells the turns of faces in windows.

    Threads may share it.

    Args:
        threads: threads of one call.

    Raises:
        InputError: if its file is missing or damaged.

    Example:

    >>> tiles = np.zeros((3, SIZE, SIZE, 3), np.uint8)
    >>> TurnNetwork()(tiles).probabilities.shape
    (3, 5)
    """

    def __init__(self, threads: int = 1) -> None:
        self._interpreters = Interpreters(network(FILE, CHECKSUM), threads)

    def __call__(self, tiles: np.ndarray) -> Turns:
        """Return the turns of faces.

        Args:
            tiles: (N, SIZE, SIZE, 3), uint8, RGB.
        """
        most = BATCHES[-1]
        parts = [
            self._batch(tiles[start : start + most])
            for start in range(0, len(tiles), most)
        ]
        values = np.concatenate(parts) if parts else np.empty((0, 8))
        chances = np.exp(values[:, : NONE + 1])
        chances /= chances.sum(axis=1, keepdims=True)
        return Turns(chances, values[:, NONE + 1 :])

    def _batch(self, tiles: np.ndarray) -> np.ndarray:
        """Return logits and places (N, 8) of at most `BATCHES[-1]` tiles."""
        count = len(tiles)
        size = next(x for x in BATCHES if x >= count)
        shape = (size, *tiles.shape[1:])
        with self._interpreters.lent(shape) as interpreter:
            # Outputs of an earlier call's further tiles are left out.
            interpreter.tensor(self._interpreters.entry)()[:count] = tiles
            interpreter.invoke()
            (exit_,) = self._interpreters.exits
            outputs = interpreter.get_tensor(exit_)
        found: np.ndarray = outputs.reshape(size, -1)[:count]
        return found
