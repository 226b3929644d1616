"""Check the output of killed commands: complete files, equal results."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from facemtl.files.checksums import checksum

# Entries that differ in every run: times and locations.
TIMES = ("seconds", "training_seconds", "order")


def check_whole(folder: Path) -> None:
    """Raise an error for an incomplete file under a final name."""
    for file in folder.rglob("*"):
        if file.is_file() and ".part" not in str(file) and file.suffix in WHOLE:
            WHOLE[file.suffix](file)


def check_left(folder: Path) -> None:
    """Raise an error for partial or locked files after the end."""
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
    """Return best weights, history and scores of `fit`."""
    report = json.loads((out / "report.json").read_text("utf-8"))
    with zipfile.ZipFile(out / "model.keras") as kept:
        weights = kept.read("model.weights.h5")
    history = (out / "history.csv").read_text("utf-8")
    return _digest(weights), history, report["scores"]


def results_of_study(out: Path) -> Any:
    """Return all numbers of `compare`."""
    results = json.loads((out / "out/results.json").read_text("utf-8"))
    return without_times(results["groups"])


def trials_of_search(out: Path) -> Any:
    """Return the points and scores of all trials, sorted."""
    search = json.loads((out / "search.json").read_text("utf-8"))
    trials = [(x["values"], x["status"], x["score"]) for x in search["trials"]]
    return sorted(map(str, trials))


def formats_of_export(out: Path) -> Any:
    """Return names of all files, and the content of those without times."""
    names = sorted(str(x.relative_to(out)) for x in out.rglob("*"))
    sidecar = json.loads((out / "facemtl.json").read_text("utf-8"))
    # Keras writes the current time into its file.
    keras = (out / "model.keras").read_bytes()
    assert sidecar.pop("checksum") == checksum([keras]), "not of model.keras"
    same = sorted(out.glob("*.tflite"))
    return names, sidecar, [_digest(_content(file)) for file in same]


def texts(out: Path) -> Any:
    """Return the output of `predict`."""
    return {
        file.name: _digest(file.read_bytes())
        for file in sorted(out.rglob("*.*"))
        if file.is_file()
    }


def without_times(value: Any) -> Any:
    """Remove times from results."""
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
    """Return the bytes without a TFLite file's ZIP, which contains a time."""
    content = file.read_bytes()
    if file.suffix != ".tflite":
        return content
    with zipfile.ZipFile(file) as associated:
        return content[: min(x.header_offset for x in associated.infolist())]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
