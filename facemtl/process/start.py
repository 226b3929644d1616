"""TensorFlow's start without its lines about the machine.

They are written while its libraries are loaded, before its log level counts.
"""

import ctypes
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from facemtl.process.native_words import without_native_words

# What writes, by its place in the package; another version's is not found, and
# its lines are seen.
LIBRARIES = (
    "libtensorflow_framework.so.2",
    "python/profiler/internal/_pywrap_profiler_plugin.so",
)


def quiet_tensorflow() -> None:
    """Load TensorFlow's libraries so that its import says nothing.

    The log level is set for what comes after, unless it is set already.
    Nothing happens where TensorFlow is loaded already or not installed; beside
    Linux, the level alone is set.

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
