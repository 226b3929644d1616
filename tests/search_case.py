"""A search without training: what a trial scores is a formula."""

import argparse
import json
import math
from pathlib import Path
from typing import Any

from facemtl.studies.processes import RunProcesses
from facemtl.tuning.search import parser

SPACE = """
[settings]
model.architecture = "cross_stitch"
data.faces = 30

[search]
data.faces = 20
train.epochs = 9

[[hyperparameters]]
name = "stitched"
choice = [true, false]

[[hyperparameters]]
key = "model.stitch.stages"
subset = ["pool1", "fc"]
when = { stitched = [true] }
otherwise = []

[[hyperparameters]]
key = "train.learning_rate"
low = 0.001
high = 0.03
log = true

[[hyperparameters]]
key = "model.width"
low = 0.2
high = 1.0
"""

# For trials that are trained: a network whose graph is made in little time.
QUICK = """
[settings]
model.architecture = "split"
model.width = 0.25
data.faces = 30
train.epochs = 2

[[hyperparameters]]
key = "train.learning_rate"
low = 0.001
high = 0.03
log = true
"""


def arguments(folder: Path, *given: str, space: str = SPACE) -> Any:
    """The command's arguments for a search in `folder`."""
    file = folder / "space.toml"
    file.write_text(space, encoding="utf-8")
    words = ["--data", "synthetic", "--space", str(file), "--confirm", "0"]
    words += ["--out", str(folder / "out"), *given]
    return parser().parse_args(words)


def trial_error(config: dict[str, Any]) -> float:
    """The made-up mean error of a configuration, in percent."""
    rate = math.log10(config["train"]["learning_rate"] / 0.008)
    stitched = 0.2 * len(config["model"]["stitch"]["stages"])
    epochs = 1 / config["train"]["epochs"]
    return 2 + rate**2 - stitched - 0.1 * config["model"]["width"] + epochs


class FakeTraining:
    """Stands for `train_in_process`.

    Args:
        fails: configurations for which it gives a reason.
        stops_at: the call at which the process is killed, from 1.
    """

    def __init__(self, fails: Any = lambda config: "", stops_at: int = 0):
        self.fails, self.stops_at = fails, stops_at
        self.configs: list[dict[str, Any]] = []

    def __call__(
        self,
        config: dict[str, Any],
        folder: Path,
        processes: RunProcesses,
        skip_bad: bool = False,
        test: bool = True,
    ) -> str:
        assert not test  # a search never touches the test faces
        self.configs.append(config)
        if len(self.configs) == self.stops_at:
            raise KeyboardInterrupt
        if self.fails(config):
            return self.fails(config)
        folder.mkdir(parents=True, exist_ok=True)
        error = trial_error(config)
        report = {
            "tasks": ["landmarks", "smile"],
            "scores": {
                "validation": {
                    "n": 10,
                    "landmarks": {"mean_error_box": error},
                    "attributes": {"smile": {"accuracy": 90 - error}},
                }
            },
            "parameters": 1000,
            "multiply_adds": 20000,
            "seconds": 3.0,
        }
        (folder / "report.json").write_text(json.dumps(report))
        return ""


def namespace_with(args: argparse.Namespace, **changes: Any) -> Any:
    """A copy of the arguments with some changed."""
    return argparse.Namespace(**{**vars(args), **changes})
