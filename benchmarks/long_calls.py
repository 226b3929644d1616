"""Call one `Predictor` many times.

    python benchmarks/long_calls.py NETWORK COUNT [PHOTOS]

With a folder, photos are read and faces are detected. Otherwise, pixels and
boxes of varying sizes and numbers are given.
"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from long_inputs import drawn_photos

import facemtl
from facemtl.arguments import whole_number
from facemtl.errors import InputError
from facemtl.photos.photo import Photo
from facemtl.process.cli import run

SIDES = (20, 200)  # range of a photo's side in pixels
MOST = 12  # maximum faces in a photo
Given = tuple[Photo, np.ndarray | None]


def main(argv: Sequence[str] | None = None) -> int:
    """Predict repeatedly; print the number of calls."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("network", metavar="NETWORK")
    parser.add_argument("count", metavar="COUNT", type=whole_number)
    parser.add_argument("photos", metavar="PHOTOS", type=Path, nargs="?")
    args = parser.parse_args(argv)
    predictor = facemtl.Predictor.load(args.network)
    calls = faces = 0
    given = photos_in(args.photos) if args.photos else pixels_and_boxes()
    for photo, boxes in islice(given, args.count):
        with suppress(InputError):  # invalid photos
            faces += len(predictor(photo, boxes))
        calls += 1
    print(f"{calls} calls, {faces} faces")
    return 0


def photos_in(folder: Path) -> Iterator[Given]:
    """Yield the photos of a folder, repeatedly."""
    for file in cycle(sorted(folder.iterdir())):
        yield file, None


def pixels_and_boxes() -> Iterator[Given]:
    """Yield photos of random sizes with random boxes, 0 to 12 faces."""
    rng = np.random.default_rng(0)
    drawn = drawn_photos()
    while True:
        height, width = rng.integers(*SIDES, 2)
        photo = np.resize(drawn[rng.integers(len(drawn))], (height, width, 3))
        corners = rng.uniform(0, 0.5, (rng.integers(MOST + 1), 2))
        low = corners * (width, height)
        side = rng.uniform(0.2, 0.5, (len(low), 1)) * min(width, height)
        yield photo, np.concatenate([low, low + side], axis=1)


if __name__ == "__main__":
    run(main)
