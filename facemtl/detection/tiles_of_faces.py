"""Cut candidates for a face out of a photo, all at one size."""

import cv2
import numpy as np

from facemtl.geometry.crops import square_windows

TILE = 96  # Pixels a side of a candidate when it is searched again.
MARGIN = 0.3  # Shares of a candidate's box around it.


class FaceTiles:
    """The tiles of one photo.

    Large candidates are cut out of a half, a quarter and so on of the photo:
    to shrink each from all its pixels would take longer than the search.

    Args:
        photo: (H, W, 3), uint8, RGB.
    """

    def __init__(self, photo: np.ndarray) -> None:
        self._halves = [photo]

    def windows(self, rows: np.ndarray) -> np.ndarray:
        """Return a window (N, 3) around the box of each of YuNet's rows.

        Its corner and side are whole pixels of the photo's half that it is cut
        out of.
        """
        boxes = np.concatenate([rows[:, :2], rows[:, :2] + rows[:, 2:4]], 1)
        windows = square_windows(boxes, MARGIN)
        steps = 2.0 ** _halvings(windows[:, 2])[:, None]
        windows = (windows / steps).round()
        windows[:, 2] = np.maximum(windows[:, 2], 1)
        return windows * steps

    def of(self, window: np.ndarray) -> np.ndarray:
        """Return one of the `windows` as (TILE, TILE, 3)."""
        halvings = int(_halvings(window[2]))
        photo = self._half(halvings)
        left, top, side = (window / 2**halvings).round().astype(int)
        height, width = photo.shape[:2]
        before = max(0, -top), max(0, -left)
        after = max(0, top + side - height), max(0, left + side - width)
        part = photo[max(0, top) : top + side, max(0, left) : left + side]
        whole = cv2.copyMakeBorder(
            part, *(before[0], after[0], before[1], after[1], 0)
        )
        method = cv2.INTER_AREA if side > TILE else cv2.INTER_LINEAR
        return cv2.resize(whole, (TILE, TILE), interpolation=method)

    def _half(self, halvings: int) -> np.ndarray:
        """Return the photo, halved so many times."""
        while len(self._halves) <= halvings:
            last = self._halves[-1]
            # Twice as many pixels exactly: OpenCV halves these fast.
            height, width = (max(1, x // 2) for x in last.shape[:2])
            part = last[: 2 * height, : 2 * width]
            self._halves.append(
                cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)
            )
        return self._halves[halvings]


def _halvings(sides: np.ndarray) -> np.ndarray:
    """Return how often windows are halved: at least two pixels for each one."""
    return np.maximum(np.floor(np.log2(np.maximum(sides, 1) / (2 * TILE))), 0)
