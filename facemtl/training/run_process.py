"""Process-wide settings of a run: threads, precision and seeds."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np
import tensorflow as tf

from facemtl.errors import InputError
from facemtl.process.environment import cores
from facemtl.process.forks import check_tensorflow_works
from facemtl.settings import TrainSettings

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


def set_threads(train: TrainSettings) -> None:
    """Check the precision and set TensorFlow's number of threads.

    TensorFlow fixes the number of threads at its first operation. Later runs
    in the same process use it too.

    Args:
        train: settings of `[train]`.

    Raises:
        InputError: for an unknown precision, a number of threads other than
            the one that TensorFlow already uses, one under another backend, or
            a process where TensorFlow cannot work.
    """
    check_tensorflow_works()
    if train.precision not in PRECISIONS:
        raise InputError(
            f"Expected train.precision in {PRECISIONS}. "
            f"Received: {train.precision!r}."
        )
    n = train.threads
    if n and (backend := keras.backend.backend()) != "tensorflow":
        raise InputError(
            f"Expected train.threads = 0 with Keras's backend {backend}, which "
            f"has its own settings. Received: {n}."
        )
    if not n or threads() == (n, n):
        return
    threading = tf.config.threading
    try:
        threading.set_intra_op_parallelism_threads(n)
        threading.set_inter_op_parallelism_threads(n)
    except RuntimeError:  # For example, a notebook has loaded a network.
        raise InputError(
            "Expected train.threads before TensorFlow's first work in this "
            f"process. Received: {n}, after it has begun with "
            f"{max(threads())}. Restart Python and train first, or leave "
            "train.threads = 0."
        ) from None


def threads() -> tuple[int, int]:
    """Return TensorFlow's numbers of threads within and between operations.

    Example:

    >>> all(n >= 1 for n in threads())
    True
    """
    # TensorFlow returns 0 for all available processors.
    config = tf.config.threading
    return (
        config.get_intra_op_parallelism_threads() or cores(),
        config.get_inter_op_parallelism_threads() or cores(),
    )


@contextmanager
def reproducible(train: TrainSettings) -> Iterator[None]:
    """Set precision and seeds of a run, and restore them afterwards.

    Seeds are those of `random`, NumPy, Keras and TensorFlow. The state of the
    last two cannot be read or restored: unseeded numbers that a caller draws
    from them after the run differ from those without the run.

    Args:
        train: settings of `[train]`.

    Example:

    >>> from facemtl.config import load_config
    >>> from facemtl.settings import settings_of
    >>> random.seed(1)
    >>> with reproducible(settings_of(load_config()).train):
    ...     inside = random.random()
    >>> random.random() == random.Random(1).random()
    True
    """
    policy = keras.config.dtype_policy()
    drawn, numpy_drawn = random.getstate(), np.random.get_state()  # noqa: NPY002
    keras.config.set_dtype_policy(train.precision)
    keras.utils.set_random_seed(train.seed)
    try:
        yield
    finally:
        random.setstate(drawn)
        np.random.set_state(numpy_drawn)  # noqa: NPY002
        keras.config.set_dtype_policy(policy)
