"""How many faces of long and of large photos are detected.

    python benchmarks/panoramas.py --data data/MTFL

Test faces of MTFL, each scaled to a box of so many pixels, stand side by side
in photos of several shapes; `tall` ones are turned with their faces upright.
`whole` is the photo shrunk to 1,024 pixels a side, without tiles and
`--detector-size`. A face is detected where a box has its centre within 0.35
of the listed side; what lies elsewhere, or twice on a face, is false. Times are
medians on one thread. Results: `benchmarks/panoramas.json` and `.md`.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np

from facemtl import markdown
from facemtl.data.faces import BadRows, Faces
from facemtl.data.sources import load_split
from facemtl.detection.detector import FaceDetector
from facemtl.process.cli import run

FILE = Path(__file__).with_suffix(".json")
LONGEST, TIMED, NEAR = 1024, 3, 0.35
SQUARE = 218  # of which a box of 73 pixels is a third


@dataclass(frozen=True)
class Scene:
    """Faces in cells side by side.

    Attributes:
        rows, columns: of cells.
        box: the side of each face's box in pixels.
        width, height: of a cell in pixels.
        longest: the detector's `--detector-size`.
    """

    rows: int
    columns: int
    box: int = 73
    width: int = 178
    height: int = 218
    longest: int = LONGEST


SCENES = {
    "a row of 100": Scene(1, 100),
    "a tall column of 100": Scene(100, 1, width=SQUARE, height=178),
    "10 : 1": Scene(3, 37),
    "6 : 1": Scene(4, 29),
    "4 : 1": Scene(5, 24),
    "3.1 : 1": Scene(5, 19),
    "3 : 1, no tiles": Scene(6, 22),
    "2 : 1, no tiles": Scene(6, 14),
    "a row of 30, 240 px": Scene(1, 30, box=240, width=300, height=360),
    "a row of 12, as high as the photo": Scene(
        1, 12, box=640, width=1000, height=960
    ),
    "a crowd, --detector-size 4096": Scene(27, 44, longest=4096),
}


def cell(faces: Faces, i: int, scene: Scene) -> np.ndarray:
    """A face in the middle of a cell; the photo's border is repeated."""
    photo, box = faces.images.read(faces.names[i]), faces.boxes[i]
    scale = scene.box / max(box[2:] - box[:2])
    if scale < 1:  # A warp alone would leave out pixels.
        photo = cv2.resize(
            photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
        )
    shown = min(scale, 1.0)
    zoom = scale / shown
    size = np.array([scene.width, scene.height])
    shift = size / 2 - scale * (box[:2] + box[2:]) / 2
    move = np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]])
    return cv2.warpAffine(
        photo,
        move,
        (scene.width, scene.height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )


def photo_of(faces: Faces, scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    """The photo (H, W, 3), and the centres (N, 2) of its faces."""
    count = scene.rows * scene.columns
    chosen = np.linspace(0, len(faces) - 1, count).astype(int)
    cells = [cell(faces, i, scene) for i in chosen]
    lines = [
        np.concatenate(cells[k : k + scene.columns], axis=1)
        for k in range(0, count, scene.columns)
    ]
    y, x = np.divmod(np.arange(count), scene.columns)
    places = np.stack([x, y], axis=1) + 0.5
    return np.concatenate(lines), places * (scene.width, scene.height)


def measured(
    rows: np.ndarray, centres: np.ndarray, box: int
) -> dict[str, float]:
    """Recall in percent, and false boxes, of YuNet's rows."""
    middles = rows[:, :2] + rows[:, 2:4] / 2
    apart = np.linalg.norm(middles[:, None] - centres[None], axis=2)
    detected = int((apart < NEAR * box).any(axis=0).sum())
    return {
        "recall": round(100 * detected / len(centres), 1),
        "false": len(rows) - detected,
    }


def whole(photo: np.ndarray, detector: FaceDetector) -> np.ndarray:
    """The rows of a photo that is shrunk as a whole, in its own pixels."""
    scale = min(1.0, LONGEST / max(photo.shape[:2]))
    size = [max(1, round(scale * x)) for x in photo.shape[1::-1]]
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    rows = detector.rows(small)
    rows[:, :14] /= scale
    return rows


def compared(faces: Faces, scene: Scene) -> dict[str, Any]:
    """One scene, whole and as facemtl searches it."""
    photo, centres = photo_of(faces, scene)
    usual = FaceDetector(longest=LONGEST)
    detector = FaceDetector(longest=scene.longest)
    result: dict[str, Any] = {
        "pixels": [photo.shape[1], photo.shape[0]],
        "faces": len(centres),
        "box": scene.box,
    }
    ways: dict[str, Callable[[], Any]] = {
        "whole": lambda: whole(photo, usual),
        "facemtl": lambda: detector.rows(photo),
    }
    for name, search in ways.items():
        times = []
        for _ in range(TIMED):
            started = time.perf_counter()
            rows = search()
            times.append(time.perf_counter() - started)
        result[name] = measured(rows, centres, scene.box)
        result[name]["milliseconds"] = round(1000 * median(times))
    return result


def table(results: dict[str, Any]) -> str:
    """Markdown: a row a scene."""
    heads = (
        *("photo", "pixels", "faces", "box, px"),
        *("recall whole, %", "recall, %", "false whole", "false"),
        *("ms whole", "ms"),
    )
    rows = []
    for name, part in results.items():
        width, height = part["pixels"]
        row = [name, f"{width:,} × {height:,}", str(part["faces"])]
        row.append(str(part["box"]))
        for key in ("recall", "false", "milliseconds"):
            row += [f"{part[way][key]:,.0f}" for way in ("whole", "facemtl")]
        rows.append(row)
    return markdown.table(heads, rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder of MTFL")
    parser.add_argument("--out", type=Path, default=FILE)
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)  # so that times can be compared
    faces = load_split(args.data, "test", (), BadRows())
    results = {name: compared(faces, scene) for name, scene in SCENES.items()}
    args.out.write_text(json.dumps(results, indent=1) + "\n")
    text = table(results)
    args.out.with_suffix(".md").write_text(f"{text}\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    run(main)
