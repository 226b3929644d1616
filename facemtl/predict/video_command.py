"""`facemtl predict --video SOURCE`."""

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing

import numpy as np

from facemtl.inference.face import Face
from facemtl.predict.face_pictures import show_written
from facemtl.predict.video_outputs import VideoOutputs
from facemtl.predict.window import shown_window
from facemtl.video.drawn_rate import drawn_rate
from facemtl.video.frame import IncompleteVideo
from facemtl.video.progress import VideoProgress
from facemtl.video.reader import open_video
from facemtl.video.settings import IMAGES_RATE, TIMEOUT
from facemtl.video.source import Kind, video_source
from facemtl.video.tracking import Tracker
from facemtl.words import one_line


def predict_video(
    args: argparse.Namespace, predict: Callable[[np.ndarray], Sequence[Face]]
) -> int:
    """Predict frame by frame; each face has the number of its track.

    Ctrl-C, and q or Esc in the window, end a camera; the outputs until then are
    complete.

    Args:
        args: arguments of `facemtl predict`.
        predict: returns the faces of a frame (H, W, 3), uint8, RGB.

    Returns:
        1 if the video ended too early, else 0.
    """
    source = video_source(args.video)
    video = open_video(source, args.timeout or TIMEOUT, args.fps or IMAGES_RATE)
    tracker = Tracker(smooth=not args.no_smoothing)
    progress = VideoProgress(video.frames)
    film = source.kind is Kind.FILM
    rate = drawn_rate(source.place, video.rate) if film else video.rate
    outputs = VideoOutputs(args, source.name, rate)
    with ExitStack() as stack:
        frames = stack.enter_context(closing(iter(video)))
        sinks = outputs.open(stack)
        window = stack.enter_context(shown_window(args, source))
        reason = ""
        try:
            for frame in frames:
                faces = tracker(predict(frame.pixels), frame.time)
                for sink in sinks:
                    sink(frame, faces)
                if not args.quiet:
                    progress.show(len(faces))
                if window and not window.show(frame.pixels, faces):
                    break
            else:
                progress.whole()
        except KeyboardInterrupt:
            pass
        except IncompleteVideo as error:
            reason = str(error)
    if not args.quiet:
        progress.end()
        show_written(outputs.written())
    if reason:
        print(f"error: {one_line(reason)}", file=sys.stderr)
    return 1 if reason else 0
