"""Export a network as an ONNX file, with Keras's exporter."""

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from facemtl.errors import InputError
from facemtl.files.checksums import BLANK, checksum
from facemtl.files.writing import whole_file
from facemtl.inference.sidecar import INPUT, NAME, Sidecar
from facemtl.models import FaceNetwork
from facemtl.process.packages import import_package

# The extra with what writes and runs ONNX.
EXTRA = '"facemtl[export]"'


def check_packages() -> None:
    """Raise for a missing package, before work begins.

    Raises:
        InputError: if onnx or tf2onnx is missing.
    """
    for module in ("onnx", "tf2onnx"):
        import_package(module, EXTRA)


def write_onnx(network: FaceNetwork, sidecar: Sidecar, file: Path) -> None:
    """Write an ONNX file: input `crops` (B, S, S, C) float32, outputs by task.

    The metadata contains `facemtl.json`.

    Args:
        network: the network.
        sidecar: content of the metadata.
        file: the output file, written atomically.

    Raises:
        InputError: if the package onnx or tf2onnx is missing, or ONNX has no
            operators for the activation.
    """
    check_packages()
    onnx = import_package("onnx", EXTRA)
    with whole_file(file) as part:
        _write(network, sidecar, part, onnx)


def _write(
    network: FaceNetwork, sidecar: Sidecar, part: Path, onnx: Any
) -> None:
    shape = (None, *network.crop.shape)
    crops = keras.InputSpec(shape=shape, dtype="float32", name=INPUT)
    with warnings.catch_warnings():
        # Keras patches tf2onnx with NumPy names that no longer exist.
        warnings.simplefilter("ignore", FutureWarning)
        network.export(
            part, format="onnx", verbose=False, input_signature=[crops]
        )
    model = onnx.load(part)
    _round_sizes_up(model)
    _replace_erfc(model)
    _check_operators(model, onnx)
    blank = replace(sidecar, checksum=BLANK)
    model.metadata_props.add(key=NAME, value=blank.to_json())
    part.write_bytes(_with_checksum(model.SerializeToString()))


def _with_checksum(content: bytes) -> bytes:
    """Replace the file's 64 zeros with its checksum."""
    start = b'"checksum": "'
    written = start + checksum([content]).encode()
    return content.replace(start + BLANK.encode(), written)


def _round_sizes_up(model: Any) -> None:
    """Make resizing from 3 to 5 pixels give 5: tf2onnx's 1.6666666 gives 4."""
    from onnx import numpy_helper

    names = {x.input[2] for x in model.graph.node if x.op_type == "Resize"}
    for tensor in model.graph.initializer:
        if tensor.name in names:
            scales = numpy_helper.to_array(tensor)
            larger = np.where(scales % 1, np.nextafter(scales, np.inf), scales)
            larger = larger.astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(larger, tensor.name))


def _replace_erfc(model: Any) -> None:
    """Replace erfc(x) in Keras's gelu with 1 - erf(x): ONNX has only Erf."""
    from onnx import helper, numpy_helper

    if all(node.op_type != "Erfc" for node in model.graph.node):
        return
    one = numpy_helper.from_array(np.array(1, np.float32), "one_of_erfc")
    model.graph.initializer.append(one)
    nodes = []
    for node in model.graph.node:
        if node.op_type != "Erfc":
            nodes.append(node)
            continue
        (result,) = node.output
        erf = f"{result}_erf"
        nodes.append(helper.make_node("Erf", node.input, [erf]))
        nodes.append(helper.make_node("Sub", [one.name, erf], [result]))
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _check_operators(model: Any, onnx: Any) -> None:
    """Raise an error for operators that ONNX lacks; tf2onnx prints them."""
    (version,) = (x.version for x in model.opset_import if not x.domain)
    used = {x.op_type for x in model.graph.node if not x.domain}
    lacking = [name for name in used if not onnx.defs.has(name, version, "")]
    if lacking:
        raise InputError(
            "Expected layers and an activation (model.activation) that ONNX "
            f"has operators for. Received: {', '.join(sorted(lacking))}. Leave "
            "out the format onnx, or train with another activation."
        )
