"""Peers of many points, which become the five of MTFL.

MediaPipe's mesh of 468 points, alone and behind its own detector, and dlib's
68 points with the weights of face_recognition_models. "Left" is the image's
left. An eye is the mean of the points round it; other points are one of the
peer's own.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onet import carried
from predictors import Predictor, size

from facemtl.geometry.crops import CropSpec
from facemtl.inference.runtimes.runtime import Answers
from facemtl.process.packages import import_package

Parts = Sequence[Sequence[int]]

# The 68 points of 300-W, counted from 0.
IBUG_68: Parts = (range(36, 42), range(42, 48), (30,), (48,), (54,))
# The 468 points of MediaPipe's mesh; an eye's 16 points are its lids.
FACE_MESH_468: Parts = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133)
    + (173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362)
    + (398, 384, 385, 386, 387, 388, 466),
    (1,),
    (61,),
    (291,),
)
MESH = "modules/face_landmark/face_landmark.tflite"
DETECTOR = "modules/face_detection/face_detection_short_range.tflite"
MESH_SIDE = 192
FACES = 5  # A photo's largest faces, out of which the listed one is taken.
FAR = 0.5  # Listed box sides; a mesh further away is another face's.
# dlib looks beyond its box, whose corners are whole pixels: the crop is cut so
# that the box is its middle half.
DLIB_SIDE = 200


def five_points(points: np.ndarray, parts: Parts) -> np.ndarray:
    """The mean of each part's points.

    Args:
        points: (P, 2), in any unit.
        parts: for each of the five points its indices.

    Returns:
        (5, 2): left eye, right eye, nose, left and right mouth corner.

    Example:

    >>> five_points(np.array([[0.0, 0.0], [2.0, 4.0]]), [(0, 1), (1,)])
    array([[1., 2.],
           [2., 4.]])
    """
    return np.stack([points[list(part)].mean(axis=0) for part in parts])


class FaceMesh(Predictor):
    """The mesh's network on a box, which is not turned."""

    crop = CropSpec(MESH_SIDE, "rgb")

    def __init__(self) -> None:
        litert = import_package("ai_edge_litert.interpreter", "MediaPipe")
        file = carried("mediapipe", MESH, "mediapipe")
        self.megabytes = size(file)
        self.network = litert.Interpreter(str(file), num_threads=1)
        self.network.allocate_tensors()
        (self.input,) = (x["index"] for x in self.network.get_input_details())
        (self.output,) = (
            x["index"]
            for x in self.network.get_output_details()
            if x["shape"][-1] == 3 * 468
        )

    def answer(self, crop: np.ndarray) -> Answers:
        pixels = crop[None].astype(np.float32) / 255
        self.network.set_tensor(self.input, pixels)
        self.network.invoke()
        mesh = self.network.get_tensor(self.output).reshape(468, 3)
        return {
            "landmarks": five_points(mesh[:, :2] / MESH_SIDE, FACE_MESH_468)
        }


class OwnDetector:
    """MediaPipe's whole way: it finds faces in a photo and turns them."""

    def __init__(self) -> None:
        mediapipe = import_package("mediapipe", "MediaPipe")
        self.mesh = mediapipe.solutions.face_mesh.FaceMesh(
            static_image_mode=True, max_num_faces=FACES
        )
        files = [carried("mediapipe", x, "mediapipe") for x in (MESH, DETECTOR)]
        self.megabytes = size(*files)

    def points(self, photo: np.ndarray, box: np.ndarray) -> np.ndarray | None:
        """Five points (5, 2) in photo pixels; None where it finds no face.

        Args:
            photo: (H, W, 3) uint8, RGB.
            box: (4,) listed box in pixels, to know the face among several.
        """
        found = self.mesh.process(photo).multi_face_landmarks or []
        faces = [self._pixels(face, photo.shape) for face in found]
        side, middle = max(box[2:] - box[:2]), (box[:2] + box[2:]) / 2
        apart = [np.hypot(*(x.mean(axis=0) - middle)) / side for x in faces]
        if not apart or min(apart) > FAR:
            return None
        return faces[int(np.argmin(apart))]

    @staticmethod
    def _pixels(face: Any, shape: tuple[int, ...]) -> np.ndarray:
        shares = np.array([(p.x, p.y) for p in face.landmark])
        # Its units count from the photo's edge, ours from a pixel's centre.
        return five_points(shares, FACE_MESH_468) * shape[1::-1] - 0.5


class Dlib68(Predictor):
    """An ensemble of regression trees."""

    crop = CropSpec(DLIB_SIDE, "rgb", margin=0.5)

    def __init__(self) -> None:
        dlib = import_package("dlib", "dlib", "dlib-bin")
        weights = carried(
            "face_recognition_models",
            "models/shape_predictor_68_face_landmarks.dat",
            "face-recognition-models",
        )
        self.megabytes = size(weights)
        self.predictor = dlib.shape_predictor(str(weights))
        low, high = (
            DLIB_SIDE // 4,
            3 * DLIB_SIDE // 4 - 1,
        )  # Its edges belong to it.
        self.box = dlib.rectangle(low, low, high, high)

    def answer(self, crop: np.ndarray) -> Answers:
        return {"landmarks": five_points(self.all_points(crop), IBUG_68)}

    def all_points(self, crop: np.ndarray) -> np.ndarray:
        """All points (68, 2) in units of the crop."""
        shape = self.predictor(crop, self.box)
        pixels = np.array([(p.x, p.y) for p in shape.parts()], np.float64)
        return (pixels + 0.5) / DLIB_SIDE
