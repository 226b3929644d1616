"""The detector's box convention, cached between runs on the same faces."""

import hashlib
from functools import partial
from pathlib import Path

import numpy as np

from facemtl.data.convention_fit import fit_detector
from facemtl.data.faces import Faces
from facemtl.files.cache_place import cache_folder
from facemtl.files.kept import kept_or_made, read_json
from facemtl.files.writing import write_json
from facemtl.geometry.box_convention import DetectorConvention

VERSION = 1  # Increase it when the fit gives another convention.


def detector_convention(
    faces: Faces, cache: str | Path = "", verbose: int = 0
) -> DetectorConvention | None:
    """Return `fit_detector(faces)`, cached in a folder.

    Args:
        faces: training faces with their boxes.
        cache: the folder, "auto" or ""; see `cache_folder`. Each file is named
            after a hash of the photos and boxes.
        verbose: 1 shows a progress bar.
    """
    folder = cache_folder(cache)
    file = folder / f"detector-{_key(faces)}.json" if folder else None
    fitted = kept_or_made(
        file, _read, partial(fit_detector, faces, verbose), _keep
    )
    # Rounded numbers also where no file was read.
    return fitted and DetectorConvention.from_dict(fitted.to_dict())


def _read(file: Path) -> DetectorConvention | None:
    kept = read_json(file)
    return kept and DetectorConvention.from_dict(kept)


def _keep(fitted: DetectorConvention | None, file: Path) -> None:
    write_json(fitted and fitted.to_dict(), file)


def _key(faces: Faces) -> str:
    """Return a hash of everything that the convention depends on."""
    key = hashlib.blake2b(f"{VERSION}".encode(), digest_size=8)
    key.update(np.ascontiguousarray(faces.boxes).tobytes())
    for name in faces.names:
        key.update(f"{name} {faces.images.stamp(name)}\n".encode())
    return key.hexdigest()
