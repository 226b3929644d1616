"""LiteRT interpreters of one file, for inputs of different shapes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

from facemtl.process.native_words import without_native_words
from facemtl.process.packages import import_package

Shape = tuple[int, ...]
# Input values of all interpreters that are kept, two photos of 1024 x 1024. A
# new interpreter takes a quarter of a search; a kept one 80 MB per photo.
KEPT = 2 * 3 * 1024**2


class Interpreters:
    """Interpreters for as many shapes and threads as are used.

    Args:
        content: the TFLite file's bytes; it has one input of any shape.
        threads: threads of one call.

    Raises:
        InputError: without the package ai-edge-litert.
    """

    def __init__(self, content: bytes, threads: int) -> None:
        self._litert = import_package(
            "ai_edge_litert.interpreter", "Face detection"
        )
        self._content, self.threads = content, threads
        # Tensors of the input and of the outputs, the same in each interpreter.
        self.entry, self.exits = 0, [0]
        self._idle: list[tuple[Shape, Any]] = []
        self._lock = threading.Lock()

    @contextmanager
    def lent(self, shape: Shape) -> Iterator[Any]:
        """Return an interpreter that no other thread uses.

        Args:
            shape: of the input.

        Raises:
            MemoryError: if there is not enough memory.
        """
        interpreter = self._taken(shape) or self._made(shape)
        yield interpreter
        with self._lock:
            self._idle.append((shape, interpreter))
            while sum(prod(known) for known, _ in self._idle) > KEPT:
                self._idle.pop(0)

    def _taken(self, shape: Shape) -> Any:
        """Return an idle interpreter for a shape, or None."""
        with self._lock:
            for i, (known, _) in enumerate(self._idle):
                if known == shape:
                    return self._idle.pop(i)[1]
        return None

    def _made(self, shape: Shape) -> Any:
        interpreter = self._litert.Interpreter(
            model_content=self._content, num_threads=self.threads
        )
        entries = interpreter.get_input_details()
        exits = interpreter.get_output_details()
        self.entry, *self.exits = (x["index"] for x in (*entries, *exits))
        interpreter.resize_tensor_input(self.entry, shape)
        try:
            without_native_words(interpreter.allocate_tensors)
        except RuntimeError as error:
            raise MemoryError(str(error)) from None
        return interpreter
