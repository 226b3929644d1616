"""Files of networks, changed: bits, sidecars, weights."""

import json
import shutil
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import onnx

from facemtl.export.formats import export_network
from facemtl.inference.runtimes.associated import read_associated
from facemtl.inference.sidecar import EXTRA, NAME
from facemtl.models import FaceNetwork
from facemtl.presets import FOLDER
from facemtl.tasks import LANDMARKS, SMILE, Task

TASKS = (LANDMARKS, SMILE, Task("age", "value"))
Content = dict[str, Any]


@cache
def small_export() -> Path:
    """A small untrained network in all formats; 20 seconds."""
    folder = Path(mkdtemp())
    network = FaceNetwork(TASKS, width=0.1, architecture="split")
    network.save(folder / "trained.keras")
    return export_network(
        folder / "trained.keras",
        folder / "exported",
        quantize=["none"],
        verbose=0,
    )


def crops(size: int = 40) -> np.ndarray:
    """Two crops that differ."""
    ramp = np.arange(2 * size * size).reshape(2, size, size, 1)
    return (ramp * 7 % 251).astype(np.uint8)


def split_tflite(file: Path) -> tuple[bytes, Content]:
    """The network's bytes and the sidecar of a TFLite file."""
    content = file.read_bytes()
    _, end = read_associated(content, str(file))
    with zipfile.ZipFile(file) as associated:
        return content[:end], json.loads(associated.read(NAME))


def join_tflite(network: bytes, sidecar: str, file: Path) -> Path:
    """A TFLite file of the two."""
    file.write_bytes(network)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as associated:
        associated.writestr(NAME, sidecar)
    return file


def changed_tflite(
    change: Callable[[Content], None], out: Path, source: Path | None = None
) -> Path:
    """A TFLite file with another sidecar; of the preset tiny by default."""
    network, sidecar = split_tflite(source or FOLDER / "tiny.tflite")
    change(sidecar)
    return join_tflite(network, json.dumps(sidecar), out / "m.tflite")


def changed_onnx(change: Callable[[Content], None], out: Path) -> Path:
    """The small export's ONNX file with another sidecar."""
    model = onnx.load(small_export() / "model.onnx")
    (entry,) = [x for x in model.metadata_props if x.key == NAME]
    sidecar = json.loads(entry.value)
    sidecar.pop("checksum", None)  # which tells every change
    change(sidecar)
    entry.value = json.dumps(sidecar, indent=1)
    onnx.save(model, out / "m.onnx")
    return out / "m.onnx"


def changed_saved_model(change: Callable[[Content], None], out: Path) -> Path:
    """The small export's SavedModel with another sidecar."""
    folder = shutil.copytree(small_export() / "saved_model", out / "saved")
    file = folder / EXTRA / NAME
    sidecar = json.loads(file.read_text())
    change(sidecar)
    file.write_text(json.dumps(sidecar))
    return folder
