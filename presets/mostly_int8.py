"""Convert a function to a TFLite file in int8, but for the outputs' layers."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def mostly_int8(called: Any, entry: Any, inputs: Sequence[np.ndarray]) -> bytes:
    """Return the TFLite file.

    Args:
        called: a `tf.function` of one tensor. Each output is a layer's.
        entry: the tensor's `tf.TensorSpec`.
        inputs: tensors that give the ranges of values.
    """
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    concrete = called.get_concrete_function(entry)

    def converter() -> Any:
        return tf.lite.TFLiteConverter.from_concrete_functions(
            [concrete], called
        )

    lite = tf.lite.experimental
    plain = Interpreter(model_content=converter().convert())
    outputs = [x["name"] for x in plain.get_output_details()]
    quantized = converter()
    quantized.optimizations = [tf.lite.Optimize.DEFAULT]
    quantized.representative_dataset = lambda: ([x] for x in inputs)
    debugger = lite.QuantizationDebugger(
        converter=quantized,
        debug_dataset=quantized.representative_dataset,
        debug_options=lite.QuantizationDebugOptions(denylisted_nodes=outputs),
    )
    return bytes(debugger.get_nondebug_quantized_model())
