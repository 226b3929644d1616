"""dlib's 68 points, with the weights of face_recognition_models."""

import numpy as np
from five_points import IBUG_68, five_points
from onet import carried
from predictors import Predictor, size

from facemtl.geometry.crops import CropSpec
from facemtl.inference.runtimes.runtime import Answers
from facemtl.process.packages import import_package

# dlib looks beyond its box, whose corners are whole pixels: the crop is cut so
# that the box is its middle half.
SIDE = 200


class Dlib68(Predictor):
    """An ensemble of regression trees."""

    crop = CropSpec(SIDE, "rgb", margin=0.5)

    def __init__(self) -> None:
        dlib = import_package("dlib", "dlib-bin")
        weights = carried(
            "face_recognition_models",
            "models/shape_predictor_68_face_landmarks.dat",
            "face-recognition-models",
        )
        self.megabytes = size(weights)
        self.predictor = dlib.shape_predictor(str(weights))
        low, high = SIDE // 4, 3 * SIDE // 4 - 1  # Its edges belong to it.
        self.box = dlib.rectangle(low, low, high, high)

    def answer(self, crop: np.ndarray) -> Answers:
        shape = self.predictor(crop, self.box)
        pixels = np.array([(p.x, p.y) for p in shape.parts()], np.float64)
        return {"landmarks": five_points((pixels + 0.5) / SIDE, IBUG_68)}
