"""Check Keras's own settings.

Keras reads them on import, from `KERAS_BACKEND` and from `keras.json` in
`KERAS_HOME` or `~/.keras`, and keeps them for the whole process.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from facemtl.errors import InputError

NEEDED = {
    "backend": "tensorflow",
    "floatx": "float32",
    "image_data_format": "channels_last",
}


def check_keras_settings() -> None:
    """Raise unless Keras has the settings that facemtl's networks need.

    Does not import Keras: if it is not imported yet, the settings that it will
    read are checked.

    Raises:
        InputError: for another backend, float type or order of channels; names
            the source of the setting.

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
        if now == needed:
            continue
        if now != value:
            source = "keras.config, which this program has set"
        raise InputError(
            f"Expected {setting} = '{needed}' of Keras. Received: {now!r}, "
            f"from {source}. Set it to '{needed}' there."
        )


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
