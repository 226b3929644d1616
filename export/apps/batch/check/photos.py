"""The photos of the check: valid ones, and invalid ones of all kinds."""

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

SIDE = 160  # pixels per side of a synthetic photo
SEED = 17
BOMB = (40_000, 30_000)  # pixels, in a file of 150 KB


def good_photos(n: int, data: Path | None) -> Iterator[bytes]:
    """Yield N photo files: synthetic ones as JPEG, or those of MTFL."""
    if data:
        from facemtl.data.mtfl.reader import read_mtfl

        faces = read_mtfl(data, "train")
        names = faces.names[:: max(1, len(faces.names) // n)][:n]
        for name in names:
            yield (data / str(name)).read_bytes()
        return
    from facemtl.data.synthetic.faces import synthetic_faces

    faces = synthetic_faces(n, seed=SEED, size=SIDE)
    for name in faces.names:
        pixels = faces.images.read(str(name))
        yield cv2.imencode(".jpg", pixels[..., ::-1])[1].tobytes()


def write_photos(folder: Path, n: int, data: Path | None) -> dict[str, str]:
    """Write N valid photos in two levels of folders, and invalid ones.

    Returns:
        {name of an invalid photo: a part of its row's expected error}.
    """
    for i, photo in enumerate(good_photos(n, data)):
        file = folder / f"{i % 7}" / f"{i:06d}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(photo)
    return write_bad(folder, photo)


def write_bad(folder: Path, photo: bytes) -> dict[str, str]:
    """Write files that are no photos, spread over the order of names."""
    pixels = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)
    png = cv2.imencode(".png", pixels)[1].tobytes()
    files = {
        "0/empty.jpg": (b"", "0 bytes that are none"),
        "1/no_photo.jpg": (b"no photo" * 50, "400 bytes that are none"),
        "2/truncated.jpg": (photo[: len(photo) // 2], "truncated"),
        "3/truncated.png": (png[: len(png) // 2], "truncated"),
        "4/bomb.png": (bomb(*BOMB), "40,000 x 30,000 pixels"),
        "5/list.csv": (b"file,x1\n", "8 bytes that are none"),
    }
    for name, (content, _) in files.items():
        (folder / name).write_bytes(content)
    (folder / "6/gone.jpg").symlink_to("nowhere.jpg")
    os.mkfifo(folder / "6/pipe.jpg")
    # Valid ones with a name that is not UTF-8, and without a face.
    (folder / os.fsdecode(b"3/caf\xe9.jpg")).write_bytes(photo)
    gray = np.full((90, 120, 3), 128, np.uint8)
    (folder / "5/gray.png").write_bytes(cv2.imencode(".png", gray)[1].tobytes())
    expected = {name: reason for name, (_, reason) in files.items()}
    expected["6/gone.jpg"] = "No such file"
    expected["6/pipe.jpg"] = "no regular file"
    return expected


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of one bit per pixel, all black."""
    packed = zlib.compressobj(1)
    row = bytes(1 + (width + 7) // 8)
    data = b"".join(packed.compress(row) for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", data + packed.flush()), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in parts
    )
