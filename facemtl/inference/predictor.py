"""`Predictor`: predicts the faces in a photo."""

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
from facemtl.inference.face import Face
from facemtl.inference.make_face import make_face
from facemtl.inference.passes import Place, limits, predict_places
from facemtl.inference.runtimes import as_network
from facemtl.inference.runtimes.runtime import Answers, Network
from facemtl.photos.photo import Photo, as_rgb, photo_list
from facemtl.presets import DEFAULT
from facemtl.process.forks import Packed
from facemtl.words import one_line

UNKNOWN_BOXES = (
    "The network has no convention of detector boxes: the detector uses that "
    "of MTFL. Give boxes, or a FaceDetector with a convention, or train the "
    "network again on faces that the detector detects."
)


class Predictor:
    """Detect the faces in photos and predict their landmarks and attributes.

    Threads may share a predictor, and it can be pickled. Every process that
    receives it or is forked loads a separate runtime, with the same
    predictions. TensorFlow networks cannot be used in a forked process; see
    `facemtl.process.forks`.

    Args:
        network: a preset's name, a file or a run folder to load, the result of
            `load_network`, or a `FaceNetwork`.
        detector: the face detector. By default YuNet, loaded when it is first
            needed.
        second_look: whether to predict rotated, off-centre or badly scaled
            faces in a second pass; see `facemtl.inference.second_pass`. Such
            faces take about three times as long. A network without a box
            convention has no second pass.

    Raises:
        InputError: for arguments of the wrong type, or a missing network.

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
        path: str | Path = DEFAULT,
        detector: Detector | None = None,
        second_look: bool = True,
    ) -> "Predictor":
        """Return a predictor with a network of any format.

        Only the runtime of that format is imported: a `.tflite` needs NumPy,
        OpenCV and ai-edge-litert.

        Args:
            path: see `facemtl.load_network`; the preset `base` by default.
            detector: the face detector.
            second_look: whether to predict rotated, off-centre or badly
                scaled faces in a second pass.

        Raises:
            InputError: if the network is missing.
        """
        return cls(path, detector, second_look)

    @property
    def network(self) -> Network:
        """The network that predicts."""
        return self._network.get()

    @property
    def detector(self) -> Detector:
        """The face detector."""
        if self._detector is None:
            self._detector = self._following(FaceDetector())
        return self._detector

    def _following(self, detector: FaceDetector) -> FaceDetector:
        """Return the detector with the box convention of the network."""
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
        """Return the faces in one photo.

        Args:
            photo: a file, its bytes, an open file, an array or a Pillow image;
                see `as_rgb`.
            boxes: (N, 4) left, top, right, bottom in pixels of the faces to
                predict, in the convention of the training boxes. Without boxes,
                faces are detected and returned from the largest to the
                smallest.
            bgr: whether an array has OpenCV's channel order.

        Returns:
            One face per box, in the order of the boxes.

        Raises:
            InputError: for an invalid photo or invalid boxes.
        """
        pixels = as_rgb(photo, checked_flag("bgr", bgr))
        return self._predict([pixels], [self._find(pixels, boxes)])[0]

    def batch(
        self,
        photos: Iterable[Photo],
        boxes: Iterable[Boxes | None] | None = None,
        bgr: bool = False,
    ) -> list[list[Face]]:
        """Return the faces in several photos, predicted together.

        Args:
            photos: an iterable of photos; see `__call__`.
            boxes: for each photo its boxes, or None to detect its faces.
            bgr: whether arrays have OpenCV's channel order.

        Returns:
            A list of faces for each photo.

        Raises:
            InputError: for an invalid photo or invalid boxes, with the number
                of the photo; or if there are not as many boxes as photos.
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
        """Return the given faces, or detect them."""
        if boxes is not None:
            return Found.given(boxes).on_photo(photo.shape)
        return checked_found(self.detector(photo))

    def _predict(
        self, pixels: list[np.ndarray], found: list[Found]
    ) -> list[list[Face]]:
        """Return the predicted faces of photos (H, W, 3), uint8, RGB."""
        places = [
            place
            for photo, some in zip(pixels, found, strict=True)
            for place in self._places(photo, some)
        ]
        limit = limits(found) if self._second_look else None
        predictions = predict_places(self.network, places, limit)
        ends = np.cumsum([len(some) for some in found])[:-1]
        by_photo = {k: np.split(y, ends) for k, y in predictions.items()}
        return [
            self._faces(
                photo.shape, some, {k: y[i] for k, y in by_photo.items()}
            )
            for i, (photo, some) in enumerate(zip(pixels, found, strict=True))
        ]

    def _places(self, photo: np.ndarray, found: Found) -> list[Place]:
        """Return for each face its rotated photo and its window."""
        windows = found.windows(self.network.crop.margin)
        return [
            (np.rot90(photo, turn), window)
            for turn, window in zip(found.turns, windows, strict=True)
        ]

    def _faces(
        self, shape: tuple[int, ...], found: Found, predictions: Answers
    ) -> list[Face]:
        """Return the faces of one photo with points in its pixels."""
        tasks, margin = self.network.tasks, self.network.crop.margin
        for task in tasks:
            if task.kind == "landmarks":
                points = predictions[task.name]
                predictions[task.name] = found.points_in_photo(
                    points, margin, shape
                )
        boxes = found.boxes_in_photo(shape)
        return [
            make_face(
                tasks,
                {
                    task: prediction[i]
                    for task, prediction in predictions.items()
                },
                boxes[i],
                found.scores[i],
            )
            for i in range(len(found))
        ]


def _check_detector(detector: Any) -> None:
    """Raise `InputError` for an object that cannot detect faces."""
    fits = callable(detector) and not isinstance(detector, type | Predictor)
    if detector is not None and not fits:
        raise InputError(
            "Expected a detector, such as FaceDetector(). "
            f"Received: {one_line(repr(detector))[:80]}."
        )
