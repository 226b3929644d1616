"""What `facemtl predict --video` writes of each frame."""

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from facemtl.inference.drawing import draw_faces
from facemtl.inference.face import Face
from facemtl.inference.face_cells import face_cells
from facemtl.predict.output import CsvRows
from facemtl.predict.parser import CROP_SIZE
from facemtl.predict.pictures import Pictures
from facemtl.predict.text_file import TextFile
from facemtl.video.frame import Frame
from facemtl.video.writer import video_writer
from facemtl.words import plural

Numbered = list[tuple[int, Face]]
Sink = Callable[[Frame, Numbered], None]
LEADING = ("frame", "time", "track")  # columns of a CSV


class VideoOutputs:
    """The files of a video.

    Args:
        args: the command's arguments.
        name: the video's name without its ending.
        rate: frames per second of the annotated video.

    Raises:
        InputError: if a folder cannot be created.
    """

    def __init__(
        self, args: argparse.Namespace, name: str, rate: float
    ) -> None:
        self._args, self._name, self._rate = args, name, rate
        self._film: Path | None = None
        if args.draw:
            self._film = Pictures(args.draw).name(f"{name}_faces", ".mp4")
        self._crops = Pictures(args.crops) if args.crops else None

    def open(self, stack: ExitStack) -> list[Sink]:
        """Return functions of a frame and its faces, which write.

        Args:
            stack: closes the files.
        """
        sinks: list[Sink] = []
        if self._args.json:
            sinks.append(stack.enter_context(_json_lines(self._args.json)))
        if self._args.csv:
            sinks.append(stack.enter_context(_csv_rows(self._args.csv)))
        if self._film is not None:
            labels = self._args.labels or "all"
            drawn = _drawn(self._film, self._rate, labels)
            sinks.append(stack.enter_context(drawn))
        if self._crops is not None:
            sinks.append(self._crop)
        return sinks

    def written(self) -> list[str]:
        """Return which pictures were written where, in words."""
        places = []
        if self._film is not None and self._film.exists():
            places.append(str(self._film))
        if self._crops is not None:
            n = self._crops.written
            noun = f"aligned {plural(n, 'face')}"
            places.append(f"{n} {noun} in {self._crops.folder}")
        return places

    def _crop(self, frame: Frame, faces: Numbered) -> None:
        for track, face in faces:
            size = self._args.crop_size or CROP_SIZE
            crop = face.aligned(frame.pixels, size)
            stem = f"{self._name}_frame{frame.index:06d}_face{track}"
            if self._crops is not None:
                self._crops.write(crop, stem)


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
def _csv_rows(file: str) -> Iterator[Sink]:
    """Write one row per face of a frame."""
    with TextFile(file) as out:
        rows = CsvRows(out, LEADING)

        def write(frame: Frame, faces: Numbered) -> None:
            at = round(frame.time, 3)
            for track, face in faces:
                leading = {"frame": frame.index, "time": at, "track": track}
                rows.add({**leading, **face_cells(face, LEADING)})

        yield write
        rows.end()


@contextmanager
def _drawn(file: Path, rate: float, labels: str) -> Iterator[Sink]:
    with video_writer(file, rate) as write:

        def draw(frame: Frame, faces: Numbered) -> None:
            titles = [f"face {number}" for number, _ in faces]
            drawn = draw_faces(
                frame.pixels, [face for _, face in faces], titles, labels
            )
            write(drawn, frame.time)

        yield draw
