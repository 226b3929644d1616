"""Checks of a `.keras` file before Keras builds the network in it."""

import io
import json
import math
import zipfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import keras
import tensorflow as tf

from facemtl.errors import InputError
from facemtl.files.network_files import LARGEST, check_network_file
from facemtl.models.network import FaceNetwork

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
OWN = "facemtl>FaceNetwork"
LONGEST = 2**24  # bytes of the settings
BYTES = 2  # of a weight, float16 in presets
# Other methods may need gigabytes of memory to unpack a few bytes.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def check_keras_file(file: Path) -> None:
    """Raise for a file that needs too much memory or has no `FaceNetwork`.

    Args:
        file: path of the `.keras` file.

    Raises:
        InputError: for more than half a gigabyte, packed or unpacked; for
            another class; or for settings that need more weights than the
            file holds.
        Exception: of many types, for a damaged file or one that is not a zip.
    """
    check_network_file(file)
    with zipfile.ZipFile(file) as packed:
        entries = packed.infolist()
        room = sum(entry.file_size for entry in entries)
        others = [x for x in entries if x.compress_type not in METHODS]
        if room > LARGEST or others:
            raise InputError(
                f"{file}: expected at most {LARGEST:,} bytes in it, stored or "
                f"deflated. Received: {room:,}."
            )
        settings = _own_settings(file, json.loads(_read(packed, CONFIG)))
        held = packed.getinfo(WEIGHTS).file_size
        _check_arrays(file, _read(packed, WEIGHTS))
    asked = BYTES * _numbers(settings)
    if asked > held:
        raise InputError(
            f"{file}: expected weights of {asked:,} bytes, which its settings "
            f"ask for. Received: {held:,} bytes."
        )


def _read(packed: zipfile.ZipFile, name: str) -> bytes:
    size = packed.getinfo(name).file_size
    if name == CONFIG and size > LONGEST:
        raise ValueError(f"{name} of {size:,} bytes")
    with packed.open(name) as entry:
        # Read only the stated size, whatever the entry unpacks to.
        return entry.read(size)


def _own_settings(file: Path, content: Any) -> Mapping[str, Any]:
    """Return the arguments of the `FaceNetwork` that a file describes."""
    if content.get("registered_name") != OWN:
        raise InputError(
            f"{file}: expected a facemtl network. "
            f"Received: a {content.get('class_name')}."
        )
    settings: Mapping[str, Any] = content["config"]
    return settings


def _check_arrays(file: Path, content: bytes) -> None:
    """Raise for arrays whose stated size exceeds that of the file."""
    room = 0

    def add(name: str, item: Any) -> None:
        nonlocal room
        if isinstance(item, h5py.Dataset):
            room += item.nbytes

    with h5py.File(io.BytesIO(content), "r") as arrays:
        arrays.visititems(add)
    if room > len(content):
        raise InputError(
            f"{file}: expected weights of at most {len(content):,} bytes, as "
            f"the file has. Received: {room:,}."
        )


def _numbers(settings: Mapping[str, Any]) -> int:
    """Return the number of weights that the settings need."""
    found: list[int] = []

    def build() -> None:
        network = FaceNetwork.from_config(dict(settings))
        found.extend(math.prod(weight.shape) for weight in network.weights)

    # Builds the network without allocating its weights.
    backend = keras.backend.backend()
    if backend == "jax":
        import_module("jax").eval_shape(build)
    elif backend == "torch":
        with keras.device("meta"):
            build()
    else:
        with tf.Graph().as_default():
            build()
    return sum(found)
