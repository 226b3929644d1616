"""`Predictor`: a photo in, its faces out."""

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.arguments import checked_flag
from facemtl.detection.detector import Detector, FaceDetector
from facemtl.detection.found import Boxes, Found
from facemtl.detection.given import checked_boxes, checked_found, numbered
from facemtl.errors import InputError
from facemtl.geometry.box_convention import MTFL_BOXES
from facemtl.inference.face import Face, make_face
from facemtl.inference.passes import Place, limits, predict_places
from facemtl.inference.runtimes import as_network
from facemtl.inference.runtimes.runtime import Answers, Network
from facemtl.photos.photo import Photo, as_rgb, photo_list
from facemtl.process.forks import Packed
from facemtl.words import one_line

UNKNOWN_BOXES = (
    "The network does not say how the boxes of its training faces lie: those "
    "of the detector are made as MTFL's. Give boxes, or a FaceDetector with a "
    "convention, or train the network again on faces that the detector finds."
)


class Predictor:
    """Finds faces in photos and says what a network says of them.

    Threads may share a predictor, and it can be pickled: every process that it
    is sent to, or that is forked, loads its own runtime, for the same
    predictions. TensorFlow alone cannot be used in a forked process; see
    `facemtl.process.forks`.

    Args:
        network: what `load_network` gives or takes: a preset's name, a file or
            a run folder is loaded. Or a `FaceNetwork`.
        detector: finds the faces; by default YuNet, loaded when it is first
            needed.
        second_look: predict once more where a face is rotated or misplaced in
            its box, cut out anew; see `facemtl.inference.second_pass`. Such
            faces take about three times as long. A network without a box
            convention has no second pass.

    Raises:
        InputError: for arguments of another kind, or no such network.

    Example:

    >>> from facemtl.data.synthetic.faces import synthetic_faces
    >>> faces = synthetic_faces(1)
    >>> photo = faces.images.read(faces.names[0])  # or a file
    >>> predictor = Predictor.load("tiny")
    >>> (face,) = predictor(photo, boxes=faces.boxes)  # or without boxes
    >>> x, y = face.points["nose"]  # in pixels of the photo
    >>> bool(abs(x - faces.labels["landmarks"][0, 2, 0]) < 20)
    True
    >>> face.attributes["smile"].name in ("yes", "no")
    True
    """

    def __init__(
        self,
        network: Network | str | Path,
        detector: Detector | None = None,
        second_look: bool = True,
    ) -> None:
        self._second_look = checked_flag("second_look", second_look)
        _check_detector(detector)
        self._network = Packed(as_network(network))
        if isinstance(detector, FaceDetector):
            detector = self._following(detector)
        self._detector = detector

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
        return cls(path, detector, second_look)

    @property
    def network(self) -> Network:
        """What predicts."""
        return self._network.get()

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
            photo: a file, its bytes, an open file, an array, an image of
                Pillow's; see `as_rgb`.
            boxes: (N, 4) left, top, right, bottom in pixels of the faces to
                look at, as the network was trained on. Without it faces are
                found, the largest first.
            bgr: whether an array's colors are in OpenCV's order.

        Returns:
            A face for each box, in their order.

        Raises:
            InputError: for a photo or boxes that cannot be used.
        """
        pixels = as_rgb(photo, checked_flag("bgr", bgr))
        return self._predict([pixels], [self._find(pixels, boxes)])[0]

    def batch(
        self,
        photos: Iterable[Photo],
        boxes: Iterable[Boxes | None] | None = None,
        bgr: bool = False,
    ) -> list[list[Face]]:
        """The faces in several photos, predicted together.

        Args:
            photos: as for one: a list, or whatever else gives one after the
                other.
            boxes: for each photo its boxes, or None to find its faces.
            bgr: as for one.

        Returns:
            For each photo its faces.

        Raises:
            InputError: as for one, with the photo's number; for another number
                of boxes than of photos.
        """
        bgr = checked_flag("bgr", bgr)
        some = photo_list(photos)
        given = checked_boxes(boxes, len(some))
        pixels, found = [], []
        for i, (photo, own) in enumerate(zip(some, given, strict=True), 1):
            with numbered(i, len(some)):
                pixels.append(as_rgb(photo, bgr))
                found.append(self._find(pixels[-1], own))
        return self._predict(pixels, found)

    def _find(self, photo: np.ndarray, boxes: Boxes | None) -> Found:
        """The faces that are given, or found."""
        if boxes is not None:
            return Found.given(boxes).on_photo(photo.shape)
        return checked_found(self.detector(photo))

    def _predict(
        self, pixels: list[np.ndarray], found: list[Found]
    ) -> list[list[Face]]:
        """The faces of photos (H, W, 3), uint8, RGB, where they are found."""
        places = [
            place
            for photo, some in zip(pixels, found, strict=True)
            for place in self._places(photo, some)
        ]
        limit = limits(found) if self._second_look else None
        answers = predict_places(self.network, places, limit)
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


def _check_detector(detector: Any) -> None:
    """Raise `InputError` for what cannot find faces."""
    fits = callable(detector) and not isinstance(detector, type | Predictor)
    if detector is not None and not fits:
        raise InputError(
            "Expected a detector, such as FaceDetector(). "
            f"Received: {one_line(repr(detector))[:80]}."
        )
