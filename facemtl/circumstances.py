"""What a number needs beside it to stand: machine and versions."""

import os
import platform
from importlib.metadata import version

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
