"""`facemtl predict PHOTO…`."""

import argparse
import sys

import cv2

from facemtl.cli import quiet
from facemtl.errors import InputError
from facemtl.predict.boxes import Boxes, read_boxes
from facemtl.predict.output import (
    PhotoResult,
    Pictures,
    csv_text,
    json_text,
    write_text,
)
from facemtl.predict.photos import as_rgb
from facemtl.predict.predictor import Predictor
from facemtl.words import plural


def predict_photos(args: argparse.Namespace, predictor: Predictor) -> int:
    """Photo by photo; a bad one is told, counted, and does not stop the rest.

    Returns:
        1 where a photo could not be used, else 0.
    """
    boxes = read_boxes(args.boxes) if args.boxes else None
    pictures = Pictures(args.draw) if args.draw else None
    # Standard output is the JSON's alone, if it goes there.
    screen = sys.stderr if args.json == "-" else sys.stdout
    results = []
    for i, file in enumerate(args.photos, 1):
        result = _predict(file, predictor, boxes, pictures)
        count = f"[{i}/{len(args.photos)}] " if len(args.photos) > 1 else ""
        for line in result.lines():
            print(f"{count}{line}", file=screen)
        results.append(result)
    if args.json:
        write_text(json_text(results), args.json)
    if args.csv:
        write_text(csv_text(results), args.csv)
    return _count(results)


def _predict(
    file: str,
    predictor: Predictor,
    boxes: Boxes | None,
    pictures: Pictures | None,
) -> PhotoResult:
    try:
        if boxes is not None and file not in boxes:
            raise InputError("no row in the CSV of boxes")
        with quiet():  # The decoders' own words of a broken file
            photo = as_rgb(file)
        faces = predictor(photo, None if boxes is None else boxes[file])
        if pictures:
            pictures.write(photo, faces, file)
    except InputError as error:
        # The file's name stands beside it, in each output.
        return PhotoResult(file, error=str(error).removeprefix(f"{file}: "))
    except cv2.error as error:
        return PhotoResult(file, error=str(error).strip())
    return PhotoResult(file, faces)


def _count(results: list[PhotoResult]) -> int:
    bad = sum(bool(result.error) for result in results)
    if len(results) > 1:
        faces = sum(len(result.faces) for result in results)
        empty = sum(not r.faces and not r.error for r in results)
        good = len(results) - bad
        print(
            f"{faces} {plural(faces, 'face')} in {good} "
            f"{plural(good, 'photo')}, {empty} of them without a face; "
            f"{bad} {plural(bad, 'photo')} could not be used.",
            file=sys.stderr,
        )
    return 1 if bad else 0
