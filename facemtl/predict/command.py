"""`python -m facemtl.predict`: faces in photos, a video or a camera."""

import argparse
from collections.abc import Sequence

from facemtl.arguments import real_number, whole_number
from facemtl.detection.settings import (
    LONGEST,
    SCORE,
    checked_longest,
    checked_score,
)
from facemtl.errors import InputError
from facemtl.files.destinations import check_apart, check_file, check_folder
from facemtl.photos.patterns import matching_files
from facemtl.presets import DEFAULT, pretrained_names
from facemtl.video.settings import IMAGES_RATE, TIMEOUT, check_video


def parser() -> argparse.ArgumentParser:
    """Return the command's argument parser."""
    parser = argparse.ArgumentParser(
        prog="facemtl predict",
        description="Detect faces in photos, a video or a camera, and predict "
        "their points and attributes.",
    )
    parser.add_argument(
        "photos",
        metavar="PHOTO",
        nargs="*",
        help="files, or patterns such as '*.jpg'",
    )
    parser.add_argument(
        "--model",
        metavar="MODEL",
        default=DEFAULT,
        help=f"{', '.join(pretrained_names())}, a run folder, a .keras, "
        ".tflite or .onnx file, a SavedModel, or the folder of an export "
        "(default: %(default)s)",
    )
    _add_video(parser)
    _add_outputs(parser)
    _add_faces(parser)
    return parser


def _add_video(parser: argparse.ArgumentParser) -> None:
    """Arguments of a video."""
    parser.add_argument(
        "--video",
        metavar="FILE|CAMERA|ADDRESS|IMAGES",
        help="a video's file; a camera: 0, 1, … or /dev/video0; an address: "
        "rtsp://…, http://…; or numbered images: img_%%04d.png",
    )
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=real_number,
        help="how long to wait for an address, and then for each of its "
        f"frames (default: {TIMEOUT:g})",
    )
    parser.add_argument(
        "--fps",
        metavar="N",
        type=real_number,
        help="numbered images per second, for their times and the annotated "
        f"video (default: {IMAGES_RATE:g})",
    )


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    """Arguments of what is written."""
    parser.add_argument(
        "--json",
        metavar="FILE",
        help="write all faces; '-' is standard output. A video gives one line "
        "per frame, photos give one list",
    )
    parser.add_argument("--csv", metavar="FILE", help="write one row per face")
    parser.add_argument(
        "--draw", metavar="DIR", help="write annotated photos or videos"
    )


def _add_faces(parser: argparse.ArgumentParser) -> None:
    """Arguments of which faces are found, and how they are predicted."""
    parser.add_argument(
        "--boxes",
        metavar="FILE",
        help="a CSV file,left,top,right,bottom of boxes to use instead of the "
        "detector",
    )
    parser.add_argument(
        "--turned",
        action="store_true",
        help="also detect faces that lie on their side or are upside down "
        "(four times as slow)",
    )
    parser.add_argument(
        "--detector-size",
        metavar="N",
        type=whole_number,
        help="detect faces at no more than N pixels a side (33 to 8192); "
        "larger photos, and each tile of a long one, are shrunk. A larger N "
        "detects smaller faces; 4096 takes up to 20 times as long, and 1.3 GB "
        f"(default: {LONGEST})",
    )
    parser.add_argument(
        "--min-score",
        metavar="S",
        type=real_number,
        help="skip faces whose detector score is below S, 0 to 1 "
        f"(default: {SCORE})",
    )
    parser.add_argument(
        "--second-look",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="predict rotated, off-centre or badly scaled faces in a second "
        "pass (default: yes)",
    )
    parser.add_argument(
        "--no-smoothing",
        action="store_true",
        help="do not smooth the points of a video over time",
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Predict; return the exit status."""
    args = parser().parse_args(argv)
    args.photos = matching_files(args.photos)
    _check(args)
    from facemtl.detection.detector import FaceDetector
    from facemtl.inference.predictor import Predictor
    from facemtl.inference.runtimes import load_network

    network = load_network(args.model)
    detector = None
    if not args.boxes:
        detector = FaceDetector(args.min_score, args.detector_size, args.turned)
    predictor = Predictor(network, detector, args.second_look)
    if args.video:
        from facemtl.predict.video_command import predict_video

        return predict_video(args, predictor)
    from facemtl.predict.photo_command import predict_photos

    return predict_photos(args, predictor)


def _check(args: argparse.Namespace) -> None:
    """Raise for arguments that conflict, before anything is loaded."""
    if bool(args.photos) == bool(args.video):
        raise InputError(
            "Expected photos, or --video with a file, camera, address or "
            "numbered images. "
            f"Received: {'both' if args.video else 'neither'}."
        )
    if args.video and (args.boxes or args.csv):
        raise InputError("Expected --boxes and --csv with photos only.")
    _check_detector(args)
    check_video(args.video, args.timeout, args.fps)
    _check_destinations(args)


def _check_detector(args: argparse.Namespace) -> None:
    """Raise for detector settings that are invalid or have no effect.

    Sets the defaults.
    """
    given = {
        "--turned": args.turned,
        "--detector-size": args.detector_size is not None,
        "--min-score": args.min_score is not None,
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


def _check_destinations(args: argparse.Namespace) -> None:
    """Raise for outputs that cannot be written, before hours of work."""
    json = None if args.json == "-" else args.json
    for option, file in (("--json", json), ("--csv", args.csv)):
        if file is not None:
            check_file(file, option)
    if args.draw is not None:
        check_folder(args.draw, "--draw")
    read = {f"the photo {file}": file for file in args.photos}
    read |= {"--boxes": args.boxes, "--video": args.video}
    check_apart({"--json": json, "--csv": args.csv}, read)
