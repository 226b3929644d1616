"""Packages that only some commands and formats need, and how to get them.

`pip install facemtl` brings what predicting needs. Training, tuning and export
need more, which extras bring: `setup.py` lists the packages of each.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from facemtl.errors import InputError

TRAIN, TUNING, EXPORT = (f"facemtl[{x}]" for x in ("train", "tuning", "export"))
# {module: (the package's name, what pip installs it with)}
PACKAGES = {
    "ai_edge_litert": ("LiteRT", "ai-edge-litert"),
    "tensorflow": ("TensorFlow", TRAIN),
    "keras": ("Keras", TRAIN),
    "matplotlib": ("Matplotlib", TRAIN),
    "tensorboard": ("TensorBoard", TRAIN),
    "jinja2": ("Jinja2", TRAIN),
    "keras_tuner": ("KerasTuner", TUNING),
    "sklearn": ("scikit-learn", TUNING),
    "scipy": ("SciPy", TUNING),
    "onnx": ("the package onnx", EXPORT),
    "tf2onnx": ("the package tf2onnx", EXPORT),
    "onnxruntime": ("ONNX Runtime", EXPORT),
}
NETWORKS = ("tensorflow", "keras")
# A run also writes logs for TensorBoard, and a picture.
TRAINING = (*NETWORKS, "tensorboard", "matplotlib")
# Pages with charts.
REPORT = ("matplotlib", "jinja2")
WRITE_ONNX = ("onnx", "tf2onnx")


class MissingPackage(InputError, ImportError):
    """Raised if a package that is needed here is not installed.

    It is an `ImportError` too, so that a program can import what is there:

        try:
            from facemtl import FaceNetwork
        except ImportError:
            FaceNetwork = None
    """


def check_packages(user: str, *modules: str) -> None:
    """Raise if a package is not installed; import none of them.

    Commands call it first, so that no work is lost.

    Args:
        user: who needs the packages, for the message.
        modules: the packages' modules.

    Raises:
        MissingPackage: names the extra of facemtl that brings all of them.

    Example:

    >>> check_packages("facemtl fit", "no_such_package")
    Traceback (most recent call last):
        ...
    facemtl.process.packages.MissingPackage: facemtl fit needs ...
    """
    for module in modules:
        if not is_installed(module):
            raise MissingPackage(_missing(user, module, _source(modules)))


def is_installed(module: str) -> bool:
    """Return whether a package is installed, without importing it.

    Example:

    >>> is_installed("numpy"), is_installed("no_such_package")
    (True, False)
    """
    return sys.modules.get(module) is not None or find_spec(module) is not None


def import_package(module: str, user: str, source: str = "") -> Any:
    """Import a module of an optional package.

    Args:
        module: the module.
        user: who needs the package, for the message.
        source: what pip installs the package with, if not as in `PACKAGES`.

    Raises:
        MissingPackage: if it is not installed, or cannot be imported.

    Example:

    >>> import_package("no_such_runtime", "model.abc")
    Traceback (most recent call last):
        ...
    facemtl.process.packages.MissingPackage: model.abc needs ...
    """
    package = module.partition(".")[0]
    try:
        return import_module(module)
    except ImportError as error:
        broken = is_installed(package)
        why = f", which cannot be imported: {error}" if broken else ""
        source = source or _source([package])
        raise MissingPackage(_missing(user, package, source, why)) from None


def _missing(user: str, package: str, source: str, why: str = "") -> str:
    name, _ = PACKAGES.get(package, (f"the package {package}", ""))
    words = f'"{source}"' if "[" in source else source
    return f"{user} needs {name}{why}. Install it with: pip install {words}"


def _source(modules: Sequence[str]) -> str:
    """Return what pip installs all modules with: other extras include train."""
    sources = [PACKAGES.get(x, ("", x))[1] for x in modules]
    return next((x for x in sources if x != TRAIN), TRAIN)
