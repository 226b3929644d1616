"""Match the faces of a frame to those of the frame before."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from facemtl.detection.detector import overlap
from facemtl.inference.face import Face
from facemtl.video.smoothing import OneEuro

LEAST_OVERLAP = 0.3
# Frames for which a face may be missing without losing its track.
MISSED = 10


@dataclass
class Track:
    """One face over several frames.

    Attributes:
        number: 1 for the first detected face, and so on.
        face: the last detection.
        side: the width of the first box in pixels. Smoothing uses it as the
            unit, so that one setting fits near and far faces.
        missed: frames since the last detection.
        smooth: the filter of points and box.
    """

    number: int
    face: Face
    side: float
    missed: int = 0
    smooth: OneEuro = field(
        # Speed is in boxes per second: at 1 the lag is 35 ms.
        default_factory=lambda: OneEuro(least_cutoff=1.5, beta=3.0)
    )


class Tracker:
    """Tracks faces by the overlap of their boxes.

    Args:
        smooth: whether to smooth points with a One-Euro filter.

    Example:

        tracker = Tracker()
        for time, frame in frames:
            for number, face in tracker(predictor(frame), time):
                ...
    """

    def __init__(self, smooth: bool = True) -> None:
        self.smooth = smooth
        self._tracks: list[Track] = []
        self._count = 0

    def __call__(
        self, faces: Sequence[Face], time: float
    ) -> list[tuple[int, Face]]:
        """Return the faces of the next frame with their track numbers.

        Args:
            faces: the faces of the frame.
            time: the time of the frame in seconds.
        """
        pairs = self._match(faces)
        for i, track in enumerate(self._tracks):
            track.missed = 0 if i in pairs.values() else track.missed + 1
        result = []
        for k, face in enumerate(faces):
            track = self._tracks[pairs[k]] if k in pairs else self._new(face)
            track.face = face
            shown = _smoothed(track, time) if self.smooth else face
            result.append((track.number, shown))
        self._tracks = [t for t in self._tracks if t.missed <= MISSED]
        return result

    def _match(self, faces: Sequence[Face]) -> dict[int, int]:
        """Return {face: track}, matched by overlap, the best first."""
        overlaps = [
            (overlap(np.array(track.face.box), np.array(face.box)), k, i)
            for k, face in enumerate(faces)
            for i, track in enumerate(self._tracks)
        ]
        pairs: dict[int, int] = {}
        for share, k, i in sorted(overlaps, reverse=True):
            if share < LEAST_OVERLAP:
                break
            if k not in pairs and i not in pairs.values():
                pairs[k] = i
        return pairs

    def _new(self, face: Face) -> Track:
        self._count += 1
        side = face.box[2] - face.box[0]
        self._tracks.append(Track(self._count, face, side))
        return self._tracks[-1]


def _smoothed(track: Track, time: float) -> Face:
    """Return the face with smoothed points and box."""
    face = track.face
    place = np.array([*face.points.values(), face.box[:2], face.box[2:]])
    calm = track.smooth(place / track.side, time) * track.side
    points = {
        name: (float(x), float(y))
        for name, (x, y) in zip(face.points, calm, strict=False)
    }
    left, top, right, bottom = (float(x) for x in calm[-2:].ravel())
    return replace(face, points=points, box=(left, top, right, bottom))
