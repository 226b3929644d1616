"""`python -m damaged.photos`, in `tests`: decode damaged photos of all formats.

With `--write` the table goes to `damaged/photos.md`.
"""

import random
import struct
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.photos.decoding import decode
from facemtl.process.environment import peak_memory

from .trial import Outcome

SEED = 20
TABLE = Path(__file__).with_name("photos.md")
# Endings, and words for OpenCV's writer.
FORMATS: dict[str, tuple[str, list[int]]] = {
    "JPEG": (".jpg", []),
    "progressive JPEG": (".jpg", [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]),
    "JPEG with restarts": (".jpg", [cv2.IMWRITE_JPEG_RST_INTERVAL, 4]),
    "PNG": (".png", []),
    "WebP": (".webp", []),
    "BMP": (".bmp", []),
    "TIFF": (".tiff", []),
    "GIF": (".gif", []),
    "PPM": (".ppm", []),
    "JPEG 2000": (".jp2", []),
    "AVIF": (".avif", []),
}
ENDS = {".jpg": b"\xff\xd9", ".png": b"\0\0\0\0IEND\xaeB`\x82", ".gif": b"\0;"}
SIDES = (0, 1, 65_535, 2**31 - 1, 2**32 - 1)


def whole_photos() -> dict[str, tuple[str, bytes]]:
    """{format: (ending, bytes)} of one drawn photo."""
    faces = synthetic_faces(1, seed=SEED)
    pixels = faces.images.read(faces.names[0])[..., ::-1]
    return {
        name: (ending, cv2.imencode(ending, pixels, words)[1].tobytes())
        for name, (ending, words) in FORMATS.items()
    }


def damaged(
    ending: str, data: bytes, others: Sequence[bytes], rng: random.Random
) -> Iterator[tuple[str, bytes, str]]:
    """How, the bytes, and what must come of them; see `mutations`."""
    yield "nothing", data, "same"
    yield "bytes behind it", data + bytes(500), "any"
    for share in (0.0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9):
        cut = data[: int(share * len(data))]
        yield "cut", cut, "refused"
        if ending == ".jpg":
            yield "cut, with an end", cut + ENDS[ending], "refused"
        elif ending in ENDS:
            yield "cut, with an end", cut + ENDS[ending], "any"
    for _ in range(10):
        flipped = bytearray(data)
        for _ in range(rng.choice((1, 10, 100))):
            flipped[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        yield "bits flipped", bytes(flipped), "any"
    # Sizes stand near the start, as 16 or 32 bits of either order.
    for _ in range(12):
        at, side = rng.randrange(min(200, len(data) - 4)), rng.choice(SIDES)
        form = rng.choice(("<H", ">H", "<I", ">I"))
        number = struct.pack(form, side & (0xFFFF if form[1] == "H" else side))
        patched = data[:at] + number + data[at + len(number) :]
        yield "header patched", patched, "any"
    half = len(data) // 2
    yield "zeros", data[:half] + bytes(half), "any"
    yield "twice", data + data, "any"
    yield (
        "another's second half",
        data[:half] + rng.choice(others)[half:],
        "any",
    )
    yield "noise", data[:12] + rng.randbytes(2000), "refused"


def try_format(name: str, seed: int = SEED) -> Outcome:
    """Decode the damaged photos of a format."""
    photos = whole_photos()
    ending, data = photos[name]
    others = [other for key, (_, other) in photos.items() if key != name]
    rng, outcome = random.Random(f"{seed} {name}"), Outcome()
    whole = _read(data)
    for how, some, expected in damaged(ending, data, others, rng):
        outcome.add(how, expected, lambda some=some: _read(some), whole)
    return outcome


def _read(data: bytes) -> str:
    pixels = decode(data, "photo")
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
    return f"{pixels.shape} {hash(pixels.tobytes())}"


def table(outcomes: dict[str, Outcome]) -> str:
    """What came of all formats, as Markdown."""
    lines = [
        "Damaged photos, decoded by `python -m damaged.photos --write` in",
        "`tests`: how many were tried, decoded to the same pixels, to others",
        "(as where a bit of a color flipped), refused in one line, and faults:",
        "exceptions, cut photos that were decoded, over 30 s.",
        "",
        "| format | tried | same | other | refused | faults |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    rows = [*outcomes.items(), ("all", _sum(outcomes))]
    for name, outcome in rows:
        n = outcome.counts
        numbers = (n.total(), n["same"], n["other"], n["refused"])
        cells = " | ".join(map(str, (*numbers, len(outcome.faults))))
        lines.append(f"| {name} | {cells} |")
    return "\n".join(lines) + "\n"


def _sum(outcomes: dict[str, Outcome]) -> Outcome:
    whole = Outcome()
    for outcome in outcomes.values():
        whole.counts += outcome.counts
        whole.faults += outcome.faults
    return whole


def main(argv: Sequence[str]) -> int:
    """Try all; the exit status is 1 where there is a fault."""
    outcomes = {name: try_format(name) for name in FORMATS}
    for name, outcome in outcomes.items():
        for fault in outcome.faults:
            print(f"{name}: {fault}")
        print(f"{name}: slowest {outcome.slowest:.2f} s", file=sys.stderr)
    print(f"most memory: {peak_memory() / 1e3:.2f} GB", file=sys.stderr)
    print(table(outcomes))
    if "--write" in argv:
        TABLE.write_text(table(outcomes), "utf-8")
    return int(any(outcome.faults for outcome in outcomes.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
