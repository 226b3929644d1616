"""Import packages that only some formats need."""

from importlib import import_module
from typing import Any

from facemtl.errors import InputError


def import_package(module: str, package: str) -> Any:
    """Import an optional package; raise with the command to install it.

    Example:

    >>> import_package("no_such_runtime", "no-such-runtime")
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected the package ...
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise InputError(
            f"Expected the package {package}: {error}. "
            f"Install it: pip install {package}"
        ) from None
