"""`facemtl predict --video FILE|CAMERA`."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

import numpy as np

from facemtl.predict.drawing import draw_faces
from facemtl.predict.face import Face
from facemtl.predict.pictures import Pictures
from facemtl.predict.predictor import Predictor
from facemtl.predict.tracking import Tracker
from facemtl.predict.video import Video, video_writer
from facemtl.words import plural

Numbered = list[tuple[int, Face]]
Sink = Callable[[int, float, np.ndarray, Numbered], None]


def predict_video(args: argparse.Namespace, predictor: Predictor) -> int:
    """Frame by frame, each face with the number of its track.

    Ctrl-C ends a camera; what was written until then is whole.
    """
    video = Video(args.video)
    tracker = Tracker(smooth=not args.no_smoothing)
    progress = _Progress(video.frames)
    with ExitStack() as stack:
        sinks = [stack.enter_context(sink) for sink in _sinks(args, video)]
        try:
            for i, frame in enumerate(video):
                at = i / video.rate
                faces = tracker(predictor(frame), at)
                for sink in sinks:
                    sink(i, at, frame, faces)
                progress.show(i + 1, len(faces))
        except KeyboardInterrupt:
            pass
    progress.end()
    return 0


def _sinks(args: argparse.Namespace, video: Video) -> Iterator:
    if args.json:
        yield _json_lines(args.json)
    if args.draw:
        yield _drawn(Pictures(args.draw).name(args.video, ".mp4"), video.rate)


@contextmanager
def _json_lines(file: str) -> Iterator[Sink]:
    """`{"frame", "time", "faces"}`, a line a frame, each with its `track`."""
    with ExitStack() as stack:
        out: TextIO = sys.stdout
        if file != "-":
            out = stack.enter_context(Path(file).open("w", encoding="utf-8"))

        def write(
            i: int, at: float, frame: np.ndarray, faces: Numbered
        ) -> None:
            listed = [{"track": k, **face.to_dict()} for k, face in faces]
            line = {"frame": i, "time": round(at, 3), "faces": listed}
            print(json.dumps(line), file=out, flush=True)

        yield write


@contextmanager
def _drawn(file: Path, rate: float) -> Iterator[Sink]:
    with video_writer(file, rate) as write:

        def draw(i: int, at: float, frame: np.ndarray, faces: Numbered) -> None:
            titles = [f"face {number}" for number, _ in faces]
            write(draw_faces(frame, [face for _, face in faces], titles))

        yield draw


class _Progress:
    """Frames done and frames a second, on standard error."""

    def __init__(self, frames: int) -> None:
        self.of = f" of {frames}" if frames else ""
        self.started = time.monotonic()
        self.line, self.shown = "", 0.0

    def show(self, done: int, faces: int) -> None:
        now = time.monotonic()
        rate = done / max(now - self.started, 1e-6)
        self.line = (
            f"{done}{self.of} {plural(done, 'frame')}, {rate:.1f} a second, "
            f"{faces} {plural(faces, 'face')}"
        )
        # On a terminal, twice a second; elsewhere, only at the end.
        if sys.stderr.isatty() and now - self.shown > 0.5:
            self.shown = now
            print(f"\r{self.line}  ", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        start = "\r" if sys.stderr.isatty() else ""
        print(f"{start}{self.line or 'No frames.'}  ", file=sys.stderr)
