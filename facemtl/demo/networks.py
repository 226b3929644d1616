"""The networks that the page of `facemtl demo` offers."""

import threading
from collections.abc import Sequence
from functools import cache, lru_cache

from facemtl.detection.detector import FaceDetector
from facemtl.detection.settings import checked_score
from facemtl.errors import InputError
from facemtl.inference.photo_faces import PhotoFaces
from facemtl.inference.predictor import Predictor
from facemtl.inference.runtimes import load_network
from facemtl.photos.photo import as_rgb
from facemtl.presets import DEFAULT, find_pretrained, pretrained_names
from facemtl.process.native_words import without_native_words
from facemtl.words import printable

KEPT = 8  # detectors of other minimum scores


class Networks:
    """Presets and a user's networks; each is loaded when it is first needed.

    Args:
        given: paths of networks beside the presets. The first one is the
            default.

    Raises:
        InputError: for a path that does not exist.

    Attributes:
        names: the names of the networks.
        default: the name of the network to begin with.

    Example:

    >>> networks = Networks([])
    >>> networks.names == pretrained_names(), networks.default
    (True, 'base')
    """

    def __init__(self, given: Sequence[str]) -> None:
        for path in given:
            if not find_pretrained(path).exists():
                raise InputError(
                    "Expected --model as a network's file or folder. "
                    f"Received: {path}, which does not exist."
                )
        paths = [*pretrained_names(), *given]
        self._paths = {printable(path): path for path in paths}
        self.names = list(self._paths)
        self.default = printable(given[0]) if given else DEFAULT
        self._lock = threading.Lock()
        self._network = cache(load_network)
        self._predictor = lru_cache(KEPT)(self._new_predictor)

    def predict(self, name: str, photo: bytes, min_score: float) -> PhotoFaces:
        """Return the faces in a photo.

        Args:
            name: one of `names`.
            photo: the bytes of a photo's file.
            min_score: the lowest detector score of a face.

        Raises:
            InputError: for another name, an invalid photo or score, or a
                network that cannot be loaded.
        """
        if name not in self._paths:
            raise InputError(
                f"Expected model as one of {self.names}. Received: {name!r}."
            )
        score = checked_score(min_score, "min_score")
        # One photo at a time, whatever the number of requests.
        with self._lock:
            pixels = without_native_words(as_rgb, photo)
            return self._predictor(self._paths[name], score)(pixels)

    def close(self) -> None:
        """Wait for the prediction that is running; no other one begins.

        A process that ends while a runtime works in another thread crashes.
        """
        self._lock.acquire()

    def _new_predictor(self, path: str, score: float) -> Predictor:
        return Predictor(self._network(path), FaceDetector(score))
