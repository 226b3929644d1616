"""Values of a TFLite file in the user's unit: a float32 multiply and add.

Quantization would put birth years into 256 steps from 0 to 2,055, and a shift
into 16 bits. The converter therefore gets a network of standardized values, and
the conversion to their unit is appended afterwards.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils

from facemtl.models.value_scale import Scales


def write_in_units(file: Path, scales: Scales) -> None:
    """Append a multiplication and an addition to outputs of a TFLite file.

    Args:
        file: a file with one signature, whose values are float32 and
            standardized. It is changed in place.
        scales: {output: (shift, scale)}.
    """
    content = bytearray(file.read_bytes())
    model = flatbuffer_utils.read_model_from_bytearray(content)
    (signature,) = model.signatureDefs
    for entry in signature.outputs:
        name = entry.name.decode()
        if name not in scales:
            continue
        shift, scale = scales[name]
        before = entry.tensorIndex
        scaled = _append(model, before, "MUL", scale, f"{name}_scaled")
        after = _append(model, scaled, "ADD", shift, f"{name}_unit")
        outputs = model.subgraphs[0].outputs
        outputs[list(outputs).index(before)] = after
        entry.tensorIndex = after
    file.write_bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _append(model: Any, tensor: int, kind: str, number: float, to: str) -> int:
    """Apply an operation to a tensor and a number; return the new index."""
    graph = model.subgraphs[0]
    given = graph.tensors[tensor]
    data = np.frombuffer(np.float32(number).tobytes(), np.uint8)
    model.buffers += [schema.BufferT(), schema.BufferT()]
    model.buffers[-2].data = data
    last, n = len(model.buffers) - 1, len(graph.tensors)
    graph.tensors += [
        _tensor(f"{to}_by", [1], [1], last - 1),
        _tensor(to, given.shape, given.shapeSignature, last),
    ]
    operation = schema.OperatorT()
    operation.opcodeIndex = _opcode(model, kind)
    operation.inputs, operation.outputs = [tensor, n], [n + 1]
    options = {"MUL": schema.MulOptionsT, "ADD": schema.AddOptionsT}[kind]
    operation.builtinOptionsType = getattr(
        schema.BuiltinOptions, options.__name__.removesuffix("T")
    )
    operation.builtinOptions = options()
    graph.operators.append(operation)
    return n + 1


def _tensor(
    name: str,
    shape: Iterable[int],
    signature: Iterable[int] | None,
    buffer: int,
) -> Any:
    """Return a float32 tensor; a signature has -1 for variable dimensions."""
    tensor = schema.TensorT()
    tensor.name, tensor.buffer = name.encode(), buffer
    tensor.type, tensor.hasRank = schema.TensorType.FLOAT32, True
    tensor.shape = list(shape)
    tensor.shapeSignature = None if signature is None else list(signature)
    return tensor


def _opcode(model: Any, kind: str) -> int:
    """Return the index of an operation, listed separately for float32."""
    code = schema.OperatorCodeT()
    code.builtinCode = getattr(schema.BuiltinOperator, kind)
    # Older readers expect codes below 127 in this field.
    code.deprecatedBuiltinCode, code.version = code.builtinCode, 1
    model.operatorCodes.append(code)
    return len(model.operatorCodes) - 1
