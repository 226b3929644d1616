"""The way from a photo to its faces, beside that of an earlier facemtl.

    python benchmarks/former_photos.py --data data/MTFL

needs this repository's history, for the earlier version's files. Photos are
those of `benchmarks/photos.py`. Both versions take turns, each in a process of
its own with one thread; milliseconds of the processor, the mean of the turns,
the median of photos. Writes `benchmarks/former_photos.json` and
`former_photos.md`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from photos import PHOTOS, SIZES, jpeg

import facemtl
from facemtl import markdown
from facemtl.errors import InputError
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_whole
from facemtl.process.cli import run
from facemtl.process.environment import machine, versions

FILE = Path(__file__).with_suffix(".json")
ROOT = FILE.parents[1]
COMMAND = "python benchmarks/former_photos.py --data data/MTFL"
# Before aligned crops, LiteRT for YuNet and half-size decoding.
FORMER = "e6a004b"
NAMES = (f"facemtl at {FORMER}", "facemtl")
TURNS = 3


def unpack(commit: str, folder: Path) -> None:
    """Write the package's files of a commit into a folder."""
    command = ["git", "archive", commit, "facemtl"]
    files = subprocess.run(command, cwd=ROOT, capture_output=True)
    if files.returncode:
        raise InputError(
            f"Expected this repository's history, with commit {commit}. "
            f"Received: {files.stderr.decode().strip()}"
        )
    subprocess.run(["tar", "-x"], cwd=folder, check=True, input=files.stdout)


def times(code: Path, photos: Path) -> list[float]:
    """Return each photo's milliseconds with the package in `code`."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks/photo_times.py"), str(photos)],
        env={**os.environ, "PYTHONPATH": str(code), "OMP_NUM_THREADS": "1"},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: list[float] = json.loads(done.stdout)
    return found


def measured(photos: Path, codes: Sequence[Path]) -> dict[str, float]:
    """Return the milliseconds of the two versions."""
    turns = [[times(code, photos) for code in codes] for _ in range(TURNS)]
    medians = np.median(np.mean(turns, axis=0), axis=1)
    return dict(zip(NAMES, medians.round(2).tolist(), strict=True))


def write_photos(faces: facemtl.Faces, side: int, folder: Path) -> None:
    """Write LFW's photos as JPEGs, enlarged to a side in pixels."""
    folder.mkdir()
    of_lfw = [name for name in faces.names if "lfw" in name][:PHOTOS]
    for i, name in enumerate(of_lfw):
        data = jpeg(faces.images.read(name), side)
        (folder / f"{i:03}.jpg").write_bytes(data)


def table(result: dict[str, Any]) -> str:
    """Return the table in Markdown."""
    photos = result["photos"]
    rows = [
        (name, *(f"{part[name]:.1f}" for part in photos.values()))
        for name in NAMES
    ]
    shares = [part[NAMES[1]] / part[NAMES[0]] for part in photos.values()]
    rows.append(("share", *(f"{x:.2f}" for x in shares)))
    return markdown.table(("ms a photo", *photos), rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", required=True, help="folder of MTFL")
    parser.add_argument("--out", metavar="FILE", default=FILE)
    args = parser.parse_args(argv)
    args.out = check_file(args.out, "--out")
    faces = facemtl.read_mtfl(args.data, "train")
    result: dict[str, Any] = {
        "command": COMMAND,
        "machine": machine(),
        "versions": versions("opencv-python-headless", "ai-edge-litert"),
        "photos": {},
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        unpack(FORMER, folder)
        for size, side in SIZES.items():
            write_photos(faces, side, folder / size)
            part = measured(folder / size, (folder, ROOT))
            result["photos"][size] = part
            print(f"{size:<20}{part}", flush=True)
    write_whole(json.dumps(result, indent=1) + "\n", args.out)
    write_whole(f"{table(result)}\n", args.out.with_suffix(".md"))
    return 0


if __name__ == "__main__":
    run(main)
