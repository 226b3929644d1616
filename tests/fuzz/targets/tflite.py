"""A `.tflite` up to its interpreter, which is native code of others."""

import io
import zipfile

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from facemtl.files.checksums import BLANK, check_content
from facemtl.geometry.crops import CropSpec
from facemtl.inference.runtimes.associated import read_associated
from facemtl.inference.runtimes.tflite_weights import check_weights
from facemtl.inference.sidecar import NAME, Sidecar
from facemtl.tasks import SMILE

from ..oracle import unless_refused

SIDECAR = Sidecar((SMILE,), CropSpec(size=8))


def _network() -> bytes:
    """The smallest graph with an input and weights."""
    graph, model = schema.SubGraphT(), schema.ModelT()
    for i, shape in enumerate(([1, 8, 8, 1], [2, 64])):
        tensor = schema.TensorT()
        tensor.shape, tensor.buffer, tensor.name = shape, i, f"tensor{i}"
        graph.tensors = [*(graph.tensors or []), tensor]
    graph.inputs, graph.outputs, graph.operators = [0], [1], []
    weights = schema.BufferT()
    weights.data = np.frombuffer(np.ones(128, "<f4").tobytes(), np.uint8)
    model.version, model.subgraphs = 3, [graph]
    model.buffers, model.operatorCodes = [schema.BufferT(), weights], []
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _joined(network: bytes, text: str, method: int) -> bytes:
    stored = io.BytesIO(network)
    with zipfile.ZipFile(stored, "a", method) as associated:
        associated.writestr(NAME, text)
    return stored.getvalue()


TEXT = SIDECAR.to_json()
SEEDS = (
    _joined(_network(), TEXT, zipfile.ZIP_STORED),
    _joined(_network(), TEXT, zipfile.ZIP_DEFLATED),
    _network(),
)


def one_input(data: bytes) -> None:
    """A sidecar is whole, its network before it, and weights are numbers."""
    unless_refused(check_weights, data, "m.tflite")
    found = unless_refused(read_associated, data, "m.tflite")
    if found is None:
        return
    sidecar, end = found
    assert 0 <= end <= len(data)
    assert Sidecar.from_json(sidecar.to_json()) == sidecar
    parts = [memoryview(data)[:end]]
    unless_refused(check_content, sidecar.checksum or BLANK, parts, "m.tflite")
