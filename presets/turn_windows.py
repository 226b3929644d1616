"""Labelled windows for `turns.py`: which quarter turn has a face in each.

YuNet itself names the faces. It searches a photo upright, and then the turned
photo with a very low score: each faint detection is a window, with the turn of
the face near it, if there is one.
"""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

from facemtl.data.faces import Faces
from facemtl.detection.tiles_of_faces import FaceTiles
from facemtl.detection.turn_candidates import (
    CANDIDATE,
    UPRIGHT,
    boxes_of_rows,
    windows_of,
    with_photo,
)
from facemtl.detection.turn_network import NONE, SIZE
from facemtl.detection.turns import turn_boxes_back
from facemtl.detection.yunet import YuNet

SCORE = 0.6
# Distance of a face's centre from its window's, and side of the window that
# the face would have, in sides of the window.
AWAY, SMALLEST, LARGEST = 0.4, 0.4, 2.5
GRAY, MOST = 114, 1000


class Windows(NamedTuple):
    """N windows.

    Attributes:
        tiles: (N, SIZE, SIZE, 3) uint8.
        turns: (N,) quarter turns that set the face upright, or `NONE`.
        places: (N, 3) x, y of the face's centre from the window's, and the
            logarithm (base 2) of the side of the face's window; in sides of
            the window. 0 where there is no face.
    """

    tiles: np.ndarray
    turns: np.ndarray
    places: np.ndarray


def windows(faces: Faces, seed: int, rounds: int) -> Windows:
    """Return the windows of all photos, `rounds` times with other changes."""
    rng = np.random.default_rng(seed)
    yunet = YuNet()
    parts = [
        part
        for _ in range(rounds)
        for i in range(len(faces))
        for part in _of_photo(_photo(faces, i, rng), yunet, rng)
    ]
    return Windows(*map(np.concatenate, zip(*parts, strict=True)))


def _of_photo(
    photo: np.ndarray, yunet: YuNet, rng: np.random.Generator
) -> Iterator[Windows]:
    """Yield the windows of a photo in several turns."""
    rows = yunet(photo, CANDIDATE)
    known = boxes_of_rows(rows[rows[:, 14] >= SCORE])
    for turn in (0, int(rng.integers(1, 4))):
        turned = np.ascontiguousarray(np.rot90(photo, turn))
        found = yunet(turned, CANDIDATE) if turn else rows
        found = with_photo(found[found[:, 14] < UPRIGHT], turned.shape)
        back = np.full(len(known), -turn)
        faces = turn_boxes_back(known, back, turned.shape)
        around = windows_of(boxes_of_rows(found))
        tiles = FaceTiles(turned).cut(around, np.zeros(len(found), int), SIZE)
        part = Windows(tiles, *_labelled(around, faces, -turn % 4))
        # Most windows have no face.
        kept = (part.turns != NONE) | (rng.random(len(found)) < 0.5)
        yield Windows(*(x[kept] for x in part))


def _labelled(
    found: np.ndarray, faces: np.ndarray, turn: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return turns (N,) and places (N, 3) of windows (N, 3)."""
    turns, places = np.full(len(found), NONE), np.zeros((len(found), 3))
    if len(found) and len(faces):
        sides = found[:, None, 2:]
        own = windows_of(faces)
        one, other = (x[:, :2] + x[:, 2:] / 2 for x in (found, own))
        away = (other - one[:, None]) / sides
        larger = own[:, 2] / sides[..., 0]
        best = np.abs(away).max(axis=2).argmin(axis=1)
        rows = np.arange(len(found))
        away, larger = away[rows, best], larger[rows, best]
        near = np.abs(away).max(axis=1) <= AWAY
        near &= (larger >= SMALLEST) & (larger <= LARGEST)
        turns[near] = turn
        places[near] = np.c_[away, np.log2(larger)][near]
    return turns, places


def _photo(faces: Faces, i: int, rng: np.random.Generator) -> np.ndarray:
    """Return a face's photo, or one of several faces, changed at random."""
    if rng.random() < 0.7:
        photo = faces.images.read(faces.names[i])
        if rng.random() < 0.4:
            photo = _near(photo, faces.boxes[i], rng)
        scale = 2 ** rng.uniform(-1, 0.7)
        if rng.random() < 0.05:
            scale = rng.uniform(MOST // 2, MOST) / max(photo.shape)
    else:
        photo, scale = _mosaic(faces, rng), 1.0
    scale = np.clip(scale, 40 / min(photo.shape[:2]), MOST / max(photo.shape))
    angle = rng.normal(0, 10)
    height, width = (round(scale * x) for x in photo.shape[:2])
    return _blurred(_rotated(_resized(photo, width, height), angle), rng)


def _near(
    photo: np.ndarray, box: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return a part of a photo that shows little more than the face."""
    side = (box[2:] - box[:2]).max()
    low, high = (
        np.round(box[k : k + 2] + sign * rng.uniform(0, 0.5, 2) * side)
        for k, sign in ((0, -1), (2, 1))
    )
    left, top = np.maximum(low, 0).astype(int)
    right, bottom = high.astype(int)
    return photo[top:bottom, left:right]


def _mosaic(faces: Faces, rng: np.random.Generator) -> np.ndarray:
    """Return a photo of several faces, on gray."""
    line, cell = rng.integers(2, 6), rng.integers(40, 130)
    whole = np.full((line * cell, line * cell, 3), GRAY, np.uint8)
    for y in range(0, line * cell, cell):
        for x in range(0, line * cell, cell):
            if rng.random() < 0.8:
                one = faces.images.read(faces.names[rng.integers(len(faces))])
                scale = cell / max(one.shape)
                height, width = (max(1, int(scale * n)) for n in one.shape[:2])
                part = _resized(one, width, height)
                whole[y : y + height, x : x + width] = part
    return whole


def _resized(photo: np.ndarray, width: int, height: int) -> np.ndarray:
    smaller = width < photo.shape[1]
    method = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return cv2.resize(photo, (width, height), interpolation=method)


def _rotated(photo: np.ndarray, angle: float) -> np.ndarray:
    height, width = photo.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    border = cv2.BORDER_REPLICATE
    return cv2.warpAffine(photo, matrix, (width, height), borderMode=border)


def _blurred(photo: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a photo, some with blur, grain or another contrast."""
    if rng.random() < 0.3:
        photo = cv2.GaussianBlur(photo, (0, 0), rng.uniform(0.3, 2))
    values = photo.astype(np.float32)
    if rng.random() < 0.3:
        values += rng.normal(0, rng.uniform(1, 8), values.shape)
    if rng.random() < 0.5:
        values = values * rng.uniform(0.5, 1.3) + rng.uniform(-30, 30)
    return np.clip(values, 0, 255).astype(np.uint8)
