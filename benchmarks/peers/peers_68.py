"""Peers of the 68 points of iBUG, in the order of the layout `points68`."""

from pathlib import Path

import numpy as np
from many_points import Dlib68
from node_peer import NodePeer

from facemtl.geometry.crops import CropSpec
from facemtl.inference.runtimes.runtime import Answers
from facemtl.tasks import load_layout

POINTS = load_layout("points68")


class AllOfDlib(Dlib68):
    """dlib's trees, all of their points."""

    tasks = (POINTS,)

    def answer(self, crop: np.ndarray) -> Answers:
        return {POINTS.name: self.all_points(crop)}


class FaceApi(NodePeer):
    """A network of face-api.

    Args:
        folder: see `NodePeer`.
        model: the name of one of its models.
    """

    crop = CropSpec(112, "rgb")
    tasks = (POINTS,)
    numbers = 2 * POINTS.size

    def __init__(self, folder: str | Path, model: str) -> None:
        super().__init__(folder, f"face-api/model/{model}.bin")

    def answer(self, crop: np.ndarray) -> Answers:
        return {POINTS.name: np.reshape(self.ask(crop), (POINTS.size, 2))}
