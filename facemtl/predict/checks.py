"""Checks of the arguments of `facemtl predict`."""

import argparse

from facemtl.arguments import checked_count
from facemtl.detection.settings import (
    LONGEST,
    SCORE,
    checked_longest,
    checked_score,
)
from facemtl.errors import InputError
from facemtl.files.destinations import check_apart, check_file, check_folder
from facemtl.predict.inputs import Inputs, find_inputs
from facemtl.predict.window import check_window
from facemtl.video.settings import EVERY, check_video

LARGEST_CROP = 1024


def check_arguments(args: argparse.Namespace) -> Inputs:
    """Return the photos; set the detector's defaults.

    Raises:
        InputError: for arguments that conflict, before anything is loaded.
    """
    if bool(args.photos) == bool(args.video):
        raise InputError(
            "Expected photos, or --video with a file, camera, address or "
            "numbered images. "
            f"Received: {'both' if args.video else 'neither'}."
        )
    if args.video and args.boxes:
        raise InputError(
            "Expected --boxes with photos only. Received: a video."
        )
    _check_pictures(args)
    _check_detector(args)
    check_video(args.video, args.timeout, args.fps)
    outputs = [folder for folder in (args.draw, args.crops) if folder]
    inputs = find_inputs(args.photos, outputs)
    _check_destinations(args, inputs)
    return inputs


def _check_pictures(args: argparse.Namespace) -> None:
    """Raise for settings of pictures that are invalid or have no effect."""
    for option, given, owner, needed in (
        (
            *("--labels", args.labels is not None),
            *("--draw DIR or --show", args.draw or args.show),
        ),
        ("--crop-size", args.crop_size is not None, "--crops DIR", args.crops),
        ("--show", args.show is not None, "--video SOURCE", args.video),
        (
            *("--detect-every", args.detect_every is not None),
            *("--video SOURCE", args.video),
        ),
    ):
        if given and not needed:
            raise InputError(
                f"Expected {owner} with {option}. Received: {option} alone."
            )
    if args.show:
        check_window()
    if args.crop_size is not None and not 1 <= args.crop_size <= LARGEST_CROP:
        raise InputError(
            f"Expected --crop-size as 1 to {LARGEST_CROP} pixels. Received: "
            f"{args.crop_size}."
        )


def _check_detector(args: argparse.Namespace) -> None:
    """Raise for detector settings that are invalid or have no effect.

    Sets the defaults.
    """
    given = {
        "--turned": args.turned,
        "--detector-size": args.detector_size is not None,
        "--min-score": args.min_score is not None,
        "--max-faces": args.max_faces is not None,
    }
    unused = [name for name, is_given in given.items() if is_given]
    if args.boxes and unused:
        raise InputError(
            f"Expected no {unused[0]} with --boxes, where the detector is "
            "not used. Received both."
        )
    if args.detector_size is None:
        args.detector_size = LONGEST
    if args.min_score is None:
        args.min_score = SCORE
    checked_longest(args.detector_size, "--detector-size")
    checked_score(args.min_score, "--min-score")
    if args.max_faces is not None:
        checked_count("--max-faces", args.max_faces)
    if args.detect_every is None:
        args.detect_every = EVERY
    checked_count("--detect-every", args.detect_every)


def _check_destinations(args: argparse.Namespace, inputs: Inputs) -> None:
    """Raise for outputs that cannot be written, before hours of work."""
    json = None if args.json == "-" else args.json
    for option, file in (("--json", json), ("--csv", args.csv)):
        if file is not None:
            check_file(file, option)
    for option, folder in (("--draw", args.draw), ("--crops", args.crops)):
        if folder is not None:
            check_folder(folder, option)
    read = {f"the photo {file}": file for file in inputs.files}
    read |= {"--boxes": args.boxes, "--video": args.video}
    check_apart({"--json": json, "--csv": args.csv}, read)
