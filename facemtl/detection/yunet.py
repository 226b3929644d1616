"""YuNet's network, run by LiteRT, and the decoding of its outputs.

Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", MIR 2023. The file
is mostly int8: its rows are near those of OpenCV's float `FaceDetectorYN`, and
it takes less time. `presets/yunet.py` writes it.
"""

import math
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from facemtl.detection.interpreters import Interpreters
from facemtl.errors import InputError
from facemtl.files.checksums import checksum

FILE = Path(__file__).with_name("yunet.tflite")
CHECKSUM = "471215c18e8223677916fbb7ccf7cfe74df9cc990f030e180f62d6045e8a98f4"
STRIDES = (8, 16, 32)
# YuNet has about five candidates per face before it removes duplicates.
# OpenCV's default of 5,000 loses faces in a crowd of more than 900.
CANDIDATES = 20_000
SAME = 0.3  # Intersection over union of detections of one face.


class YuNet:
    """Detects faces in a photo of any size.

    Threads may share it, and search at the same time.

    Args:
        threads: threads of one search.

    Raises:
        InputError: if its file is missing or damaged.

    Example:

    >>> YuNet()(np.zeros((64, 64, 3), np.uint8), score=0.6).shape
    (0, 15)
    """

    def __init__(self, threads: int = 1) -> None:
        self._interpreters = Interpreters(network(FILE), threads)

    def __call__(self, photo: np.ndarray, score: float) -> np.ndarray:
        """Return the detections in a photo.

        Args:
            photo: (H, W, 3), uint8, RGB.
            score: the lowest score of a face, 0 to 1.

        Returns:
            (N, 15) float64: left, top, width, height and five points in
            pixels, from the photo's corner, and the score; the best first.

        Raises:
            MemoryError: if there is not enough memory.
        """
        return best_of_each_face(decoded(self._maps(photo), score), score)

    def _maps(self, photo: np.ndarray) -> dict[int, np.ndarray]:
        """Return the outputs (H / stride, W / stride, 16), by stride."""
        height, width = _whole_cells(photo.shape)
        with self._interpreters.lent((1, height, width, 3)) as interpreter:
            _write(photo, interpreter.tensor(self._interpreters.entry)()[0])
            interpreter.invoke()
            exits = self._interpreters.exits
            outputs = [interpreter.get_tensor(x)[0] for x in exits]
        return {height // len(y): y for y in outputs}


def network(file: Path, expected: str = CHECKSUM) -> bytes:
    """Return the bytes of a detector's file with an expected checksum.

    Raises:
        InputError: if it is missing or damaged.
    """
    try:
        content = file.read_bytes()
        received = f"{len(content):,} bytes of another one"
    except OSError as error:
        content, received = b"", str(error.strerror)
    if checksum([content]) != expected:
        raise InputError(
            f"{file}: expected the face detector that comes with facemtl. "
            f"Received: {received}. Install facemtl again."
        )
    return content


def _whole_cells(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return height and width with whole cells of every stride."""
    coarsest = STRIDES[-1]
    height, width = (coarsest * math.ceil(x / coarsest) for x in shape[:2])
    return height, width


def _write(photo: np.ndarray, pixels: np.ndarray) -> None:
    """Write a photo into the network's input (H, W, 3), with zeros after it."""
    height, width = photo.shape[:2]
    pixels[:height, :width] = photo
    pixels[height:] = 0
    pixels[:height, width:] = 0


def decoded(maps: Mapping[int, np.ndarray], score: float) -> np.ndarray:
    """Return the detections of all strides.

    Args:
        maps: by stride, in pixels per cell: (h, w, 16) outputs: logits of the
            class and of an object, box (centre x, y, log of width, height),
            five points; offsets are in strides from the cell.
        score: the lowest score, the root of both probabilities' product.

    Returns:
        (N, 15) float64; see `YuNet`.
    """
    every = np.concatenate([x.reshape(-1, x.shape[-1]) for x in maps.values()])
    # The product reaches a bound only where both of its factors do.
    least = _logit(score**2)
    index = np.flatnonzero((every[:, 0] >= least) & (every[:, 1] >= least))
    cells, strides = _cells(index, maps)
    values = every[index].astype(np.float64)
    rows = np.empty((len(index), 15))
    rows[:, 2:4] = strides * np.exp(values[:, 4:6])
    rows[:, :2] = strides * (cells + values[:, 2:4]) - rows[:, 2:4] / 2
    rows[:, 4:14:2] = strides * (cells[:, :1] + values[:, 6::2])
    rows[:, 5:14:2] = strides * (cells[:, 1:] + values[:, 7::2])
    rows[:, 14] = np.sqrt(np.prod(1 / (1 + np.exp(-values[:, :2])), axis=1))
    return rows[rows[:, 14] >= score]


def _cells(
    index: np.ndarray, maps: Mapping[int, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return column and row (N, 2) and stride (N, 1) of cells in all maps."""
    widths = np.array([x.shape[1] for x in maps.values()])
    ends = np.cumsum([x.shape[0] * x.shape[1] for x in maps.values()])
    which = np.searchsorted(ends, index, side="right")
    starts = np.concatenate([[0], ends])
    rows, columns = np.divmod(index - starts[which], widths[which])
    cells = np.stack([columns, rows], axis=1)
    return cells, np.array(list(maps))[which, None]


def _logit(share: float) -> float:
    if 0 < share < 1:
        return math.log(share / (1 - share))
    return -math.inf if share <= 0 else math.inf


def move_rows(
    rows: np.ndarray, right: float | np.ndarray, down: float | np.ndarray
) -> None:
    """Add to the coordinates of rows (N, 15), in place; one shift or N."""
    for first, shift in enumerate((right, down)):
        rows[:, first] += shift
        rows[:, 4 + first : 14 : 2] += np.reshape(shift, (-1, 1))


def best_of_each_face(rows: np.ndarray, score: float) -> np.ndarray:
    """Return the best row of each face, as `FaceDetectorYN` does."""
    if not len(rows):
        return rows
    # OpenCV compares boxes in whole pixels.
    boxes = rows[:, :4].astype(np.int32).tolist()
    kept = cv2.dnn.NMSBoxes(
        boxes, rows[:, 14].tolist(), score, SAME, top_k=CANDIDATES
    )
    return rows[np.asarray(kept, int)]
