"""`Predictor`: predicts the faces in a photo."""

import warnings
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from facemtl.arguments import checked_flag
from facemtl.detection.detector import Detector, FaceDetector
from facemtl.detection.found import Boxes, Found
from facemtl.detection.given import checked_boxes
from facemtl.errors import InputError
from facemtl.geometry.box_convention import MTFL_BOXES
from facemtl.inference.faces_in_photos import faces_in_photos
from facemtl.inference.photo_faces import PhotoFaces
from facemtl.inference.photo_groups import photo_groups
from facemtl.inference.runtimes import as_network
from facemtl.inference.runtimes.runtime import Network
from facemtl.inference.views import View, find_in, read_view
from facemtl.photos.photo import Photo, as_rgb, photo_list
from facemtl.photos.source import source_of
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
        threads: threads of one call, for the network (see `load_network`) and
            the default detector.

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
        threads: int | None = None,
    ) -> None:
        self._second_look = checked_flag("second_look", second_look)
        self._threads = threads
        _check_detector(detector)
        self._network = Packed(as_network(network, threads))
        if isinstance(detector, FaceDetector):
            detector = self._following(detector)
        self._detector = detector

    @classmethod
    def load(
        cls,
        path: str | Path = DEFAULT,
        detector: Detector | None = None,
        second_look: bool = True,
        threads: int | None = None,
    ) -> "Predictor":
        """Return a predictor with a network of any format.

        Only the runtime of that format is imported: a `.tflite` needs NumPy,
        OpenCV and ai-edge-litert.

        Args:
            path: see `facemtl.load_network`; the preset `base` by default.
            detector: the face detector.
            second_look: whether to predict rotated, off-centre or badly
                scaled faces in a second pass.
            threads: threads of the runtime for one call.

        Raises:
            InputError: if the network is missing.
        """
        return cls(path, detector, second_look, threads)

    @property
    def network(self) -> Network:
        """The network that predicts."""
        return self._network.get()

    @property
    def detector(self) -> Detector:
        """The face detector."""
        if self._detector is None:
            self._detector = self._following(
                FaceDetector(threads=self._threads)
            )
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
    ) -> PhotoFaces:
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
            One face per box, in the order of the boxes: a list that also knows
            its photo, to draw it (see `PhotoFaces` for the memory it takes).

        Raises:
            InputError: for an invalid photo or invalid boxes.
        """
        view = self._read(photo, boxes, checked_flag("bgr", bgr))
        view, found = self._find(view, boxes)
        (faces,) = faces_in_photos(
            self.network, [view], [found], self._second_look
        )
        return PhotoFaces(faces, source_of(photo, view.pixels))

    def batch(
        self,
        photos: Iterable[Photo],
        boxes: Iterable[Boxes | None] | None = None,
        bgr: bool = False,
        skip_invalid: bool = False,
    ) -> list[PhotoFaces]:
        """Return the faces in several photos, predicted together.

        Photos are read in groups of up to 256 MB of pixels, so that more files
        than fit into memory may be given.

        Args:
            photos: an iterable of photos; see `__call__`.
            boxes: for each photo its boxes, or None to detect its faces.
            bgr: whether arrays have OpenCV's channel order.
            skip_invalid: whether to skip photos that cannot be read. Such a
                photo has no faces, and its list's `error` says why; a warning
                counts them.

        Returns:
            A list of faces for each photo; see `__call__`.

        Raises:
            InputError: for an invalid photo or invalid boxes, with the number
                of the photo; or if there are not as many boxes as photos.
        """
        bgr = checked_flag("bgr", bgr)
        skip = checked_flag("skip_invalid", skip_invalid)
        some = photo_list(photos)
        given = checked_boxes(boxes, len(some))
        every: list[PhotoFaces] = []
        for group in photo_groups(
            some, given, partial(self._read, bgr=bgr), self._find, skip
        ):
            lists = faces_in_photos(
                self.network, group.views, group.found, self._second_look
            )
            every += [
                PhotoFaces(faces, None if error else source, error)
                for faces, source, error in zip(
                    lists, group.sources, group.errors, strict=True
                )
            ]
        _warn_skipped([faces.error for faces in every])
        return every

    def _read(self, photo: Photo, boxes: Boxes | None, bgr: bool) -> View:
        """Return a photo's pixels, all if boxes are given."""
        if boxes is None:
            return read_view(photo, bgr, self.detector)
        return View(as_rgb(photo, bgr))

    def _find(self, view: View, boxes: Boxes | None) -> tuple[View, Found]:
        """Return the given faces, or detect them; see `find_in`."""
        if boxes is None:
            return find_in(view, self.detector, self.network.crop)
        return view, Found.given(boxes).on_photo(view.shape)


def _warn_skipped(errors: list[str]) -> None:
    """Warn of photos that were skipped, with the reason of the first."""
    skipped = [i for i, error in enumerate(errors) if error]
    if skipped:
        first = skipped[0]
        warnings.warn(
            f"{len(skipped)} of {len(errors)} photos could not be used. The "
            f"first is photo {first + 1}: {errors[first]}",
            stacklevel=3,
        )


def _check_detector(detector: Any) -> None:
    """Raise `InputError` for an object that cannot detect faces."""
    fits = callable(detector) and not isinstance(detector, type | Predictor)
    if detector is not None and not fits:
        raise InputError(
            "Expected a detector, such as FaceDetector(). "
            f"Received: {one_line(repr(detector))[:80]}."
        )
