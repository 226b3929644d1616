"""`facemtl predict PHOTO…`."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from facemtl.errors import InputError
from facemtl.inference.predictor import Predictor
from facemtl.photos.photo import as_rgb
from facemtl.predict.boxes import Boxes, read_boxes
from facemtl.predict.output import CsvTable, JsonList, PhotoResult, Table
from facemtl.predict.pictures import Pictures
from facemtl.predict.text_file import TextFile
from facemtl.process.native_words import without_native_words
from facemtl.words import one_line, plural, printable, valid_text


def predict_photos(args: argparse.Namespace, predictor: Predictor) -> int:
    """Predict photo by photo; write each before reading the next.

    A photo that cannot be used is reported and counted; the others continue.

    Returns:
        1 if a photo could not be used, 130 after Ctrl-C, else 0.
    """
    count = Count(len(args.photos))
    files = [file for file in (args.json, args.csv) if file and file != "-"]
    try:
        _predict_all(args, predictor, count)
    except KeyboardInterrupt:
        kept = " and ".join(f"{printable(file)}.part" for file in files)
        place = f"; they are in {kept}" if files else ""
        done = f"{count.done} of {count.photos} photos"
        print(f"\nStopped after {done}{place}.", file=sys.stderr)
        return 130
    if count.photos > 1:
        print(count.line(), file=sys.stderr)
    return 1 if count.errors else 0


def _predict_all(
    args: argparse.Namespace, predictor: Predictor, count: "Count"
) -> None:
    boxes = read_boxes(args.boxes) if args.boxes else None
    pictures = Pictures(args.draw) if args.draw else None
    # With `--json -`, standard output holds JSON alone.
    screen = sys.stderr if args.json == "-" else sys.stdout
    with ExitStack() as stack:
        tables = [stack.enter_context(table) for table in _tables(args, stack)]
        for file in args.photos:
            result = _predict(file, predictor, boxes, pictures)
            for table in tables:
                table.add(result)
            count.add(result)
            for line in result.lines():
                print(f"{count.place()}{line}", file=screen, flush=True)


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

    def place(self) -> str:
        """Return the position of the last photo, such as `[2/10] `."""
        return f"[{self.done}/{self.photos}] " if self.photos > 1 else ""

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
    pictures: Pictures | None,
) -> PhotoResult:
    try:
        given = None if boxes is None else _given(boxes, file)
        # Decoders' messages about broken files are reported by exceptions.
        photo = without_native_words(as_rgb, file)
        faces = predictor(photo, given)
        if pictures:
            pictures.write(photo, faces, file)
    except InputError as error:
        # Each output already names the file.
        reason = str(error).removeprefix(f"{file}: ")
        return PhotoResult(file, error=one_line(reason))
    except Exception as error:  # Any error: the other photos continue.
        reason = f"{type(error).__name__}: {error}"
        return PhotoResult(file, error=one_line(reason))
    return PhotoResult(file, faces)


def _given(boxes: Boxes, file: str) -> list[list[float]]:
    """Return a photo's boxes; its name may be escaped in the CSV."""
    for name in (file, valid_text(file)):
        if name in boxes:
            return boxes[name]
    raise InputError("no row in the CSV of boxes")
