"""The input of the commands of `long_runs.py`: photos, a film, networks."""

import random
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from facemtl.data.synthetic.faces import synthetic_faces

FACES, SEED = 12, 20
SIZES = (48, 80, 120, 200, 320, 640)  # pixels per side of a photo
FILM_SIZE, RATE = (128, 96), 25
# Frames until the film repeats, and frames without a face: more than the
# lifetime of a track.
LOOP, EMPTY = 200, 20


def drawn_photos() -> list[np.ndarray]:
    """Return synthetic faces (S, S, 3), uint8, in OpenCV's color order."""
    faces = synthetic_faces(FACES, seed=SEED)
    return [
        np.ascontiguousarray(faces.images.read(name)[..., ::-1])
        for name in faces.names
    ]


def write_photos(folder: Path, count: int) -> None:
    """Write a number of photos, `folder/00000.jpg` and so on.

    They are links to 48 photos of six sizes and eight kinds, with 0 to 12
    faces, and to four unreadable files.
    """
    kinds = folder.with_name("kinds")
    kinds.mkdir()
    folder.mkdir()
    files = [*_whole_photos(kinds), *_invalid_photos(kinds)]
    # In random order: else memory would vary systematically over a run.
    order = random.Random(SEED).choices(files, k=count)
    for i, file in enumerate(order):
        (folder / f"{i:05}{file.suffix}").symlink_to(file)


def _whole_photos(folder: Path) -> Iterator[Path]:
    rng = np.random.default_rng(SEED)
    drawn = drawn_photos()
    for size in SIZES:
        for kind, ending in enumerate(
            (".jpg", ".jpg", ".png", ".png", ".png", ".webp", ".bmp", ".tiff")
        ):
            several = rng.permutation(FACES)[: rng.integers(FACES + 1)]
            pixels = side_by_side([drawn[i] for i in several], size)
            file = folder / f"{size}-{kind}{ending}"
            cv2.imwrite(str(file), _of_kind(pixels, kind))
            yield file


def _of_kind(pixels: np.ndarray, kind: int) -> np.ndarray:
    """Return pixels as gray, with alpha, in 16 bits, or unchanged."""
    if kind == 1:
        return cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    if kind == 2:
        return cv2.cvtColor(pixels, cv2.COLOR_BGR2BGRA)
    return pixels.astype(np.uint16) * 257 if kind == 3 else pixels


def side_by_side(photos: list[np.ndarray], size: int) -> np.ndarray:
    """Tile photos in one or two rows of a given size; or return gray."""
    if not photos:
        return np.full((size, size // 2, 3), 90, np.uint8)
    columns = int(np.ceil(np.sqrt(len(photos))))
    side = max(1, size // columns)
    rows = -(-len(photos) // columns)
    whole = np.full((rows * side, columns * side, 3), 90, np.uint8)
    for i, photo in enumerate(photos):
        y, x = side * (i // columns), side * (i % columns)
        whole[y : y + side, x : x + side] = cv2.resize(photo, (side, side))
    return whole


def _invalid_photos(folder: Path) -> Iterator[Path]:
    data = (folder / "640-0.jpg").read_bytes()
    contents = {
        "empty": b"",
        "text": b"no photo\n",
        "cut": data[: len(data) // 2],
    }
    for name, content in contents.items():
        file = folder / f"{name}.jpg"
        file.write_bytes(content)
        yield file
    yield folder / "missing.jpg"


def write_film(file: Path, frames: int) -> None:
    """Write a film of 128 x 96 pixels with a face that comes and goes."""
    width, height = FILM_SIZE
    face = cv2.resize(drawn_photos()[0], (80, 80), interpolation=cv2.INTER_AREA)
    code = cv2.VideoWriter.fourcc(*"mp4v")
    film = cv2.VideoWriter(str(file), code, RATE, FILM_SIZE)
    shown = []
    for i in range(LOOP):
        frame = np.full((height, width, 3), 90, np.uint8)
        if i >= EMPTY:
            x = round((width - 80) * (0.5 + 0.5 * np.sin(i / 30)))
            frame[8:88, x : x + 80] = face
        shown.append(frame)
    for i in range(frames):
        film.write(shown[i % LOOP])
    film.release()
