"""What a command left in a folder: whole at any moment, equal at the end."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from facemtl.files.checksums import checksum

# What no two runs share: clocks, and where they were made.
TIMES = ("seconds", "training_seconds", "order")


def check_whole(folder: Path) -> None:
    """Raise for a file under its own name that is not whole."""
    for file in folder.rglob("*"):
        if file.is_file() and ".part" not in str(file) and file.suffix in WHOLE:
            WHOLE[file.suffix](file)


def check_left(folder: Path) -> None:
    """Raise for what is half-written, or locked, when all has ended."""
    left = [x for x in folder.rglob("*") if ".part" in x.name]
    left += folder.rglob(".lock*")
    assert not left, f"left: {sorted(map(str, left))}"


def _arrays(file: Path) -> None:
    with file.open("rb") as opened, np.load(opened) as kept:
        for name in kept.files:
            kept[name]


def _zip(file: Path) -> None:
    with zipfile.ZipFile(file) as content:
        assert content.testzip() is None, file


def _picture(file: Path) -> None:
    assert cv2.imread(str(file)) is not None, file


def _film(file: Path) -> None:
    assert cv2.VideoCapture(str(file)).read()[0], file


WHOLE: dict[str, Callable[[Path], Any]] = {
    ".json": lambda file: json.loads(file.read_text("utf-8")),
    ".jsonl": lambda file: [
        json.loads(line) for line in file.read_text("utf-8").splitlines()
    ],
    ".keras": _zip,
    ".npz": _arrays,
    ".png": _picture,
    ".mp4": _film,
}


def weights_of_run(out: Path) -> Any:
    """Best weights, history and scores of `fit`."""
    report = json.loads((out / "report.json").read_text("utf-8"))
    with zipfile.ZipFile(out / "model.keras") as kept:
        weights = kept.read("model.weights.h5")
    history = (out / "history.csv").read_text("utf-8")
    return _digest(weights), history, report["scores"]


def results_of_study(out: Path) -> Any:
    """All numbers of `compare`."""
    results = json.loads((out / "out/results.json").read_text("utf-8"))
    return without_times(results["groups"])


def trials_of_search(out: Path) -> Any:
    """Each trial's point and score, in whatever order they ended."""
    search = json.loads((out / "search.json").read_text("utf-8"))
    trials = [(x["values"], x["status"], x["score"]) for x in search["trials"]]
    return sorted(map(str, trials))


def formats_of_export(out: Path) -> Any:
    """Names of all files, and the content of those without a clock in them."""
    names = sorted(str(x.relative_to(out)) for x in out.rglob("*"))
    sidecar = json.loads((out / "facemtl.json").read_text("utf-8"))
    # Keras writes the time of day into its file.
    keras = (out / "model.keras").read_bytes()
    assert sidecar.pop("checksum") == checksum([keras]), "not of model.keras"
    same = sorted(out.glob("*.tflite"))
    return names, sidecar, [_digest(_content(file)) for file in same]


def texts(out: Path) -> Any:
    """What `predict` wrote."""
    return {
        file.name: _digest(file.read_bytes())
        for file in sorted(out.rglob("*.*"))
        if file.is_file()
    }


def without_times(value: Any) -> Any:
    """Results but for their clocks."""
    if isinstance(value, dict):
        return {
            k: without_times(part)
            for k, part in value.items()
            if k not in TIMES
        }
    if isinstance(value, list):
        return [without_times(part) for part in value]
    return value


def _content(file: Path) -> bytes:
    """Without the ZIP of a TFLite file, which holds the time of day."""
    content = file.read_bytes()
    if file.suffix != ".tflite":
        return content
    with zipfile.ZipFile(file) as associated:
        return content[: min(x.header_offset for x in associated.infolist())]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
