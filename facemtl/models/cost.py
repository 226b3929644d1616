"""The cost of a network: parameters and multiply-adds."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf

from facemtl.models.network import FaceNetwork


def parameters(network: FaceNetwork) -> int:
    """Return the number of trainable weights."""
    return sum(math.prod(w.shape) for w in network.trainable_weights)


def multiply_adds(network: FaceNetwork) -> int:
    """Return the number of multiply-adds to predict one face.

    This is half the number of floating-point operations that TensorFlow's
    profiler counts in the graph, including normalization and activations.

    Example:

    >>> from facemtl.tasks import LANDMARKS
    >>> network = FaceNetwork((LANDMARKS,), architecture="single")
    >>> round(multiply_adds(network) / 1e6, 1)
    3.4
    """
    profiler = tf.compat.v1.profiler
    builder = profiler.ProfileOptionBuilder
    options = builder(builder.float_operation()).with_empty_output().build()
    with _without_warnings():
        counted = profiler.profile(_prediction_graph(network), options=options)
    return counted.total_float_ops // 2


def _prediction_graph(network: FaceNetwork) -> tf.Graph:
    """Return the graph of the predictions, without weight regularization."""
    shape = tf.TensorSpec((1, *network.crop.shape), tf.float32)
    whole = tf.function(lambda crops: network(crops, training=False))
    graph = whole.get_concrete_function(shape).graph
    outputs = [y.op.name for y in graph.outputs]
    part = tf.compat.v1.graph_util.extract_sub_graph(
        graph.as_graph_def(add_shapes=True), outputs
    )
    with tf.Graph().as_default() as pruned:
        tf.graph_util.import_graph_def(part, name="")
    return pruned


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Silence the profiler's warning about a deprecated TensorFlow function."""
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("ERROR")
    try:
        yield
    finally:
        logger.setLevel(level)
