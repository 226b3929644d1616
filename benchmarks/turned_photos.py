"""The photos that `benchmarks/turned_faces.py` searches."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import cv2
import numpy as np
from detectors import GRAY

from facemtl.data.faces import Faces
from facemtl.detection.turns import turn_points_back

TURNS = {"upright": 0, "on one side": 1, "upside down": 2, "on the other": 3}
FACES, LARGE = 64, 16  # Faces of each kind, and those in 1-megapixel photos.
SIDE, SMALL = 1000, 48
TWO, FOUR, TEN = 2, 4, 10  # photos a line in photos of many faces
LEAST_CORNER = 50  # pixels


class Seen(NamedTuple):
    """A photo; centre, side, turn and points of each face, if any."""

    photo: np.ndarray
    faces: list[tuple[np.ndarray, float, int, np.ndarray]]


def one(faces: Faces, i: int, turn: int, scale: float = 1.0) -> Seen:
    """Return a face's photo, scaled and turned."""
    photo = faces.images.read(faces.names[i])
    box, points = faces.boxes[i], faces.labels["landmarks"][i]
    if scale != 1:
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        photo = cv2.resize(
            photo, None, fx=scale, fy=scale, interpolation=method
        )
    box, points = (scale * (x + 0.5) - 0.5 for x in (box, points))
    place = np.concatenate([points, [(box[:2] + box[2:]) / 2]])
    turned = photo.shape[1::-1] if turn % 2 else photo.shape[:2]
    place = turn_points_back(place, -turn, turned)
    side = float((box[2:] - box[:2]).max())
    face = (place[-1], side, -turn % 4, place[:-1])
    return Seen(np.ascontiguousarray(np.rot90(photo, turn)), [face])


def in_one(
    parts: Sequence[Seen], corners: Sequence[Any], size: int = SIDE
) -> Seen:
    """Return photos on one gray photo of `size` pixels a side."""
    whole = np.full((size, size, 3), GRAY, np.uint8)
    faces = []
    for (photo, some), (x, y) in zip(parts, corners, strict=True):
        part = photo[: size - y, : size - x]
        whole[y : y + len(part), x : x + part.shape[1]] = part
        faces += [(c + (x, y), s, t, p + (x, y)) for c, s, t, p in some]
    return Seen(whole, faces)


def photos(faces: Faces, turn: int) -> Iterator[Seen]:
    """Yield each face's photo."""
    return (one(faces, i, turn) for i in range(len(faces)))


def small(faces: Faces, turn: int) -> Iterator[Seen]:
    """Yield a small face on gray in each photo."""
    for i, box in enumerate(faces.boxes):
        seen = one(faces, i, turn, SMALL / (box[2:] - box[:2]).max())
        yield in_one([seen], [(np.array([SIDE, SIDE]) - SMALL) // 4])


def enlarged(faces: Faces, turn: int) -> Iterator[Seen]:
    """Yield photos of a megapixel."""
    for i, name in enumerate(faces.names):
        scale = SIDE / max(faces.images.read(name).shape)
        photo, some = one(faces, i, turn, scale)
        yield Seen(grainy(photo), some)


def mosaics(
    faces: Faces, line: int, turn: int | None, size: int = SIDE
) -> Iterator[Seen]:
    """Yield `line` x `line` photos in one; each in its own turn for None."""
    rng = np.random.default_rng(1)
    cell, count = size // line, line**2
    corners = [(cell * (k % line), cell * (k // line)) for k in range(count)]
    for start in range(0, len(faces) - count + 1, count):
        parts = []
        for i in range(start, start + count):
            side = max(faces.images.read(faces.names[i]).shape)
            own = int(rng.integers(4)) if turn is None else turn
            parts.append(one(faces, i, own, cell / side))
        yield in_one(parts, corners, size)


def faceless(faces: Faces, size: int) -> Iterator[Seen]:
    """Yield corners beside the face, enlarged."""
    for name, (left, _, right, _) in zip(faces.names, faces.boxes, strict=True):
        photo = faces.images.read(name)
        away = 0.35 * (right - left)
        side = int(max(left - away, photo.shape[1] - right - away))
        if side >= LEAST_CORNER:
            at_left = left > photo.shape[1] - right
            part = photo[:side, :side] if at_left else photo[:side, -side:]
            part = cv2.resize(part, (size, size), interpolation=cv2.INTER_CUBIC)
            yield Seen(grainy(part) if size == SIDE else part, [])


def grainy(photo: np.ndarray) -> np.ndarray:
    """Return a photo with a camera's grain."""
    grain = np.random.default_rng(0).normal(0, 4, photo.shape)
    return np.clip(photo + grain, 0, 255).astype(np.uint8)


def kinds(
    faces: Faces, train: Faces
) -> dict[str, Callable[[], Iterator[Seen]]]:
    """Return what is measured, by name: photos of test faces, and LFW's."""
    order = np.random.default_rng(0).permutation(len(faces))
    some = faces.select(np.sort(order[:FACES]))
    few = some.select(np.arange(0, FACES, FACES // LARGE))
    of_lfw = [i for i, name in enumerate(train.names) if "lfw" in name]
    square = train.select(np.array(of_lfw[:FACES]))
    crowd = train.select(np.array(of_lfw[: 2 * TEN**2]))
    found: dict[str, Callable[[], Iterator[Seen]]] = {}
    for kind, make, used in (
        ("MTFL's photos", photos, some),
        ("LFW's, 250 px", photos, square),
        (f"1 megapixel, a face of {SMALL} px", small, few),
        ("1 megapixel, a large face", enlarged, few),
    ):
        for name, turn in TURNS.items():
            found[f"{kind}, {name}"] = partial(make, used, turn)
    sixteen = "1 megapixel, 16 faces"
    found[f"{sixteen}, upright"] = partial(mosaics, square, FOUR, 0)
    found[f"{sixteen}, on one side"] = partial(mosaics, square, FOUR, 1)
    found[f"{sixteen}, in all turns"] = partial(mosaics, square, FOUR, None)
    hundred = "1 megapixel, 100 faces, in all turns"
    found[hundred] = partial(mosaics, crowd, TEN, None)
    four = "250 px, 4 faces, in all turns"
    found[four] = partial(mosaics, square, TWO, None, 250)
    found["no face, 250 px"] = partial(faceless, square, 250)
    found["no face, 1 megapixel"] = partial(faceless, square, SIDE)
    return found
