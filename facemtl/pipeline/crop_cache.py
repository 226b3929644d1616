"""Decode and crop every face once; keep the crops, on disk if asked."""

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

# Raise it when the pixels of a crop or the refused faces change, so that old
# caches are left.
VERSION = 6


@dataclass(frozen=True)
class CachePlan:
    """How large crops are kept, so that augmentation can move them.

    Args:
        spec: the crop that the network sees.
        border: share of the window kept beyond it on each side.
        scale: kept pixels for each pixel of the network's crop, a divisor of
            `crops.SAMPLES`, so that kept crops sample the photo at the very
            places where final crops do.

    Example:

    >>> CachePlan(CropSpec(size=40), border=0.25, scale=2).size
    120
    """

    spec: CropSpec
    border: float = 0.0
    scale: int = 1

    @property
    def border_pixels(self) -> int:
        """Kept pixels beyond the window on each side."""
        return round(self.border * self.spec.size * self.scale)

    @property
    def size(self) -> int:
        """Pixels a side of a kept crop."""
        return self.spec.size * self.scale + 2 * self.border_pixels

    def kept_windows(self, windows: np.ndarray) -> np.ndarray:
        """The windows (N, 3) grown by the border."""
        pixel = windows[:, 2:] / (self.spec.size * self.scale)
        grown = self.border_pixels * pixel
        corner = windows[:, :2] - grown
        return np.concatenate([corner, windows[:, 2:] + 2 * grown], axis=1)


@dataclass(frozen=True)
class Crops:
    """Faces with their crops.

    Attributes:
        faces: the N faces that could be read.
        windows: (N, 3) left, top, side in photo pixels.
        images: (N, M, M, C) uint8.
        plan: how `images` lie round the windows.
    """

    faces: Faces
    windows: np.ndarray
    images: np.ndarray
    plan: CachePlan

    def labels(self) -> dict[str, np.ndarray]:
        """Labels with the points in units of the windows."""
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
    """Cut all faces out of their photos, in threads.

    Args:
        faces: the faces.
        plan: what to keep of each.
        bad: what to do with photos that cannot be used; stop by default.
        cache: a folder to keep crops in from run to run; "" keeps none. A
            file's name is a key of photos, boxes and settings.
        verbose: 1 shows a progress bar.
        degrees: (N,), by how much to turn each window; see `crop`. Labels are
            not checked then.
        check: whether to refuse labels far outside their photos.

    Raises:
        InputError: for a missing or unreadable photo, or a point or box far
            outside its photo, naming file and row; unless `bad` skips such
            faces. Where it skips all of them, too: there is nothing to predict
            or train on.

    Example:

    >>> import facemtl
    >>> plan = CachePlan(CropSpec(size=40, color="rgb"))
    >>> crop_faces(facemtl.synthetic_faces(2), plan, verbose=0).images.shape
    (2, 40, 40, 3)
    """
    bad = bad or BadRows()
    windows = square_windows(faces.boxes, plan.spec.margin)
    # A second pass turns faces in other boxes; the first has checked them.
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
    """The crops out of the cache, or new ones, which are kept there."""
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
        raise ValueError("no reasons beside the crops")
    return images, errors


def _keep_cut(cut: Cut, file: Path) -> None:
    write_arrays(file, {"images": cut[0], "errors": cut[1]})


def _key(
    faces: Faces, plan: CachePlan, degrees: np.ndarray, check: bool
) -> str:
    """A hash of everything that the crops depend on."""
    key = hashlib.blake2b(
        repr((VERSION, SAMPLES, plan)).encode(), digest_size=8
    )
    key.update(np.ascontiguousarray(faces.boxes).tobytes())
    if not check:
        key.update(b"not checked")
    if degrees.any():  # So that crops kept before turns keep their keys.
        key.update(np.ascontiguousarray(degrees).tobytes())
    for task in faces.tasks:  # points decide which photos are refused
        if task.kind == "landmarks":
            key.update(np.ascontiguousarray(faces.labels[task.name]).tobytes())
    for name in faces.names:
        key.update(f"{name} {faces.images.stamp(name)}\n".encode())
    return key.hexdigest()
