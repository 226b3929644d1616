"""What a network costs: parameters and multiply-adds."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf

from facemtl.models.network import FaceNetwork


def parameters(network: FaceNetwork) -> int:
    """The number of trainable weights."""
    return sum(math.prod(w.shape) for w in network.trainable_weights)


def multiply_adds(network: FaceNetwork) -> int:
    """Multiplications with an addition to answer about one face.

    Half the floating-point operations that TensorFlow's profiler counts in
    the graph, normalization and activations included.

    Example:

    >>> from facemtl.tasks import LANDMARKS
    >>> network = FaceNetwork((LANDMARKS,), architecture="single")
    >>> round(multiply_adds(network) / 1e6, 1)
    3.6
    """
    v1 = tf.compat.v1.profiler
    builder = v1.ProfileOptionBuilder
    options = builder(builder.float_operation()).with_empty_output().build()
    shape = tf.TensorSpec((1, *network.crop.shape), tf.float32)
    graph = (
        tf.function(lambda crops: network(crops, training=False))
        .get_concrete_function(shape)
        .graph
    )
    with _without_warnings():
        return v1.profile(graph, options=options).total_float_ops // 2


@contextmanager
def _without_warnings() -> Iterator[None]:
    """The profiler warns of its own use of a deprecated function."""
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("ERROR")
    try:
        yield
    finally:
        logger.setLevel(level)
