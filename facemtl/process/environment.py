"""Environment metadata stored with results: machine and versions."""

import os
import platform
import re
import sys
from importlib.metadata import version
from pathlib import Path

from facemtl import __version__
from facemtl.words import plural


def cores() -> int:
    """Return the number of cores that this process may use.

    Batch systems and containers may give it fewer than the machine has.

    Example:

    >>> 1 <= cores() <= os.cpu_count()
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def machine() -> str:
    """Describe the processor, cores and GPUs."""
    import tensorflow as tf

    count = os.cpu_count() or 1
    gpus = len(tf.config.list_physical_devices("GPU"))
    return (
        f"{platform.machine()}, {count} {plural(count, 'core')}, "
        f"{gpus} {plural(gpus, 'GPU')}"
    )


def versions(*packages: str) -> dict[str, str]:
    """Return versions of facemtl, Keras, TensorFlow, Python and more packages.

    Example:

    >>> list(versions("numpy"))
    ['facemtl', 'keras', 'tensorflow', 'python', 'numpy']
    """
    return {
        "facemtl": __version__,
        "keras": version("keras"),
        "tensorflow": version("tensorflow"),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def peak_memory() -> float:
    """Return the peak memory of this process in MB.

    Linux reports it for this process alone; `getrusage` includes the memory of
    the parent at the fork.

    Example:

    >>> peak_memory() > 1
    True
    """
    status = Path("/proc/self/status")
    if status.exists():
        most = re.search(r"VmHWM:\s*(\d+) kB", status.read_text())
        if most:
            return int(most[1]) * 1024 / 1e6
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
