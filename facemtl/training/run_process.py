"""What a run asks of its process: threads, precision and seeds."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np
import tensorflow as tf

from facemtl.errors import InputError
from facemtl.process.forks import check_tensorflow_works
from facemtl.settings import TrainSettings

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


def set_threads(train: TrainSettings) -> None:
    """Refuse what this process cannot do, and set its number of threads.

    TensorFlow keeps the number that it begins its first work with, and later
    runs of the process have it too.

    Args:
        train: the settings of `[train]`.

    Raises:
        InputError: for an unknown precision, a number of threads when
            TensorFlow has begun with another, or in a process where it cannot
            work.
    """
    check_tensorflow_works()
    if train.precision not in PRECISIONS:
        raise InputError(
            f"Expected train.precision in {PRECISIONS}. "
            f"Received: {train.precision!r}."
        )
    n = train.threads
    if not n or threads() == (n, n):
        return
    threading = tf.config.threading
    try:
        threading.set_intra_op_parallelism_threads(n)
        threading.set_inter_op_parallelism_threads(n)
    except RuntimeError:  # as in a notebook that has loaded a network already
        raise InputError(
            "Expected train.threads before TensorFlow's first work in this "
            f"process. Received: {n}, after it has begun with "
            f"{max(threads())}. Start Python anew and train first, or leave "
            "train.threads = 0."
        ) from None


def threads() -> tuple[int, int]:
    """Threads that this process's TensorFlow has within and between operations.

    Example:

    >>> all(n >= 1 for n in threads())
    True
    """
    # 0 is TensorFlow's word for the processors that it may use.
    all_of_them = (
        len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1
    )
    config = tf.config.threading
    return (
        config.get_intra_op_parallelism_threads() or all_of_them,
        config.get_inter_op_parallelism_threads() or all_of_them,
    )


@contextmanager
def reproducible(train: TrainSettings) -> Iterator[None]:
    """Precision and seeds of a run; the caller's own come back after it.

    Seeds are those of `random`, NumPy, Keras and TensorFlow. The last two
    cannot be read, so what a caller draws from them afterwards without a seed
    is new, and not what it would have been without the run.

    Args:
        train: the settings of `[train]`.

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
