"""`facemtl predict --video SOURCE`."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from facemtl.inference.drawing import draw_faces
from facemtl.inference.face import Face
from facemtl.inference.predictor import Predictor
from facemtl.predict.pictures import Pictures
from facemtl.predict.text_file import TextFile
from facemtl.video.drawn_rate import drawn_rate
from facemtl.video.frame import Frame, IncompleteVideo
from facemtl.video.numbered_images import NumberedImages
from facemtl.video.progress import VideoProgress
from facemtl.video.reader import Video, open_video
from facemtl.video.settings import IMAGES_RATE, TIMEOUT
from facemtl.video.source import Kind, VideoSource, video_source
from facemtl.video.tracking import Tracker
from facemtl.video.writer import video_writer
from facemtl.words import one_line

Numbered = list[tuple[int, Face]]
Sink = Callable[[Frame, Numbered], None]


def predict_video(args: argparse.Namespace, predictor: Predictor) -> int:
    """Predict frame by frame; each face has the number of its track.

    Ctrl-C ends a camera; the outputs until then are complete.

    Returns:
        1 if the video ended too early, else 0.
    """
    source = video_source(args.video)
    video = open_video(source, args.timeout or TIMEOUT, args.fps or IMAGES_RATE)
    tracker = Tracker(smooth=not args.no_smoothing)
    progress = VideoProgress(video.frames)
    with ExitStack() as stack:
        frames = stack.enter_context(closing(iter(video)))
        sinks = [
            stack.enter_context(sink) for sink in _sinks(args, source, video)
        ]
        reason = ""
        try:
            for frame in frames:
                faces = tracker(predictor(frame.pixels), frame.time)
                for sink in sinks:
                    sink(frame, faces)
                progress.show(len(faces))
            progress.whole()
        except KeyboardInterrupt:
            pass
        except IncompleteVideo as error:
            reason = str(error)
    progress.end()
    if reason:
        print(f"error: {one_line(reason)}", file=sys.stderr)
    return 1 if reason else 0


def _sinks(
    args: argparse.Namespace, source: VideoSource, video: Video | NumberedImages
) -> Iterator[Any]:
    if args.json:
        yield _json_lines(args.json)
    if args.draw:
        file = Pictures(args.draw).name(f"{source.name}.mp4", ".mp4")
        film = source.kind is Kind.FILM
        rate = drawn_rate(source.place, video.rate) if film else video.rate
        yield _drawn(file, rate)


@contextmanager
def _json_lines(file: str) -> Iterator[Sink]:
    """Write one line per frame: `{"frame", "time", "faces"}` with `track`s."""
    with TextFile(file) as out:

        def write(frame: Frame, faces: Numbered) -> None:
            listed = [{"track": k, **face.to_dict()} for k, face in faces]
            at = round(frame.time, 3)
            line = {"frame": frame.index, "time": at, "faces": listed}
            # Written at once, for readers of a camera's output.
            out.write(json.dumps(line) + "\n")

        yield write


@contextmanager
def _drawn(file: Path, rate: float) -> Iterator[Sink]:
    with video_writer(file, rate) as write:

        def draw(frame: Frame, faces: Numbered) -> None:
            titles = [f"face {number}" for number, _ in faces]
            drawn = draw_faces(
                frame.pixels, [face for _, face in faces], titles
            )
            write(drawn, frame.time)

        yield draw
