"""A `facemtl.json`."""

import json

from facemtl.inference.runtimes.associated import read_associated
from facemtl.inference.sidecar import Sidecar
from facemtl.presets import FOLDER

from ..oracle import unless_refused, whole

PRESET = FOLDER / "tiny.tflite"
SEEDS = (
    whole("sidecar"),
    read_associated(PRESET.read_bytes(), PRESET.name)[0].to_json().encode(),
)


def one_input(data: bytes) -> None:
    """A sidecar is read as it was written, and is strict JSON."""
    sidecar = unless_refused(Sidecar.from_json, data)
    if sidecar is None:
        return
    text = sidecar.to_json()
    json.loads(text, parse_constant=_no_number)
    text.encode("utf-8")
    assert Sidecar.from_json(text) == sidecar


def _no_number(word: str) -> float:
    raise AssertionError(f"{word} in a sidecar")
