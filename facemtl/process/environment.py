"""What a number needs beside it to stand: machine and versions."""

import os
import platform
import re
import sys
from importlib.metadata import version
from pathlib import Path

from facemtl import __version__
from facemtl.words import plural


def machine() -> str:
    """Processor, cores and GPUs, in words."""
    import tensorflow as tf

    cores = os.cpu_count() or 1
    gpus = len(tf.config.list_physical_devices("GPU"))
    return (
        f"{platform.machine()}, {cores} {plural(cores, 'core')}, "
        f"{gpus} {plural(gpus, 'GPU')}"
    )


def versions(*packages: str) -> dict[str, str]:
    """Versions of facemtl, of what it trains with, and of further packages.

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
    """The most memory that this process ever held, in MB.

    Where Linux tells it, it is that of this process alone: `getrusage` begins
    with what the process held that started it.

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
