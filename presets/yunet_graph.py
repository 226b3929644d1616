"""YuNet's ONNX graph as a function of TensorFlow's tensors, channels last."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.errors import InputError

STRIDES = (8, 16, 32)
PARTS = ("cls", "obj", "bbox", "kps")

# Numbers by which the channels of a layer's output are multiplied, by its name.
Scales = Mapping[str, np.ndarray]
Layers = list[list[np.ndarray]]


class Graph:
    """YuNet's network.

    Args:
        file: YuNet's ONNX file.
        scales: a layer multiplies its output by them, and the next one divides
            its weights, so that the network's outputs stay the same. Layers
            that are not named are left alone.
    """

    def __init__(self, file: Path, scales: Scales | None = None) -> None:
        import onnx

        graph = onnx.load(file).graph
        self._entry = graph.input[0].name
        self._weights = {
            x.name: onnx.numpy_helper.to_array(x) for x in graph.initializer
        }
        self._makers = {node.output[0]: node for node in graph.node}
        self._uses = Counter(x for node in graph.node for x in node.input)
        self._scales = scales or {}

    def __call__(self, pixels: Any) -> tuple[list[Any], dict[str, Any]]:
        """Return the outputs of all strides, and those that scales may change.

        Args:
            pixels: (1, H, W, 3) float32, RGB, 0 to 255.

        Returns:
            (1, H / stride, W / stride, 16) for each stride: logits of the class
            and of an object, box, points; and outputs of layers by name.
        """
        values = {self._entry: pixels}
        between: dict[str, Any] = {}
        return [self._head(x, values, between) for x in STRIDES], between

    def _head(
        self, stride: int, values: dict[str, Any], between: dict[str, Any]
    ) -> Any:
        """Return the output of a stride.

        ONNX's network has two layers for each of four outputs, which take more
        time than two layers of all their channels.
        """
        layers: list[Layers] = []
        for part in PARTS:
            name = f"{part}_{stride}"
            found: Layers = []
            while len(found) < 2:
                node = self._makers[name]
                if node.op_type == "Conv":
                    found.insert(0, [self._weights[x] for x in node.input[1:]])
                name = node.input[0]
            layers.append(found)
        first, second = (
            [np.concatenate(some) for some in zip(*same, strict=True)]
            for same in zip(*layers, strict=True)
        )
        x = self._value(name, values, between)
        name = f"head_{stride}"
        x = between[name] = self._convolution(x, first, after=name)
        return self._convolution(x, second, before=name)

    def _value(
        self, name: str, values: dict[str, Any], between: dict[str, Any]
    ) -> Any:
        """Return the output of a node, and keep it in `values`."""
        if name not in values:
            node = self._makers[name]
            given = [
                self._value(x, values, between)
                for x in node.input
                if x not in self._weights
            ]
            values[name] = self._layer(node, given)
            source = self._source(node.input[0])
            if node.op_type == "Conv" and source:
                between[source] = given[0]
        return values[name]

    def _source(self, name: str) -> str:
        """Return the layer whose output alone makes a value; "" for others.

        Scales of channels commute with ReLU and the maximum of places.
        """
        if name.startswith("head"):
            return name
        node = self._makers.get(name)
        if node is None or self._uses[name] > 1:
            return ""
        if node.op_type in ("Relu", "MaxPool"):
            return self._source(node.input[0])
        return name if node.op_type == "Conv" else ""

    def _layer(self, node: Any, given: list[Any]) -> Any:
        """Return the output of a node for its inputs that are no weights."""
        import tensorflow as tf

        match node.op_type:
            case "Conv":
                kernel = [self._weights[x] for x in node.input[1:]]
                before, after = node.input[0], node.output[0]
                return self._convolution(given[0], kernel, before, after)
            case "Relu":
                return tf.nn.relu(given[0])
            case "Add":
                return given[0] + given[1]
            case "MaxPool":
                return tf.nn.max_pool2d(given[0], 2, 2, "VALID")
            case "Resize":  # Each pixel becomes four; TFLite's has a size.
                return tf.nn.depth_to_space(tf.concat(given * 4, -1), 2)
        raise InputError(
            f"Expected the operations of YuNet's version of March 2023. "
            f"Received: {node.op_type}."
        )

    def _convolution(
        self,
        x: Any,
        kernel: list[np.ndarray],
        before: str = "",
        after: str = "",
    ) -> Any:
        """Return a convolution of ONNX's weights (out, in, h, w) and biases.

        `before` and `after` are the names of its input and output.
        """
        import tensorflow as tf

        weights, bias = kernel
        by = self._scales.get(self._source(before))
        if by is not None:
            by = by[:, None, None]
            weights = weights / (by if weights.shape[1] > 1 else by[:, None])
        if after in self._scales:
            bias = bias * self._scales[after]
            weights = weights * self._scales[after][:, None, None, None]
        whole = weights.transpose(2, 3, 1, 0)
        if before == self._entry:
            # It wants BGR, stride 2 and a zero on each side. TFLite's "SAME"
            # has one at the end alone.
            x = tf.pad(x, [(0, 0), (1, 0), (1, 0), (0, 0)])
            return tf.nn.conv2d(x, whole[:, :, ::-1], 2, "VALID") + bias
        if weights.shape[1] == 1 < x.shape[-1]:
            depthwise = weights.transpose(2, 3, 0, 1)
            step = [1, 1, 1, 1]
            return tf.nn.depthwise_conv2d(x, depthwise, step, "SAME") + bias
        return tf.nn.conv2d(x, whole, 1, "SAME") + bias
