"""Cut square windows out of a photo, all at one size, each in its own turn."""

import cv2
import numpy as np

# Quarter turns counterclockwise: (x, y) of a tile, from its centre, to (x, y)
# of the unturned one.
UNTURNED = np.array(
    [[[1, 0], [0, 1]], [[0, -1], [1, 0]], [[-1, 0], [0, -1]], [[0, 1], [-1, 0]]]
)


class FaceTiles:
    """The tiles of one photo.

    Large windows are cut out of a half, a quarter and so on of the photo: to
    shrink each from all its pixels would take longer than to search it.

    Args:
        photo: (H, W, 3), uint8, RGB.

    Example:

    >>> tiles = FaceTiles(np.eye(4, dtype=np.uint8)[..., None] * [1, 2, 3])
    >>> tiles.cut(np.array([[0.0, 0, 2]]), np.array([1]), size=2)[0, ..., 0]
    array([[0, 1],
           [1, 0]], dtype=uint8)
    """

    def __init__(self, photo: np.ndarray) -> None:
        self._halves = [np.asarray(photo, np.uint8)]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the photo."""
        return self._halves[0].shape

    def cut(
        self, windows: np.ndarray, turns: np.ndarray, size: int
    ) -> np.ndarray:
        """Return windows of the photo, turned, as (N, size, size, 3) uint8.

        Args:
            windows: (N, 3) left, top, side in pixels from the photo's corner;
                black beyond the photo.
            turns: (N,) quarter turns counterclockwise of each tile.
            size: pixels a side of a tile.
        """
        scales = windows[:, 2] / size
        halvings = np.log2(np.maximum(scales, 1)).astype(int)
        factors = 0.5 ** halvings[:, None]
        matrices = np.empty((len(windows), 2, 3))
        matrices[..., :2] = (factors[:, 0] * scales)[:, None, None]
        matrices[..., :2] *= UNTURNED[turns]
        # 0 is the centre of the first pixel.
        centres = (windows[:, :2] + windows[:, 2:] / 2) * factors - 0.5
        centre = np.full(2, (size - 1) / 2)
        matrices[..., 2] = centres - matrices[..., :2] @ centre
        tiles = np.empty((len(windows), size, size, 3), np.uint8)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        for tile, matrix, k in zip(tiles, matrices, halvings, strict=True):
            cv2.warpAffine(
                self._half(k), matrix, (size, size), dst=tile, flags=flags
            )
        return tiles

    def turned_corners(
        self, windows: np.ndarray, turns: np.ndarray
    ) -> np.ndarray:
        """Return the corners (N, 2) of windows in `np.rot90(photo, turn)`."""
        height, width = self.shape[:2]
        left, top, side = windows.T
        right, bottom = width - left - side, height - top - side
        corners = np.array(
            [[left, top], [top, right], [right, bottom], [bottom, left]]
        )
        return corners[turns, :, np.arange(len(turns))]

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
