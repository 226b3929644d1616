"""A cache of crops: every face is decoded and cropped once."""

import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from facemtl.data.faces import BadRows, Faces
from facemtl.errors import InputError
from facemtl.files.kept import kept_or_made, read_arrays
from facemtl.files.writing import write_arrays
from facemtl.geometry.crops import (
    COLORS,
    SAMPLES,
    CropSpec,
    square_windows,
    to_window,
)
from facemtl.pipeline.cutting import Cut, cut_faces

# Increase it when the pixels of a crop or the rejected faces change, so that
# old caches are not used.
VERSION = 6


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
        images: (N, M, M, C) uint8.
        plan: geometry of `images` relative to the windows.
    """

    faces: Faces
    windows: np.ndarray
    images: np.ndarray
    plan: CachePlan

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
) -> Crops:
    """Crop all faces in threads.

    Args:
        faces: the faces.
        plan: size of the crops.
        bad: whether to stop at unusable photos (the default) or skip them.
        cache: a folder that keeps crops between runs; "" disables it. File
            names are hashes of photos, boxes and settings.
        verbose: 1 shows a progress bar.
        degrees: (N,) rotation of each window, see `crop`. Labels are not
            checked if it is given.
        check: whether to reject labels far outside their photos.

    Raises:
        InputError: for a missing or unreadable photo, or a point or box far
            outside its photo; the message names file and row. If `bad` skips
            such faces, only if it skips all of them.

    Example:

    >>> import facemtl
    >>> plan = CachePlan(CropSpec(size=40, color="rgb"))
    >>> crop_faces(facemtl.synthetic_faces(2), plan, verbose=0).images.shape
    (2, 40, 40, 3)
    """
    bad = bad or BadRows()
    windows = square_windows(faces.boxes, plan.spec.margin)
    # A second pass crops other boxes; the first pass has checked the labels.
    check = check and degrees is None
    degrees = np.zeros(len(faces)) if degrees is None else degrees
    images, errors = _kept_or_cut(
        faces, plan, degrees, bad, cache, verbose, check
    )
    good = errors[:, 0] == ""
    if not good.any():
        raise InputError(
            "Expected at least one face whose photo can be used. "
            f"Received: {len(faces)}, all skipped. {bad.summary()}."
        )
    return Crops(faces.select(good), windows[good], images[good], plan)


def _kept_or_cut(
    faces: Faces,
    plan: CachePlan,
    degrees: np.ndarray,
    bad: BadRows,
    cache: str | Path,
    verbose: int,
    check: bool,
) -> Cut:
    """Return crops from the cache, or new crops that are added to it."""
    windows = square_windows(faces.boxes, plan.spec.margin)
    file = None
    if cache:
        file = Path(cache) / f"crops-{_key(faces, plan, degrees, check)}.npz"
    new: list[bool] = []

    def cut() -> Cut:
        new.append(True)
        kept = plan.kept_windows(windows)
        samples = SAMPLES // plan.scale
        return cut_faces(
            faces, kept, shape[1:], samples, degrees, bad, verbose, check
        )

    shape = (len(faces), plan.size, plan.size, COLORS[plan.spec.color])
    images, errors = kept_or_made(
        file, partial(_read_cut, shape=shape), cut, _keep_cut
    )
    if not new:
        for i in np.flatnonzero(errors[:, 0] != ""):
            bad.report(faces.where(int(i)), *errors[i])
    return images, errors


def _read_cut(file: Path, shape: tuple[int, ...]) -> Cut:
    kept = read_arrays(file)
    images, errors = kept["images"], kept["errors"]
    if images.dtype != np.uint8 or images.shape != shape:
        raise ValueError(f"no crops of the shape {shape}")
    if errors.dtype.kind != "U" or errors.shape != (shape[0], 2):
        raise ValueError("no reasons stored with the crops")
    return images, errors


def _keep_cut(cut: Cut, file: Path) -> None:
    write_arrays(file, {"images": cut[0], "errors": cut[1]})


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
