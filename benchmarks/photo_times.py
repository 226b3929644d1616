"""Print the milliseconds of a core from a JPEG to its faces, as a JSON list.

    PYTHONPATH=. python benchmarks/photo_times.py FOLDER

One number for each photo in the order of their names: the median of several
rounds, on one thread. Runs with any version of facemtl since its presets.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import cv2

from facemtl import Predictor
from facemtl.detection.detector import FaceDetector

ROUNDS, WARM_UP = 5, 2


def spent(call: Callable[[], object]) -> float:
    """Return the milliseconds of one call."""
    start = time.process_time()
    call()
    return 1000 * (time.process_time() - start)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", metavar="FOLDER", help="of JPEGs")
    folder = Path(parser.parse_args(argv).folder)
    cv2.setNumThreads(1)
    detector = FaceDetector()
    if hasattr(detector, "threads"):  # Otherwise OpenCV's number holds.
        detector = FaceDetector(threads=1)
    predictor = Predictor.load("base", detector)
    times = []
    for file in sorted(folder.glob("*.jpg")):
        data = file.read_bytes()
        rounds = [
            spent(lambda: predictor(data))  # noqa: B023
            for _ in range(WARM_UP + ROUNDS)
        ]
        times.append(round(median(rounds[WARM_UP:]), 3))
    print(json.dumps(times))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
