"""MediaPipe's mesh of 468 points: alone, and behind its own detector."""

from typing import Any

import numpy as np
from five_points import FACE_MESH_468, five_points
from onet import carried
from predictors import Predictor, size

from facemtl.geometry.crops import CropSpec
from facemtl.inference.runtimes.runtime import Answers
from facemtl.process.packages import import_package

FOLDER = "modules/"
MESH = FOLDER + "face_landmark/face_landmark.tflite"
DETECTOR = FOLDER + "face_detection/face_detection_short_range.tflite"
SIDE = 192
FACES = 5  # A photo's largest faces, out of which the listed one is taken.
FAR = 0.5  # Listed box sides; a mesh further away is another face's.


class FaceMesh(Predictor):
    """The mesh's network on a box, which is not turned."""

    crop = CropSpec(SIDE, "rgb")

    def __init__(self) -> None:
        litert = import_package("ai_edge_litert.interpreter", "ai-edge-litert")
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
        return {"landmarks": five_points(mesh[:, :2] / SIDE, FACE_MESH_468)}


class OwnDetector:
    """MediaPipe's whole way: it finds faces in a photo and turns them."""

    def __init__(self) -> None:
        mediapipe = import_package("mediapipe", "mediapipe")
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
