"""What one photo costs on one core, part by part: the basis of any plan.

    python benchmarks/photo_costs.py

JPEGs of three sizes with a drawn face in each: decoding, finding the faces,
and cropping with the network. One thread; parts in turn, medians of the
processor's time. Let the machine rest. Writes `export/apps/photo_costs.json`;
`export/apps/README.md` reckons with it.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from functools import partial

import cv2
import numpy as np
from in_turn import medians

import facemtl
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.export.apps.plan import COSTS
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_whole
from facemtl.inference.views import find_in, read_view
from facemtl.photos.photo import as_rgb
from facemtl.presets import presets_with
from facemtl.process.cli import run
from facemtl.process.environment import machine, versions
from facemtl.tasks import MTFL_TASKS

COMMAND = "python benchmarks/photo_costs.py"
SIZES = {"0.2": (500, 400), "2": (1632, 1224), "12": (4000, 3000)}  # Megapixels
ROUNDS = 20
SEED = 5
NETWORKS = presets_with(MTFL_TASKS)


def jpeg(size: tuple[int, int]) -> bytes:
    """A photo of a drawn face as a camera's JPEG: with grain, quality 90."""
    faces = synthetic_faces(1, seed=SEED, size=1024)
    drawn = faces.images.read(faces.names[0])
    grain = np.random.default_rng(0).normal(0, 4, (*size[::-1], 3))
    photo = np.clip(cv2.resize(drawn, size) + grain, 0, 255).astype(np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 90]
    _, data = cv2.imencode(".jpg", photo, quality)
    return data.tobytes()


def parts(data: bytes) -> dict[str, Callable[[], object]]:
    """What is done to a photo, each part alone."""
    predictors = {name: facemtl.Predictor.load(name) for name in NETWORKS}
    photo = as_rgb(data)
    first = next(iter(predictors.values()))
    detector = first.detector
    view = read_view(data, False, detector)
    height, width, _ = photo.shape
    # A network takes its time wherever the box is.
    boxes = [[0.3 * width, 0.3 * height, 0.7 * width, 0.7 * height]]
    return {
        "decode": partial(read_view, data, False, detector),
        "find": partial(find_in, view, detector, first.network.crop),
        **{name: partial(x, photo, boxes) for name, x in predictors.items()},
    }


def measure(data: bytes) -> dict[str, float]:
    """Milliseconds of a core, each part."""
    found = medians(parts(data), ROUNDS, time.process_time)
    return {name: round(x, 2) for name, x in found.items()}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure all sizes, write and show it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", metavar="FILE", default=COSTS)
    args = parser.parse_args(argv)
    args.out = check_file(args.out, "--out")
    cv2.setNumThreads(1)
    result = {
        "command": COMMAND,
        "machine": machine(),
        "versions": versions("opencv-python-headless", "ai-edge-litert"),
        "milliseconds": {
            name: measure(jpeg(size)) for name, size in SIZES.items()
        },
    }
    text = json.dumps(result, indent=1)
    write_whole(text + "\n", args.out)
    print(text)
    return 0


if __name__ == "__main__":
    run(main)
