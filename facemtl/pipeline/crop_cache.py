"""A cache of crops: every face is decoded and cropped once."""

import hashlib
import warnings
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.data.faces import BadRows, Faces
from facemtl.errors import InputError
from facemtl.files.cache_place import cache_folder
from facemtl.files.cache_room import mark_use
from facemtl.geometry.crops import (
    COLORS,
    SAMPLES,
    CropSpec,
    square_windows,
    to_window,
)
from facemtl.pipeline.crop_file import Cut, cut_into, read_crops
from facemtl.pipeline.cutting import cut_faces

# Increase it when the pixels of a crop or the rejected faces change, so that
# old caches are not used.
VERSION = 7


@dataclass(frozen=True)
class CachePlan:
    """The size of cached crops, with room for augmentation.

    Args:
        spec: the crop that is the network's input.
        border: share of the window that is cached beyond it on each side.
        scale: cached pixels per pixel of the input, a divisor of
            `crops.SAMPLES`, so that cached and final crops sample the photo
            at the same positions.

    Example:

    >>> CachePlan(CropSpec(size=40), border=0.25, scale=2).size
    120
    """

    spec: CropSpec
    border: float = 0.0
    scale: int = 1

    @property
    def border_pixels(self) -> int:
        """Cached pixels beyond the window on each side."""
        return round(self.border * self.spec.size * self.scale)

    @property
    def size(self) -> int:
        """Width and height of a cached crop in pixels."""
        return self.spec.size * self.scale + 2 * self.border_pixels

    def kept_windows(self, windows: np.ndarray) -> np.ndarray:
        """Return the windows (N, 3) enlarged by the border."""
        pixel = windows[:, 2:] / (self.spec.size * self.scale)
        grown = self.border_pixels * pixel
        corner = windows[:, :2] - grown
        return np.concatenate([corner, windows[:, 2:] + 2 * grown], axis=1)


@dataclass(frozen=True)
class Crops:
    """Faces with their crops.

    Attributes:
        faces: the N faces that could be cropped.
        windows: (N, 3) left, top, side in photo pixels.
        images: (N, M, M, C) uint8; read-only and mapped from a cache.
        plan: geometry of `images` relative to the windows.
        key: a hash of everything that the crops depend on; "" without a cache.
    """

    faces: Faces
    windows: np.ndarray
    images: np.ndarray
    plan: CachePlan
    key: str = ""

    def whole(self, errors: np.ndarray, bad: BadRows) -> "Crops":
        """Return the faces without an error (N, 2).

        Raises:
            InputError: if there is none.
        """
        good = errors[:, 0] == ""
        if not good.any():
            raise InputError(
                "Expected at least one face whose photo can be used. "
                f"Received: {len(good)}, all skipped. {bad.summary()}."
            )
        if good.all():
            return self
        return replace(
            self,
            faces=self.faces.select(good),
            windows=self.windows[good],
            images=self.images[good],
        )

    def labels(self) -> dict[str, np.ndarray]:
        """Return the labels, with points in units of the windows."""
        return {
            task.name: to_window(self.faces.labels[task.name], self.windows)
            if task.kind == "landmarks"
            else self.faces.labels[task.name]
            for task in self.faces.tasks
        }


def crop_faces(
    faces: Faces,
    plan: CachePlan,
    bad: BadRows | None = None,
    cache: str | Path = "",
    verbose: int = 1,
    degrees: np.ndarray | None = None,
    check: bool = True,
    gigabytes: float = 10.0,
) -> Crops:
    """Crop all faces in threads.

    Args:
        faces: the faces.
        plan: size of the crops.
        bad: whether to stop at unusable photos (the default) or skip them.
        cache: a folder that keeps crops, "auto" for the user's cache, "" for
            none. File names are hashes of photos, boxes and settings.
        verbose: 1 shows a progress bar.
        degrees: (N,) rotation of each window, see `crop`. Labels are not
            checked if it is given.
        check: whether to reject labels far outside their photos.
        gigabytes: the most that the cache may hold.

    Raises:
        InputError: for an unreadable photo, or a point or box far outside its
            photo. If `bad` skips such faces, only if it skips all of them.

    Example:

    >>> import facemtl
    >>> faces, plan = facemtl.synthetic_faces(2), CachePlan(CropSpec(size=40))
    >>> crop_faces(faces, plan, verbose=0).images.shape
    (2, 40, 40, 1)
    """
    bad = bad or BadRows()
    check = check and degrees is None  # A second pass crops other boxes.
    degrees = np.zeros(len(faces)) if degrees is None else degrees
    shape = (len(faces), plan.size, plan.size, COLORS[plan.spec.color])
    windows = square_windows(faces.boxes, plan.spec.margin)
    how: dict[str, Any] = {"bad": bad, "verbose": verbose, "check": check}
    kept, samples = plan.kept_windows(windows), SAMPLES // plan.scale
    given = (faces, kept, shape[1:], samples, degrees)
    cut = partial(cut_faces, *given, **how)
    folder = cache_folder(cache)
    key = _key(faces, plan, degrees, check) if folder else ""
    file = folder and folder / f"crops-{key}.npy"
    found = file and _kept(file, shape, faces, bad)
    images, errors = found or cut_into(file, shape, gigabytes, cut)
    return Crops(faces, windows, images, plan, key).whole(errors, bad)


def _kept(
    file: Path, shape: tuple[int, ...], faces: Faces, bad: BadRows
) -> Cut | None:
    """Return the content of a cache file; None for none, or a damaged one."""
    try:
        images, errors = read_crops(file, shape)
    except InputError as error:
        warnings.warn(str(error), stacklevel=2)
        return None
    except OSError:  # none, or none that may be read
        return None
    mark_use(file)
    for i in np.flatnonzero(errors[:, 0] != ""):
        bad.report(faces.where(int(i)), *errors[i])
    return images, errors


def _key(
    faces: Faces, plan: CachePlan, degrees: np.ndarray, check: bool
) -> str:
    """Return a hash of everything that the crops depend on."""
    key = hashlib.blake2b(
        repr((VERSION, SAMPLES, plan)).encode(), digest_size=8
    )
    key.update(np.ascontiguousarray(faces.boxes).tobytes())
    if not check:
        key.update(b"not checked")
    if degrees.any():  # Caches from before rotation keep their keys.
        key.update(np.ascontiguousarray(degrees).tobytes())
    for task in faces.tasks:  # Points decide which faces are rejected.
        if task.kind == "landmarks":
            key.update(np.ascontiguousarray(faces.labels[task.name]).tobytes())
    for name in faces.names:
        key.update(f"{name} {faces.images.stamp(name)}\n".encode())
    return key.hexdigest()
