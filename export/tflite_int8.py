"""Quantization of a TFLite file to int8, with softmax in float32.

An int8 softmax has steps of 1/256, and so has a point that is the mean position
of a heat map: this raised the NME-box of `base` by half a percentage point.
Softmax and the operations after it are few, and stay float32.
"""

from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.python.convert import mlir_quantize
from tensorflow.lite.tools import flatbuffer_utils

from facemtl.process.native_words import without_native_words

# Makes the converter measure the ranges of activations, and stop there.
CALIBRATE_ONLY = "_experimental_calibrate_only"


def quantize_calibrated(file: Path) -> None:
    """Quantize a TFLite file that the converter has calibrated, in place.

    Weights, activations and the input become 8 bits; outputs are float32.

    Args:
        file: a file of a conversion with `CALIBRATE_ONLY`.
    """
    model = flatbuffer_utils.read_model(str(file))
    # The quantizer prints its settings.
    content = without_native_words(
        mlir_quantize,
        file.read_bytes(),
        input_data_type=tf.uint8,
        denylisted_nodes=_from_softmax_on(model),
    )
    file.write_bytes(content)


def _from_softmax_on(model: Any) -> list[str]:
    """Return the names of the results of softmax, and of all that uses them."""
    graph = model.subgraphs[0]
    found: set[int] = set()
    for operation in graph.operators:  # in the order of execution
        code = model.operatorCodes[operation.opcodeIndex].builtinCode
        if code == schema.BuiltinOperator.SOFTMAX or found.intersection(
            operation.inputs
        ):
            found.update(operation.outputs)
    return [graph.tensors[i].name.decode() for i in sorted(found)]
