"""Objects that each process must create itself: runtimes, locks, TensorFlow.

A forked process has a copy of all memory but only one thread. A lock that
another thread held stays locked, and a runtime may be in an invalid state.
Runtimes cannot be pickled for another process either. The classes here create
such objects again in the new process.
"""

import os
import pickle
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Generic, TypeVar

import facemtl
from facemtl.errors import InputError

T = TypeVar("T")
# How many objects a process keeps. A pool sends its predictor with every photo,
# and each process loads it once.
KEPT = 4
# Objects of the process that this one was forked from. Freeing a runtime would
# wait forever for its threads, which exist only there.
_INHERITED: list[Any] = []


class PerProcess(Generic[T]):
    """An object that every process creates for itself.

    It is created at once, and again on first use after a fork or after
    unpickling.

    Args:
        make: creates it; a module-level function, so that it can be pickled.
        *args: arguments of `make`, which must be picklable and hashable.
        made: the object, if it exists already.

    Example:

    >>> import threading
    >>> lock = PerProcess(threading.Lock)
    >>> lock.get() is lock.get()
    True
    >>> pickle.loads(pickle.dumps(lock)).get() is lock.get()
    False
    """

    def __init__(
        self, make: Callable[..., T], *args: Any, made: T | None = None
    ) -> None:
        self._make, self._args = make, args
        value = make(*args) if made is None else made
        self._made: tuple[int, T | None] = (os.getpid(), value)

    def get(self) -> T:
        """Return the object of this process."""
        process, value = self._made
        if value is None or process != os.getpid():
            _INHERITED.append(value)
            value = _made_once(os.getpid(), self._make, *self._args)
            self._made = os.getpid(), value
        return value

    def __getstate__(self) -> tuple[Any, ...]:
        return self._make, self._args

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._make, self._args = state
        self._made = 0, None


@lru_cache(KEPT)
def _made_once(process: int, make: Callable[..., T], *args: Any) -> T:
    return make(*args)


class Packed(Generic[T]):
    """An object that is pickled to bytes and unpickled on first use.

    Errors of unpickling then reach the caller. A process pool breaks or hangs
    if a worker fails while it unpickles its task.

    Args:
        value: the object.

    Example:

    >>> pickle.loads(pickle.dumps(Packed([1, 2]))).get()
    [1, 2]
    """

    def __init__(self, value: T) -> None:
        self._value: T | None = value
        self._data = b""

    def get(self) -> T:
        """Return the object."""
        if self._value is None:
            self._value = pickle.loads(self._data)
        return self._value

    def __getstate__(self) -> bytes:
        return self._data if self._value is None else pickle.dumps(self._value)

    def __setstate__(self, data: bytes) -> None:
        self._value, self._data = None, data


def check_tensorflow_works() -> None:
    """Raise if TensorFlow would hang in this process.

    TensorFlow's threads do not exist in a forked process. Forking before
    TensorFlow's first operation is safe.

    Raises:
        InputError: if this process was forked after TensorFlow's first
            operation.

    Example:

    >>> check_tensorflow_works()
    """
    if facemtl._tensorflow_is_forked:
        raise InputError(
            "Expected TensorFlow in a process of its own. Received: one "
            "forked from a process that has already used TensorFlow. Start "
            "it with multiprocessing.get_context('spawn'), or predict with a "
            ".tflite or .onnx file there."
        )
