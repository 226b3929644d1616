"""Start TensorFlow without its lines about the machine.

TensorFlow's libraries write them on loading, before its log level applies.
"""

import ctypes
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from facemtl.process.native_words import without_native_words

# The libraries that write, in TensorFlow's package. If another version has
# other paths, its lines are printed.
LIBRARIES = (
    "libtensorflow_framework.so.2",
    "python/profiler/internal/_pywrap_profiler_plugin.so",
)


def quiet_tensorflow() -> None:
    """Load TensorFlow's libraries so that its import prints nothing.

    Sets the log level too, unless it is already set. Does nothing if TensorFlow
    is already loaded or not installed. Outside Linux, only sets the log level.

    Example:

        quiet_tensorflow()
        import tensorflow
    """
    if "tensorflow" in sys.modules or (spec := find_spec("tensorflow")) is None:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if sys.platform != "linux":
        return
    folders = map(Path, spec.submodule_search_locations or ())
    files = [folder / name for folder in folders for name in LIBRARIES]
    without_native_words(_load, files)


def _load(files: Iterable[Path]) -> None:
    for file in files:
        with suppress(OSError):
            ctypes.CDLL(str(file))
