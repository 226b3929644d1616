"""TensorFlow's start without its lines about the machine.

They are written while its libraries are loaded, before its log level counts,
straight to descriptor 2 of the process. Closing that for all threads would
swallow what others say meanwhile, so the libraries are loaded in a thread with
descriptors of its own.
"""

import ctypes
import os
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

# What writes, by its place in the package; another version's is not found, and
# its lines are seen.
LIBRARIES = (
    "libtensorflow_framework.so.2",
    "python/profiler/internal/_pywrap_profiler_plugin.so",
)
UNSHARE = 2  # CLOSE_RANGE_UNSHARE of <linux/close_range.h>


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
    thread = threading.Thread(target=_load, args=[files])
    thread.start()
    thread.join()


def _load(files: Iterable[Path]) -> None:
    """Load libraries, with a standard error of this thread alone."""
    libc = ctypes.CDLL(None)
    # Old kernels and C libraries have no such call: then nothing is loaded.
    if not hasattr(libc, "close_range") or libc.close_range(2, 2, UNSHARE):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if nowhere != 2:
        os.dup2(nowhere, 2)
    for file in files:
        with suppress(OSError):
            ctypes.CDLL(str(file))
