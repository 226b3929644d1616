"""The commands of `long_runs.py`, and how to count their work."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import long_inputs as inputs
from kill_cases import SETS, SPACE

FACEMTL = (sys.executable, "-m", "facemtl")
CALLS = (sys.executable, str(Path(__file__).with_name("long_calls.py")))
NETWORK = (
    *(*FACEMTL, "fit", "--data", "synthetic", *SETS),
    *("--epochs", "1", "--out", "network"),
)
EXPORT = (
    *(*FACEMTL, "export", "network/model.keras"),
    *("--quantize", "none", "--out", "exported"),
)


@dataclass(frozen=True)
class Long:
    """A command that repeats an operation many times.

    Attributes:
        count: number of repetitions.
        unit: the repeated operation.
        words: the command; `COUNT` stands for the count.
        done: counts repetitions from the folder and the printed text.
        prepare: writes the input, `(folder, count)`.
        network: whether it needs the trained and exported network.
        status: expected exit status.
    """

    count: int
    unit: str
    words: Sequence[str]
    done: Callable[[Path, str], int]
    prepare: Callable[[Path, int], None] = lambda folder, count: None
    network: bool = False
    status: int = 0


def _photos(folder: Path, count: int) -> None:
    if not (folder / "photos").exists():
        inputs.write_photos(folder / "photos", count)


def _film(folder: Path, count: int) -> None:
    inputs.write_film(folder / "film.mp4", count)


def _space(folder: Path, count: int) -> None:
    (folder / "space.toml").write_text(SPACE, encoding="utf-8")


def _entries(folder: Path, said: str) -> int:
    return len(json.loads((folder / "faces.json").read_text("utf-8")))


def _lines(folder: Path, said: str) -> int:
    with (folder / "faces.jsonl").open(encoding="utf-8") as lines:
        return sum(1 for _ in lines)


def _trials(folder: Path, said: str) -> int:
    search = json.loads((folder / "search/search.json").read_text("utf-8"))
    return sum(trial["status"] == "COMPLETED" for trial in search["trials"])


def _calls(folder: Path, said: str) -> int:
    return int(said.splitlines()[-1].split()[0])


def _by(network: str, count: int = 10_000) -> Long:
    """Return calls of one runtime with given pixels and boxes."""
    return Long(
        *(count, "calls", (*CALLS, network, "COUNT"), _calls),
        network="/" in network,
    )


CASES = {
    "predict photos": Long(
        *(10_000, "photos"),
        (
            *(*FACEMTL, "predict", "photos/*", "--json", "faces.json"),
            *("--csv", "faces.csv", "--draw", "drawn"),
        ),
        *(_entries, _photos),
        status=1,  # Some photos are invalid.
    ),
    "predict a video": Long(
        *(180_000, "frames"),
        (
            *(*FACEMTL, "predict", "--video", "film.mp4"),
            *("--json", "faces.jsonl", "--draw", "film"),
        ),
        *(_lines, _film),
    ),
    "tune": Long(
        *(100, "trials"),
        (
            *(*FACEMTL, "tune", "--data", "synthetic", "--space", "space.toml"),
            *("--tuner", "random", "--max-trials", "COUNT", "--confirm", "0"),
            *("--out", "search"),
        ),
        *(_trials, _space),
    ),
    "Predictor, photos": Long(
        *(10_000, "photos", (*CALLS, "base", "COUNT", "photos")),
        *(_calls, _photos),
    ),
    "Predictor, LiteRT": _by("base"),
    "Predictor, Keras": _by("network/model.keras"),
    "Predictor, ONNX": _by("exported/model.onnx"),
    "Predictor, SavedModel": _by("exported/saved_model"),
}
