"""Write a preset as a whole Keras network with its sidecar."""

import io
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import numpy as np

from facemtl.evaluation.scores import headline
from facemtl.files.checksums import checksum
from facemtl.files.writing import write_bytes, write_whole
from facemtl.inference.sidecar import Sidecar
from facemtl.models import FaceNetwork, load_model
from facemtl.models.identity import network_digest

WEIGHTS = "model.weights.h5"
SPLITS = ("validation", "test")


def write_preset(
    network: FaceNetwork,
    sidecar: Sidecar,
    scores: Mapping[str, Any],
    folder: Path,
    name: str,
) -> None:
    """Write `NAME.keras`, with weights in float16, and `NAME.json`.

    Keras restores the weights to float32 as it loads the file. Statistics and
    biases stay float32: they are few, and a variance may exceed float16.

    Args:
        network: the trained network.
        sidecar: its tasks and origin.
        scores: the scores of its card, from `scoring.scores_of`.
        folder: the output folder.
        name: the preset's name.
    """
    file = folder / f"{name}.keras"
    with tempfile.TemporaryDirectory() as room:
        # In the package, a preset is loaded only with the sidecar's checksum.
        part = Path(room, file.name)
        network.save(part)
        content = _halved_file(part.read_bytes())
        part.write_bytes(content)
        digest = network_digest(load_model(part))
    write_bytes(content, file)
    splits = [x for x in SPLITS if x in scores]
    described = replace(
        sidecar,
        scores={"preset": {x: headline(scores[x]) for x in splits}},
        network=digest,
        checksum=checksum([content]),
    )
    write_whole(described.to_json(), folder / f"{name}.json")


def file_facts(file: Path, command: str) -> dict[str, Any]:
    """Return the entry `keras` of a preset's JSON.

    Args:
        file: the Keras file.
        command: the command that wrote it.
    """
    content = file.read_bytes()
    return {
        "bytes": len(content),
        "sha256": checksum([content]),
        "command": command,
    }


def _halved_file(whole: bytes) -> bytes:
    """Return a `.keras` file with kernels in float16."""
    room = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(whole)) as given,
        zipfile.ZipFile(room, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for entry in given.namelist():
            content = given.read(entry)
            content = _halved(content) if entry == WEIGHTS else content
            out.writestr(entry, content)
    return room.getvalue()


def _halved(content: bytes) -> bytes:
    """Return an HDF5 file with its arrays of two or more axes in float16."""
    room = io.BytesIO()
    with h5py.File(io.BytesIO(content)) as given, h5py.File(room, "w") as out:

        def copy(name: str, item: h5py.Group | h5py.Dataset) -> None:
            if isinstance(item, h5py.Group):
                made = out.require_group(name)
            else:
                array = item[()]
                half = array.astype(np.float16) if array.ndim > 1 else array
                made = out.create_dataset(name, data=half)
            for key, value in item.attrs.items():
                made.attrs[key] = value

        given.visititems(copy)
        for key, value in given.attrs.items():
            out.attrs[key] = value
    return room.getvalue()
