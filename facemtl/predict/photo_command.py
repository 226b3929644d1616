"""`facemtl predict PHOTO…`."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from facemtl.errors import InputError
from facemtl.inference.predictor import Predictor
from facemtl.predict.boxes import Boxes, read_boxes
from facemtl.predict.face_pictures import FacePictures, show_written
from facemtl.predict.inputs import Inputs, read_photo, show_notes
from facemtl.predict.output import CsvTable, JsonList, PhotoResult, Table
from facemtl.predict.progress import PhotoProgress
from facemtl.predict.text_file import TextFile
from facemtl.words import one_line, plural, printable, valid_text


def predict_photos(
    args: argparse.Namespace, inputs: Inputs, predictor: Predictor
) -> int:
    """Predict photo by photo; write each before reading the next.

    A photo that cannot be used is reported and counted; the others continue.

    Returns:
        1 if a photo or folder could not be used, 130 after Ctrl-C, else 0.
    """
    show_notes(inputs, args.quiet)
    count = Count(len(inputs.files))
    files = [file for file in (args.json, args.csv) if file and file != "-"]
    pictures = FacePictures(args)
    try:
        _predict_all(args, inputs.files, predictor, count, pictures)
    except KeyboardInterrupt:
        kept = " and ".join(f"{printable(file)}.part" for file in files)
        place = f"; they are in {kept}" if files else ""
        done = f"{count.done} of {count.photos} photos"
        print(f"\nStopped after {done}{place}.", file=sys.stderr)
        return 130
    if count.photos > 1 and not args.quiet:
        print(count.line(), file=sys.stderr)
    if not args.quiet:
        show_written(pictures.written())
    return 1 if count.errors or inputs.faults else 0


def _predict_all(
    args: argparse.Namespace,
    files: Sequence[str],
    predictor: Predictor,
    count: "Count",
    pictures: FacePictures,
) -> None:
    boxes = read_boxes(args.boxes) if args.boxes else None
    # With `--json -`, standard output holds JSON alone.
    screen = sys.stderr if args.json == "-" else sys.stdout
    progress = PhotoProgress(len(files), screen, args.quiet)
    with ExitStack() as stack:
        stack.callback(progress.clear)
        tables = [stack.enter_context(table) for table in _tables(args, stack)]
        for file in files:
            result = _predict(file, predictor, boxes, pictures)
            for table in tables:
                table.add(result)
            count.add(result)
            progress.show(result)


def _tables(args: argparse.Namespace, stack: ExitStack) -> Iterator[Table]:
    """Yield the tables for `--json` and `--csv`."""
    if args.json:
        yield JsonList(stack.enter_context(TextFile(args.json)))
    if args.csv:
        yield CsvTable(stack.enter_context(TextFile(args.csv)))


@dataclass
class Count:
    """The summary of many photos.

    Attributes:
        photos: the number of photos.
        done: photos that are predicted or could not be used.
        faces: the number of detected faces.
        empty: photos without a face.
        errors: photos that could not be used.
    """

    photos: int
    done: int = 0
    faces: int = 0
    empty: int = 0
    errors: int = 0

    def add(self, result: PhotoResult) -> None:
        """Count a photo."""
        self.done += 1
        self.faces += len(result.faces)
        self.errors += bool(result.error)
        self.empty += not result.faces and not result.error

    def line(self) -> str:
        """Return the summary in one line.

        Example:

        >>> Count(3, done=3, faces=1, empty=1, errors=1).line()[-28:]
        '; 1 photo could not be used.'
        """
        good = self.done - self.errors
        return (
            f"{self.faces} {plural(self.faces, 'face')} in {good} "
            f"{plural(good, 'photo')}, {self.empty} of them without a face; "
            f"{self.errors} {plural(self.errors, 'photo')} could not be used."
        )


def _predict(
    file: str,
    predictor: Predictor,
    boxes: Boxes | None,
    pictures: FacePictures,
) -> PhotoResult:
    try:
        given = None if boxes is None else _given(boxes, file)
        faces = predictor(read_photo(file), given)
        pictures.draw(faces, file)
        crops = pictures.crop(faces, file)
    except InputError as error:
        # Each output already names the file.
        reason = str(error).removeprefix(f"{file}: ")
        return PhotoResult(file, error=one_line(reason))
    except Exception as error:  # Any error: the other photos continue.
        reason = f"{type(error).__name__}: {error}"
        return PhotoResult(file, error=one_line(reason))
    return PhotoResult(file, faces, crops=crops)


def _given(boxes: Boxes, file: str) -> list[list[float]]:
    """Return a photo's boxes; its name may be escaped in the CSV."""
    for name in (file, valid_text(file)):
        if name in boxes:
            return boxes[name]
    raise InputError("no row in the CSV of boxes")
