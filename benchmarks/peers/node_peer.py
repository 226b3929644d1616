"""A network of an npm package, in Node by TensorFlow.js on WebAssembly."""

import json
import math
import subprocess
from pathlib import Path

import numpy as np
from predictors import Predictor, size

from facemtl.errors import InputError

SCRIPT = Path(__file__).with_name("networks.js")
PACKAGES = "node_modules/@vladmandic"


class NodePeer(Predictor):
    """A network that `networks.js` knows; it gives `numbers` for a crop.

    Args:
        folder: has `node_modules` with the package and TensorFlow.js.
        weights: the file of the weights in `node_modules/@vladmandic`.

    Raises:
        InputError: if the folder has no such file.
    """

    numbers = 1

    def __init__(self, folder: str | Path, weights: str) -> None:
        file = Path(folder, PACKAGES, weights)
        if not file.is_file():
            raise InputError(
                f"Expected {file}; see benchmarks/peers/README.md."
            )
        self.megabytes = size(file)
        self.parameters = _parameters(file)
        self.process = subprocess.Popen(
            ["node", str(SCRIPT), str(folder), file.stem],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        # Milliseconds of each prediction, on the wall and of the processor,
        # without the way to Node.
        self.spent: list[tuple[float, float]] = []

    def ask(self, crop: np.ndarray) -> list[float]:
        """The numbers about one crop."""
        given, found = self.process.stdin, self.process.stdout
        assert given and found
        given.write(np.ascontiguousarray(crop).tobytes())
        given.flush()
        data = found.read(4 * (self.numbers + 2))
        *numbers, wall, busy = np.frombuffer(data, "<f4").astype(float).tolist()
        self.spent.append((wall, busy))
        return numbers

    def times(self) -> dict[str, float]:
        """The medians of what was spent, in milliseconds."""
        wall, busy = np.median(self.spent, axis=0).round(3).tolist()
        return {"milliseconds": wall, "cpu_milliseconds": busy}

    def close(self) -> None:
        """End Node."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def _parameters(weights: Path) -> int:
    """How many there are by the file beside the weights."""
    beside = weights.with_name(f"{weights.stem}-weights_manifest.json")
    if beside.is_file():
        groups = json.loads(beside.read_text(encoding="utf-8"))
    else:
        text = weights.with_suffix(".json").read_text(encoding="utf-8")
        groups = json.loads(text)["weightsManifest"]
    shapes = [x["shape"] for group in groups for x in group["weights"]]
    return sum(math.prod(shape) for shape in shapes)
