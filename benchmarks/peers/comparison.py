"""All predictors on the same faces: boxes, scores, times."""

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from typing import Any

from accuracy import measured, measured_whole, place, shown
from latency import RELATIVE_TO, timed, timed_twice
from many_points import Dlib68, FaceMesh, OwnDetector
from onet import OnnxONet, TorchONet
from placement import Placement
from predictors import Predictor

ONNX = "O-Net, onnxruntime"
WHOLE = "MediaPipe, own detector, whole photo"
PEERS: dict[str, Callable[[], Predictor]] = {
    RELATIVE_TO: TorchONet,
    ONNX: OnnxONet,
    "dlib, 68 points": Dlib68,
    "MediaPipe, mesh alone": FaceMesh,
}
SPLITS = ("val", "test")
CALIBRATION, TIMED = 300, 200  # faces


@dataclass
class Comparison:
    """What is known of each predictor, and how to measure more.

    Args:
        data: a folder of MTFL.
        predictors: by name.
        parts: {name: what was measured}, in the table's order; filled in.
        faces: at most so many of each split.
    """

    data: str
    predictors: dict[str, Predictor]
    parts: dict[str, dict[str, Any]]
    faces: int = 1000

    def describe(self) -> None:
        """Crop and size of each predictor."""
        for name, predictor in self.predictors.items():
            self.parts.setdefault(name, {}).update(
                crop=asdict(predictor.crop),
                megabytes=predictor.megabytes,
                parameters=predictor.parameters,
            )

    def place(self, names: Collection[str]) -> None:
        """Choose the boxes of peers on training faces."""
        faces = shown(self.data, "train", CALIBRATION)
        for name in names:
            if name == RELATIVE_TO:  # The same network as in ONNX Runtime.
                continue
            placement, error = place(self.predictors[name], *faces)
            box = asdict(placement) | {"error": round(error, 3)}
            self.parts[name]["box"] = box
            print(f"{name}: {box}", flush=True)
        self.parts[RELATIVE_TO]["box"] = self.parts[ONNX]["box"]

    def score(self, names: Collection[str]) -> None:
        """Scores on both splits."""
        detector = OwnDetector() if WHOLE in names else None
        if detector:
            self.parts[WHOLE]["megabytes"] = detector.megabytes
        for split in SPLITS:
            faces = shown(self.data, split, self.faces)
            for name in names:
                if name == WHOLE:
                    assert detector
                    scores = measured_whole(detector, *faces)
                else:
                    placement = self.placement(name)
                    predictor = self.predictors[name]
                    scores = measured(predictor, placement, *faces)
                self._keep(name, split, scores)

    def time(self) -> None:
        """Milliseconds a face, all side by side on test faces."""
        faces, photos = shown(self.data, "test", TIMED)
        placements = {name: self.placement(name) for name in self.predictors}
        times = timed(self.predictors, placements, photos, faces.boxes)
        for name, part in times.items():
            self.parts[name].update(part)
            print(f"{name}: {part}", flush=True)
        unit = times[RELATIVE_TO]["milliseconds"]
        # Of few faces, how many take a second look would be chance.
        faces, photos = shown(self.data, "test", self.faces)
        for name, predictor in self.predictors.items():
            if predictor.looks_again:
                twice = timed_twice(predictor, photos, faces.boxes)
                self.parts[name]["second_look"] = {
                    "milliseconds": round(twice, 3),
                    "relative": round(twice / unit, 3),
                }

    def placement(self, name: str) -> Placement:
        """The one that was chosen; the listed box for ours."""
        box = self.parts[name].get("box", {})
        return Placement(**{k: x for k, x in box.items() if k != "error"})

    def _keep(self, name: str, split: str, scores: dict[str, Any]) -> None:
        self.parts[name].setdefault("scores", {})[split] = scores
        points = scores["plain"]["landmarks"]
        print(f"{name}, {split}: {points['mean_error_box']} % box", flush=True)
