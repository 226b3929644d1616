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
    """Photo by photo; each is written before the next one is read.

    A photo that cannot be used is reported, counted, and does not stop the
    rest.

    Returns:
        1 where a photo could not be used, 130 after Ctrl-C, else 0.
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
    # Standard output is the JSON's alone, if it goes there.
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
    """`--json` and `--csv`."""
    if args.json:
        yield JsonList(stack.enter_context(TextFile(args.json)))
    if args.csv:
        yield CsvTable(stack.enter_context(TextFile(args.csv)))


@dataclass
class Count:
    """What is told of many photos at the end.

    Attributes:
        photos: how many there are.
        done: how many are predicted, or could not be used.
        faces: how many were found.
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
        """Which of several photos the last one is, such as `[2/10] `."""
        return f"[{self.done}/{self.photos}] " if self.photos > 1 else ""

    def line(self) -> str:
        """All of it in a line.

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
        # The decoders' own words of a broken file come as an error, too.
        photo = without_native_words(as_rgb, file)
        faces = predictor(photo, given)
        if pictures:
            pictures.write(photo, faces, file)
    except InputError as error:
        # The file's name stands beside it, in each output.
        reason = str(error).removeprefix(f"{file}: ")
        return PhotoResult(file, error=one_line(reason))
    except Exception as error:  # Whatever it is, the other photos go on.
        reason = f"{type(error).__name__}: {error}"
        return PhotoResult(file, error=one_line(reason))
    return PhotoResult(file, faces)


def _given(boxes: Boxes, file: str) -> list[list[float]]:
    """The boxes of a photo, whose name may be escaped in the CSV."""
    for name in (file, valid_text(file)):
        if name in boxes:
            return boxes[name]
    raise InputError("no row in the CSV of boxes")
