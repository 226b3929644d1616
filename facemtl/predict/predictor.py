"""`Predictor`: a photo in, its faces out."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facemtl.box_convention import MTFL_BOXES
from facemtl.crops import crop
from facemtl.predict.detect import Detector, FaceDetector
from facemtl.predict.face import Face, make_face
from facemtl.predict.found import Boxes, Found
from facemtl.predict.photos import Photo, as_rgb
from facemtl.runtimes import load_network
from facemtl.runtimes.runtime import Answers, Network
from facemtl.second_look import DETECTED, look_again

UNKNOWN_BOXES = (
    "The network does not say how the boxes of its training faces lie: those "
    "of the detector are made as MTFL's. Give boxes, or a FaceDetector with a "
    "convention, or train the network again on faces that the detector finds."
)
# A photo and a face's window (3,) in it.
Place = tuple[np.ndarray, np.ndarray]


class Predictor:
    """Finds faces in photos and says what a network says of them.

    Args:
        network: what `load_network` gives.
        detector: finds the faces; by default YuNet, loaded when it is first
            needed.
        second_look: predict once more where a face is rotated or misplaced in
            its box, cut out anew; see `facemtl.second_look`. Such faces take
            about three times as long. A network without a box convention has
            no second pass.

    Example:

        predictor = facemtl.Predictor.load("base")
        for face in predictor("party.jpg"):
            print(face.points["nose"], face.attributes["smile"].name)
    """

    def __init__(
        self,
        network: Network,
        detector: Detector | None = None,
        second_look: bool = True,
    ) -> None:
        self.network = network
        if isinstance(detector, FaceDetector):
            detector = self._following(detector)
        self._detector = detector
        self._second_look = second_look

    @classmethod
    def load(
        cls,
        path: str | Path,
        detector: Detector | None = None,
        second_look: bool = True,
    ) -> "Predictor":
        """A predictor with a network from any format.

        Only the runtime of that format is imported: for a `.tflite` NumPy,
        OpenCV and ai-edge-litert are enough.

        Args:
            path: see `facemtl.load_network`.
            detector: finds the faces.
            second_look: predict rotated or misplaced faces in a second pass.

        Raises:
            InputError: if there is no such network.
        """
        return cls(load_network(path), detector, second_look)

    @property
    def detector(self) -> Detector:
        """What finds the faces."""
        if self._detector is None:
            self._detector = self._following(FaceDetector())
        return self._detector

    def _following(self, detector: FaceDetector) -> FaceDetector:
        """The detector with boxes as the network was trained on."""
        boxes = self.network.box_convention
        if boxes is not None and boxes.detector is not None:
            return detector.following(boxes.detector)
        if detector.convention is None:
            warnings.warn(UNKNOWN_BOXES, stacklevel=3)
        return detector.following(MTFL_BOXES)

    def __call__(
        self,
        photo: Photo,
        boxes: Boxes | None = None,
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
        boxes: Sequence[Boxes] | None = None,
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
            found = [
                Found.given(some).on_photo(photo.shape)
                for photo, some in zip(pixels, boxes, strict=True)
            ]
        answers = self._answers(
            [
                place
                for photo, some in zip(pixels, found, strict=True)
                for place in self._places(photo, some)
            ],
            limit=DETECTED if boxes is None else 1.0,
        )
        ends = np.cumsum([len(some) for some in found])[:-1]
        by_photo = {k: np.split(y, ends) for k, y in answers.items()}
        return [
            self._faces(
                photo.shape, some, {k: y[i] for k, y in by_photo.items()}
            )
            for i, (photo, some) in enumerate(zip(pixels, found, strict=True))
        ]

    def _places(self, photo: np.ndarray, found: Found) -> list[Place]:
        """For each face the photo as it was turned, and its window."""
        windows = found.windows(self.network.crop.margin)
        return [
            (np.rot90(photo, turn), window)
            for turn, window in zip(found.turns, windows, strict=True)
        ]

    def _answers(self, places: list[Place], limit: float) -> Answers:
        """What the network says of all faces, points in window units."""
        photos = [photo for photo, _ in places]
        windows = np.reshape([window for _, window in places], (-1, 3))
        answers = self._look(photos, windows, np.zeros(len(photos)))

        def ask(index: np.ndarray, *where: np.ndarray) -> Answers:
            return self._look([photos[i] for i in index], *where)

        if self._second_look:
            tasks, margin = self.network.tasks, self.network.crop.margin
            boxes = self.network.box_convention
            answers = look_again(
                answers, tasks, boxes, margin, windows, ask, limit
            )
        return answers

    def _look(
        self, photos: list[np.ndarray], windows: np.ndarray, turns: np.ndarray
    ) -> Answers:
        spec = self.network.crop
        crops = [
            crop(photo, window, spec.size, spec.color, degrees=turn)
            for photo, window, turn in zip(photos, windows, turns, strict=True)
        ]
        shape = (len(crops), *spec.shape)
        return self.network.predict(np.reshape(crops, shape).astype("u1"))

    def _faces(
        self, shape: tuple[int, ...], found: Found, answers: Answers
    ) -> list[Face]:
        """Answers about the faces of one photo, in its pixels."""
        tasks, margin = self.network.tasks, self.network.crop.margin
        for task in tasks:
            if task.kind == "landmarks":
                points = answers[task.name]
                answers[task.name] = found.points_in_photo(
                    points, margin, shape
                )
        boxes = found.boxes_in_photo(shape)
        return [
            make_face(
                tasks,
                {task: answer[i] for task, answer in answers.items()},
                boxes[i],
                found.scores[i],
            )
            for i in range(len(found))
        ]
