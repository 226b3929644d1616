"""Models whose parts are whole, and do not belong together."""

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .model_wholes import Damaged, Files, files_of


def tflite(whole: Files) -> Iterator[Damaged]:
    """Other sidecars and other networks."""
    from facemtl.inference.runtimes.associated import read_associated
    from facemtl.inference.sidecar import NAME
    from facemtl.presets import FOLDER

    (data,) = whole.values()
    sidecar, end = read_associated(data, "whole")
    network, text = data[:end], sidecar.to_json()
    other = (FOLDER / "base.tflite").read_bytes()
    theirs, after = read_associated(other, "another")

    def joined(graph: bytes, *texts: str) -> Files:
        stored = io.BytesIO(graph)
        with zipfile.ZipFile(stored, "a", zipfile.ZIP_DEFLATED) as packed:
            for text in texts:
                packed.writestr(NAME, text)
        return {"model.tflite": stored.getvalue()}

    yield Damaged("sidecar packed again", joined(network, text), "same")
    yield Damaged("no sidecar", {"model.tflite": network}, "refused")
    yield Damaged("sidecar alone", joined(b"", text), "refused")
    swapped = joined(network, theirs.to_json())
    yield Damaged("another's sidecar", swapped, "refused")
    yield Damaged("another's network", joined(other[:after], text), "refused")
    bomb = joined(network, text + " " * 300_000_000)
    yield Damaged("sidecar of 300 MB", bomb, "refused")
    yield Damaged("sidecar cut", joined(network, text[:-200]), "refused")
    numbers = np.frombuffer(network[: len(network) // 4 * 4], "<u4").copy()
    numbers[len(numbers) // 2 :][:1000] = 0x7FC00000
    weights = joined(numbers.tobytes(), _without_checksum(text))
    yield Damaged("weights of NaN", weights, "refused")


def _without_checksum(text: str) -> str:
    content = json.loads(text)
    content.pop("checksum", None)
    return json.dumps(content)


def saved_model(whole: Files) -> Iterator[Damaged]:
    """Files that are missing, or too many."""
    for name in whole:
        if "fingerprint" in name:
            continue
        some = {key: x for key, x in whole.items() if key != name}
        yield Damaged(f"no {name.rpartition('/')[2]}", some, "refused")
    beside = {**whole, "saved_model/variables/more": b"more"}
    yield Damaged("a file beside its variables", beside, "refused")
    yield Damaged("nothing of it", {"saved_model/x": b""}, "refused")
    yield Damaged("a program", _program(), "refused")


def _program() -> Files:
    """A SavedModel that writes a file."""
    import tensorflow as tf
    from saved_model_case import write_program

    def act(_: Any) -> Any:
        return tf.io.write_file("written", "by a program")

    with tempfile.TemporaryDirectory() as folder:
        write_program(Path(folder) / "saved_model", act)
        return files_of(Path(folder))


def onnx(whole: Files) -> Iterator[Damaged]:
    """Parts of the graph that are missing, or elsewhere."""
    import onnx

    model = onnx.load_from_string(whole["model.onnx"])
    for how, change in _ONNX.items():
        copy = onnx.ModelProto()
        copy.CopyFrom(model)
        change(copy)
        yield Damaged(how, {"model.onnx": copy.SerializeToString()}, "refused")


_ONNX: Mapping[str, Callable[[Any], object]] = {
    "no sidecar": lambda x: x.ClearField("metadata_props"),
    "no graph": lambda x: x.ClearField("graph"),
    "no weights": lambda x: x.graph.ClearField("initializer"),
    "another's graph": lambda x: x.graph.node.pop(),
    "weights elsewhere": lambda x: x.graph.initializer[0].external_data.add(
        key="location", value="/etc/passwd"
    ),
}


def run(whole: Files) -> Iterator[Damaged]:
    """A state that fills the memory, and files that are missing."""
    state = "run/state.npz"
    yield Damaged("a state of zeros", {**whole, state: _bomb()}, "refused")
    for name, expected in (("model.keras", "any"), ("config.toml", "any")):
        some = {k: x for k, x in whole.items() if k != f"run/{name}"}
        yield Damaged(f"no {name}", some, expected)


def _bomb() -> bytes:
    """Three megabytes that are an array of three gigabytes."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f4", "fortran_order": False, "shape": (750_000_000,)}
    )
    stored = io.BytesIO()
    with (
        zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("state.npy", "w", force_zip64=True) as entry,
    ):
        entry.write(head.getvalue())
        for _ in range(3000):
            entry.write(bytes(1_000_000))
    return stored.getvalue()
