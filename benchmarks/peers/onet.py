"""MTCNN's O-Net, with the weights that the package facenet-pytorch carries.

The network is written again, since importing facenet-pytorch needs
torchvision; the weights are loaded strictly, so a wrong copy cannot pass.
"""

import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from predictors import Predictor, size

from facemtl.errors import InputError
from facemtl.geometry.crops import CropSpec
from facemtl.inference.runtimes.runtime import Answers
from facemtl.process.packages import import_package


def carried(package: str, file: str, name: str) -> Path:
    """A file inside a package, which is not imported.

    Args:
        package: as it is imported.
        file: its path in the package.
        name: of the package, to get it.

    Raises:
        InputError: if the package is not installed or has no such file.
    """
    spec = find_spec(package)
    places = [] if spec is None else spec.submodule_search_locations or []
    for place in places:
        if (Path(place) / file).is_file():
            return Path(place) / file
    raise InputError(f"Expected the package {name} with {file} in it.")


def build(weights: Path) -> Any:
    """O-Net as facenet-pytorch has it: (N, 3, 48, 48) -> points (N, 10)."""
    torch = import_package("torch", "O-Net")
    nn = torch.nn
    module: Any = nn.Module

    class ONet(module):
        """The layers' names are those of the weights."""

        def __init__(self) -> None:
            super().__init__()
            widths = ((3, 32, 3), (32, 64, 3), (64, 64, 3), (64, 128, 2))
            for i, (before, after, kernel) in enumerate(widths, 1):
                setattr(self, f"conv{i}", nn.Conv2d(before, after, kernel))
                setattr(self, f"prelu{i}", nn.PReLU(after))
            self.dense5, self.prelu5 = nn.Linear(1152, 256), nn.PReLU(256)
            for i, values in enumerate((2, 4, 10), 1):
                setattr(self, f"dense6_{i}", nn.Linear(256, values))

        def forward(self, x: Any) -> Any:
            for i, pool in enumerate((3, 3, 2), 1):
                x = getattr(self, f"conv{i}")(x)
                x = getattr(self, f"prelu{i}")(x)
                x = nn.functional.max_pool2d(x, pool, 2, ceil_mode=True)
            x = self.prelu4(self.conv4(x)).permute(0, 3, 2, 1).flatten(1)
            x = self.prelu5(self.dense5(x))
            # Its scores and box corrections are not asked for.
            return self.dense6_3(x)

    network = ONet()
    network.load_state_dict(torch.load(weights, weights_only=True))
    return network.eval()


class TorchONet(Predictor):
    """By PyTorch."""

    crop = CropSpec(48, "rgb")

    def __init__(self) -> None:
        self.torch = import_package("torch", "O-Net")
        self.torch.set_num_threads(1)
        weights = carried("facenet_pytorch", "data/onet.pt", "facenet-pytorch")
        self.network = build(weights)
        self.megabytes = size(weights)
        self.parameters = sum(x.numel() for x in self.network.parameters())

    def answer(self, crop: np.ndarray) -> Answers:
        with self.torch.inference_mode():
            found = self.network(self.torch.from_numpy(scaled(crop)))
        return points(found.numpy())


class OnnxONet(Predictor):
    """The same network, by ONNX Runtime."""

    crop = CropSpec(48, "rgb")

    def __init__(self) -> None:
        onnxruntime = import_package("onnxruntime", "O-Net")
        torch = import_package("torch", "O-Net")
        weights = carried("facenet_pytorch", "data/onet.pt", "facenet-pytorch")
        network = build(weights)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "onet.onnx"
            torch.onnx.export(
                network, (torch.zeros(1, 3, 48, 48),), file, dynamo=False
            )
            self.megabytes = size(file)
            self.session = onnxruntime.InferenceSession(
                file, options, providers=["CPUExecutionProvider"]
            )
        self.input = self.session.get_inputs()[0].name
        self.parameters = sum(x.numel() for x in network.parameters())

    def answer(self, crop: np.ndarray) -> Answers:
        (found,) = self.session.run(None, {self.input: scaled(crop)})
        return points(found)


def scaled(crop: np.ndarray) -> np.ndarray:
    """(48, 48, 3) uint8 -> (1, 3, 48, 48) float32, as O-Net was trained."""
    pixels = (crop.astype(np.float32) - 127.5) * 0.0078125
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])


def points(found: np.ndarray) -> Answers:
    """x of the five points, then y, (1, 10) -> (5, 2)."""
    return {"landmarks": found.reshape(2, 5).T}
