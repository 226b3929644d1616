"""Drawn photos that tests of all processes draw once, kept in files."""

import os
from functools import partial
from pathlib import Path
from threading import get_ident

import numpy as np

from facemtl.data.synthetic import draw, faces


def keep_drawn(folder: str) -> None:
    """Let this process read the photos that another one has drawn."""
    faces.draw_face = partial(_read_or_draw, Path(folder))


def _read_or_draw(folder: Path, seed: int, index: int, size: int) -> np.ndarray:
    if size > faces.KEPT_SIZE:
        return draw.draw_face(seed, index, size)
    file = folder / f"drawn_{seed}_{index}_{size}.npy"
    if not file.exists():
        part = file.with_suffix(f".{os.getpid()}_{get_ident()}.npy")
        np.save(part, draw.draw_face(seed, index, size))
        part.replace(file)
    return np.load(file)
