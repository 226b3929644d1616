"""What each process must have of its own: runtimes, locks, TensorFlow.

A process may get an object in two ways. It is forked, with a copy of all
memory and of no thread but one: a lock that another thread held is never
opened, and a runtime may be in the middle of its work. Or the object is pickled
to it, which a runtime cannot be. Here both are told how to make their own.
"""

import os
import pickle
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Generic, TypeVar

import facemtl
from facemtl.errors import InputError

T = TypeVar("T")
# How many a process keeps of what it was sent, so that a pool, which sends a
# predictor along with every photo, loads it once a process.
KEPT = 4


class PerProcess(Generic[T]):
    """Something that every process makes for itself.

    It is made at once, and again where it is first needed after a fork or
    after unpickling.

    Args:
        make: makes it: a function of a module, so that it can be pickled.
        *args: its arguments, which can be pickled and compared.
        made: what `make` gives, if it is made already.

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
        """The one of this process."""
        process, value = self._made
        if value is None or process != os.getpid():
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
    """An object that is sent as bytes, and unpickled where it is first used.

    What it raises there reaches the caller. A pool of processes whose worker
    fails while it unpickles its work breaks, or waits for it for ever.

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
        """The object."""
        if self._value is None:
            self._value = pickle.loads(self._data)
        return self._value

    def __getstate__(self) -> bytes:
        return self._data if self._value is None else pickle.dumps(self._value)

    def __setstate__(self, data: bytes) -> None:
        self._value, self._data = None, data


def check_tensorflow_works() -> None:
    """Raise where TensorFlow would wait for ever.

    Its threads do not live on in a forked process. One that was forked before
    TensorFlow's first work has no such fault.

    Raises:
        InputError: in a process forked from one where TensorFlow has worked.

    Example:

    >>> check_tensorflow_works()
    """
    if facemtl._tensorflow_is_forked:
        raise InputError(
            "Expected TensorFlow in a process of its own. Received: one "
            "forked from a process where TensorFlow has worked already. Start "
            "it with multiprocessing.get_context('spawn'), or predict with a "
            ".tflite or .onnx file there."
        )
