"""Files of networks with loops, conditions and others' operators."""

import json

import numpy as np
import onnx
import pytest
import tensorflow as tf
from model_file_case import join_tflite, small_export, split_tflite
from onnx import TensorProto, helper, numpy_helper

from facemtl.errors import InputError
from facemtl.inference.runtimes import load_network

pytestmark = pytest.mark.slow


def tflite_of(function, **settings):
    """A function of crops as a TFLite file's bytes."""
    spec = tf.TensorSpec((1, 40, 40, 1), tf.float32)
    concrete = tf.function(function, input_signature=[spec])
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [concrete.get_concrete_function()]
    )
    for name, value in settings.items():
        setattr(converter, name, value)
    return converter.convert()


def refusal(file):
    with pytest.raises(InputError) as error:
        load_network(file)
    return str(error.value)


def with_sidecar(network, folder):
    """A TFLite file with the sidecar of an export, as one without checksums."""
    _, sidecar = split_tflite(small_export() / "model_float32.tflite")
    del sidecar["checksum"]
    return join_tflite(network, json.dumps(sidecar), folder / "model.tflite")


def test_a_loop_without_an_end_is_not_run(tmp_path):
    def run(x):
        return tf.while_loop(lambda x: tf.reduce_max(x) > -1, tf.abs, [x])[0]

    file = with_sidecar(tflite_of(run), tmp_path)
    assert "Received: a loop or a condition." in refusal(file)


def test_operators_of_others_are_told(tmp_path):
    network = tflite_of(tf.math.erfinv, allow_custom_ops=True)
    assert "Received: others." in refusal(with_sidecar(network, tmp_path))


def changed_onnx(change, folder):
    model = onnx.load(small_export() / "model.onnx")
    sidecar = json.loads(model.metadata_props[0].value)
    del sidecar["checksum"]
    model.metadata_props[0].value = json.dumps(sidecar)
    change(model)
    onnx.save(model, folder / "model.onnx")
    return folder / "model.onnx"


def loop_of(model):
    """Put a loop that never ends before the graph's other operators."""
    info = helper.make_tensor_value_info
    inner = helper.make_graph(
        [helper.make_node("Identity", ["on"], ["still"])],
        "body",
        [info("i", TensorProto.INT64, []), info("on", TensorProto.BOOL, [])],
        [info("still", TensorProto.BOOL, [])],
    )
    model.graph.initializer.append(numpy_helper.from_array(np.array(True), "t"))
    model.graph.node.insert(
        0, helper.make_node("Loop", ["", "t"], [], body=inner)
    )


def constant_of(model):
    """Add a constant that is no number."""
    value = numpy_helper.from_array(np.array([np.nan], np.float32))
    model.graph.node.insert(
        0, helper.make_node("Constant", [], ["nan"], value=value)
    )


def function_of(model):
    """Declare a function beside the graph."""
    model.functions.append(
        helper.make_function(
            "own",
            "f",
            ["x"],
            ["y"],
            [helper.make_node("Abs", ["x"], ["y"])],
            [helper.make_opsetid("", 15)],
        )
    )


@pytest.mark.parametrize(
    "change, said",
    [
        (loop_of, "a loop, a condition or a function."),
        (function_of, "a loop, a condition or a function."),
        (constant_of, "NaN or infinity."),
    ],
)
def test_what_an_onnx_export_never_holds(change, said, tmp_path):
    file = changed_onnx(change, tmp_path)
    assert f"Received: {said}" in refusal(file)


def test_such_a_file_without_the_change_is_read(tmp_path):
    file = changed_onnx(lambda model: None, tmp_path)
    assert load_network(file).sidecar.checksum == ""
