"""A `.onnx` up to its interpreter: weights, by the own reader and by onnx."""

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import TensorProto, helper, numpy_helper

from facemtl.errors import InputError
from facemtl.inference.runtimes.onnx_weights import check_weights

from ..oracle import unless_refused

KINDS = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE)
NUMBERS = [1.0, -2.5, 3.0, 0.5]


def _model(*tensors: TensorProto) -> bytes:
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])
    node = helper.make_node("Identity", ["w0"], ["y"])
    graph = helper.make_graph([node], "g", [], [output], list(tensors))
    return helper.make_model(graph).SerializeToString()


def _tensors(raw: bool) -> list[TensorProto]:
    made = []
    for i, kind in enumerate(KINDS):
        dtype = helper.tensor_dtype_to_np_dtype(kind)
        values = np.array(NUMBERS, dtype)
        data = values.tobytes() if raw else NUMBERS
        made.append(helper.make_tensor(f"w{i}", kind, [4], data, raw))
    return made


SEEDS = (_model(*_tensors(raw=True)), _model(*_tensors(raw=False)))


def one_input(data: bytes) -> None:
    """Where the own reader finds nothing, onnx reads finite numbers."""
    try:
        check_weights(data, "m.onnx")
    except InputError:
        unless_refused(check_weights, data, "m.onnx")
        return
    try:
        model = onnx.load_from_string(data)
    except DecodeError:  # ONNX Runtime refuses it, too.
        return
    for tensor in model.graph.initializer:
        if tensor.data_type in KINDS:
            assert _finite(tensor), tensor.name


def _finite(tensor: TensorProto) -> bool:
    """Whether a tensor's numbers are; what has none cannot be run."""
    try:
        numbers = numpy_helper.to_array(tensor)
    except (ValueError, TypeError):
        return True
    return bool(np.isfinite(numbers).all())
