"""Check Keras's own settings.

Keras reads them on import, from `KERAS_BACKEND` and from `keras.json` in
`KERAS_HOME` or `~/.keras`, and keeps them for the whole process.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from facemtl.errors import InputError
from facemtl.process.packages import check_packages

# Those that train and run a network; all else needs TensorFlow.
BACKENDS = ("tensorflow", "jax", "torch")
NEEDED = {
    "backend": "tensorflow",
    "floatx": "float32",
    "image_data_format": "channels_last",
}


def check_keras_settings(backends: Sequence[str] = BACKENDS[:1]) -> None:
    """Raise unless Keras has the settings that facemtl's networks need.

    Does not import Keras: if it is not imported yet, the settings that it will
    read are checked.

    Args:
        backends: the backends that will do.

    Raises:
        InputError: for another backend, float type or order of channels; names
            the source of the setting. For a backend that is not installed.

    Example:

    >>> check_keras_settings()
    """
    written = _written()
    source, epsilon = written.get("epsilon", ("", 1e-7))
    if not isinstance(epsilon, float):
        raise InputError(
            f"Expected epsilon of Keras as a float, such as 1e-07. "
            f"Received: {epsilon!r}, from {source}."
        )
    for setting, needed in NEEDED.items():
        source, value = written.get(setting, ("Keras's default", needed))
        now = _in_use(setting, value)
        allowed = backends if setting == "backend" else (needed,)
        if now in allowed:
            continue
        if now != value:
            source = "keras.config, which this program has set"
        raise InputError(
            f"Expected {setting} = {in_words(allowed)} of Keras. Received: "
            f"{now!r}, from {source}. Set it to '{needed}' there."
        )
    source, backend = written.get("backend", ("", NEEDED["backend"]))
    check_packages(f"Keras's backend, by {source},", backend)


def in_words(values: Sequence[str]) -> str:
    """Return values as words.

    Example:

    >>> in_words(BACKENDS)
    "'tensorflow', 'jax' or 'torch'"
    """
    *first, last = (repr(value) for value in values)
    return f"{', '.join(first)} or {last}" if first else last


def backend_before_import() -> str:
    """Return the backend that Keras will import; "" if it is imported already.

    Example:

    >>> import keras
    >>> backend_before_import()
    ''
    """
    if "keras" in sys.modules:
        return ""
    return str(_written().get("backend", ("", NEEDED["backend"]))[1])


def _in_use(setting: str, written: Any) -> Any:
    """Return the value that imported Keras uses, else the written one."""
    config = getattr(sys.modules.get("keras"), "config", None)
    return getattr(config, setting)() if config else written


def _written() -> dict[str, tuple[str, Any]]:
    """Return {setting: (source, value)} as Keras reads them."""
    file = _keras_json()
    found = {key: (str(file), value) for key, value in _read(file).items()}
    backend = os.environ.get("KERAS_BACKEND")
    if backend:
        found["backend"] = ("the environment variable KERAS_BACKEND", backend)
    return found


def _keras_json() -> Path:
    home = Path.home()
    # Keras uses /tmp if the home folder is read-only.
    folder = (home if os.access(home, os.W_OK) else Path("/tmp")) / ".keras"
    return (
        Path(os.environ.get("KERAS_HOME", folder)).expanduser() / "keras.json"
    )


def _read(file: Path) -> dict[str, Any]:
    """Return the file's settings; none if Keras would ignore the file."""
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(settings, dict):
        raise InputError(
            f"{file}: expected a JSON object of Keras's settings. "
            f"Received: {settings!r}. Correct the file, or remove it."
        )
    return settings
