"""A `.keras` file, looked at before Keras builds what it describes."""

import io
import json
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import tensorflow as tf

from facemtl.errors import InputError
from facemtl.files.network_files import LARGEST, check_network_file
from facemtl.models.network import FaceNetwork

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
OWN = "facemtl>FaceNetwork"
LONGEST = 2**24  # bytes of the settings
BYTES = 4  # of a weight, float32
# Others may ask for gigabytes to unpack a few bytes.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def check_keras_file(file: Path) -> None:
    """Raise for a file that would fill the memory, or holds no `FaceNetwork`.

    Args:
        file: the `.keras` file.

    Raises:
        InputError: for more than half a gigabyte, packed or not; another class;
            or settings that ask for more weights than the file holds.
        Exception: of many kinds, for a file that is no zip, or a damaged one.
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
        # Of a size that is stated: what follows is not unpacked.
        return entry.read(size)


def _own_settings(file: Path, content: Any) -> Mapping[str, Any]:
    """The arguments of the `FaceNetwork` that a file describes."""
    if content.get("registered_name") != OWN:
        raise InputError(
            f"{file}: expected a facemtl network. "
            f"Received: a {content.get('class_name')}."
        )
    settings: Mapping[str, Any] = content["config"]
    return settings


def _check_arrays(file: Path, content: bytes) -> None:
    """Raise for arrays that are said to be larger than the file is."""
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
    """How many weights the settings ask for; no room is made for them."""
    with tf.Graph().as_default():
        network = FaceNetwork.from_config(dict(settings))
        return sum(math.prod(weight.shape) for weight in network.weights)
