"""Peers of the 68 points of iBUG, in the order of the layout `points68`."""

import json
import math
import subprocess
from pathlib import Path

import numpy as np
from many_points import Dlib68
from predictors import Predictor, size

from facemtl.errors import InputError
from facemtl.geometry.crops import CropSpec
from facemtl.inference.runtimes.runtime import Answers
from facemtl.tasks import load_layout

POINTS = load_layout("points68")
SCRIPT = Path(__file__).with_name("face_api.js")
PACKAGE = "node_modules/@vladmandic/face-api"
NODE_SIDE = 112


class AllOfDlib(Dlib68):
    """dlib's trees, all of their points."""

    tasks = (POINTS,)

    def answer(self, crop: np.ndarray) -> Answers:
        return {POINTS.name: self.all_points(crop)}


class FaceApi(Predictor):
    """face-api's network in Node, by TensorFlow.js on WebAssembly.

    Args:
        folder: has `node_modules` with face-api and TensorFlow.js.
        model: the name of one of its models.

    Raises:
        InputError: if the folder has no such model.
    """

    crop = CropSpec(NODE_SIDE, "rgb")
    tasks = (POINTS,)

    def __init__(self, folder: str | Path, model: str) -> None:
        weights = Path(folder, PACKAGE, "model", f"{model}.bin")
        if not weights.is_file():
            raise InputError(
                f"Expected {weights}; see benchmarks/peers/README.md."
            )
        self.megabytes = size(weights)
        manifest = weights.with_name(f"{model}-weights_manifest.json")
        (group,) = json.loads(manifest.read_text(encoding="utf-8"))
        self.parameters = sum(math.prod(x["shape"]) for x in group["weights"])
        self.process = subprocess.Popen(
            ["node", str(SCRIPT), str(folder), model],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        # Milliseconds of each prediction, on the wall and of the processor,
        # without the way to Node.
        self.spent: list[tuple[float, float]] = []

    def answer(self, crop: np.ndarray) -> Answers:
        given, found = self.process.stdin, self.process.stdout
        assert given and found
        given.write(np.ascontiguousarray(crop).tobytes())
        given.flush()
        data = found.read(4 * (2 * POINTS.size + 2))
        *numbers, wall, busy = np.frombuffer(data, "<f4").astype(float).tolist()
        self.spent.append((wall, busy))
        return {POINTS.name: np.reshape(numbers, (POINTS.size, 2))}

    def close(self) -> None:
        """End Node."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()
