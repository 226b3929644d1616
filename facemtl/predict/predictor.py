"""`Predictor`: a photo in, its faces out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facemtl.crops import crop, square_windows, to_photo
from facemtl.errors import InputError
from facemtl.predict.detect import Detector, FaceDetector, Found
from facemtl.predict.face import Face, make_face
from facemtl.predict.photos import Photo, as_rgb
from facemtl.predict.turns import turn_boxes_back, turn_points_back
from facemtl.runtimes import load_network
from facemtl.runtimes.runtime import Answers, Runtime


class Predictor:
    """Finds faces in photos and says what a network says of them.

    Args:
        network: what `load_network` gives.
        detector: finds the faces; by default YuNet, loaded when it is first
            needed.

    Example:

        predictor = facemtl.Predictor.load("exported/model_float32.tflite")
        for face in predictor("party.jpg"):
            print(face.points["nose"], face.attributes["smile"].name)
    """

    def __init__(
        self, network: Runtime, detector: Detector | None = None
    ) -> None:
        self.network = network
        self._detector = detector

    @classmethod
    def load(
        cls, path: str | Path, detector: Detector | None = None
    ) -> "Predictor":
        """A predictor with a network from any format.

        Only the runtime of that format is imported: for a `.tflite` NumPy,
        OpenCV and ai-edge-litert are enough.

        Args:
            path: see `facemtl.load_network`.
            detector: finds the faces.

        Raises:
            InputError: if there is no such network.
        """
        return cls(load_network(path), detector)

    @property
    def detector(self) -> Detector:
        """What finds the faces."""
        if self._detector is None:
            self._detector = FaceDetector()
        return self._detector

    def __call__(
        self,
        photo: Photo,
        boxes: np.ndarray | Sequence[Sequence[float]] | None = None,
        bgr: bool = False,
    ) -> list[Face]:
        """The faces in one photo.

        Args:
            photo: a file, its bytes, or an array; see `as_rgb`.
            boxes: (N, 4) left, top, right, bottom in pixels of the faces to
                look at, as the network was trained on. Without it faces are
                found, the largest first.
            bgr: whether an array's colors are in OpenCV's order.

        Returns:
            A face for each box, in their order.

        Raises:
            InputError: for a photo or boxes that cannot be used.
        """
        return self.batch([photo], None if boxes is None else [boxes], bgr)[0]

    def batch(
        self,
        photos: Sequence[Photo],
        boxes: Sequence[np.ndarray | Sequence[Sequence[float]]] | None = None,
        bgr: bool = False,
    ) -> list[list[Face]]:
        """The faces in several photos, answered about together.

        Args:
            photos: as for one.
            boxes: for each photo its boxes.
            bgr: as for one.

        Returns:
            For each photo its faces.
        """
        pixels = [as_rgb(photo, bgr) for photo in photos]
        if boxes is None:
            found = [self.detector(photo) for photo in pixels]
        else:
            found = [_given(some) for some in boxes]
        crops = [
            face
            for photo, some in zip(pixels, found, strict=True)
            for face in self._crops(photo, some)
        ]
        shape = (len(crops), *self.network.crop.shape)
        answers = self.network.predict(np.reshape(crops, shape).astype("u1"))
        ends = np.cumsum([len(some.boxes) for some in found])[:-1]
        by_photo = {k: np.split(y, ends) for k, y in answers.items()}
        return [
            self._faces(
                photo.shape, some, {k: y[i] for k, y in by_photo.items()}
            )
            for i, (photo, some) in enumerate(zip(pixels, found, strict=True))
        ]

    def _windows(self, found: Found) -> np.ndarray:
        return square_windows(found.boxes, self.network.crop.margin)

    def _crops(self, photo: np.ndarray, found: Found) -> list[np.ndarray]:
        spec = self.network.crop
        return [
            crop(np.rot90(photo, turn), window, spec.size, spec.color)
            for window, turn in zip(
                self._windows(found), found.turns, strict=True
            )
        ]

    def _faces(
        self, shape: tuple[int, ...], found: Found, answers: Answers
    ) -> list[Face]:
        """Answers about the faces of one photo, in its pixels."""
        tasks = self.network.tasks
        boxes = turn_boxes_back(found.boxes, found.turns, shape)
        windows = self._windows(found)
        points = {t.name for t in tasks if t.kind == "landmarks"}
        faces = []
        for i, turn in enumerate(found.turns):
            answer = {
                task: turn_points_back(
                    to_photo(y[i : i + 1], windows[i : i + 1])[0], turn, shape
                )
                if task in points
                else y[i]
                for task, y in answers.items()
            }
            faces.append(make_face(tasks, answer, boxes[i], found.scores[i]))
        return faces


def _given(boxes: np.ndarray | Sequence[Sequence[float]]) -> Found:
    """Boxes of the caller's, checked."""
    array = np.asarray(boxes, np.float64)
    if array.size == 0:
        array = array.reshape(0, 4)
    if array.ndim != 2 or array.shape[1] != 4:
        raise InputError(
            "Expected boxes (N, 4): left, top, right, bottom. "
            f"Received: shape {array.shape}."
        )
    right = (array[:, :2] < array[:, 2:]).all(axis=1)
    right &= np.isfinite(array).all(axis=1)
    if not right.all():
        raise InputError(
            "Expected left < right and top < bottom in every box. "
            f"Received: {array[right.argmin()].tolist()}."
        )
    n = len(array)
    return Found(array, np.full(n, np.nan), np.zeros(n, int))
