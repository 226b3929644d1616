"""The arguments of `facemtl predict`."""

import argparse

import facemtl
from facemtl.arguments import real_number, whole_number
from facemtl.detection.settings import LONGEST, SCORE
from facemtl.pages import guide
from facemtl.presets import DEFAULT, pretrained_names
from facemtl.video.settings import EVERY, IMAGES_RATE, TIMEOUT

LABELS = ("all", "short", "none")
CROP_SIZE = 112


def parser() -> argparse.ArgumentParser:
    """Return the command's argument parser."""
    parser = argparse.ArgumentParser(
        prog="facemtl predict",
        description="Detect faces in photos, a video or a camera, and predict "
        "their points and attributes.",
        epilog=guide("docs/predict.md"),
    )
    parser.add_argument(
        "photos",
        metavar="PHOTO",
        nargs="*",
        help="files, folders (with their subfolders), patterns such as "
        "'*.jpg', or - for a photo on standard input",
    )
    parser.add_argument(
        "--model",
        metavar="MODEL",
        default=DEFAULT,
        help=f"{', '.join(pretrained_names())}, a run folder, a .keras, "
        ".tflite or .onnx file, a SavedModel, or the folder of an export "
        "(default: %(default)s)",
    )
    version = f"facemtl {facemtl.__version__}"
    parser.add_argument("--version", action="version", version=version)
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
    parser.add_argument(
        "--detect-every",
        metavar="N",
        type=whole_number,
        help="detect faces in every Nth frame of a video, and at once if a "
        "face is lost; follow them by their points in the frames between, "
        f"(default: {EVERY}; 1 detects in every frame)",
    )
    parser.add_argument(
        "--no-smoothing",
        action="store_true",
        help="do not smooth the points of a video over time",
    )
    parser.add_argument(
        "--show",
        action=argparse.BooleanOptionalAction,
        help="show the annotated frames in a window, until q or Esc (default: "
        "yes for a camera, if OpenCV can open windows)",
    )


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    """Arguments of what is written."""
    parser.add_argument(
        "--json",
        metavar="FILE",
        help="write all faces; '-' is standard output. A video gives one line "
        "per frame, photos give one list. head_pose is in degrees: yaw > 0 "
        "turns to the image's right, pitch > 0 looks up, roll > 0 is clockwise",
    )
    parser.add_argument(
        "--csv",
        metavar="FILE",
        help="write one row per face; of a video, one per face and frame",
    )
    parser.add_argument(
        "--draw",
        metavar="DIR",
        help="write annotated photos, in the photo's format where OpenCV "
        "writes it and else as PNG (JPEG and WebP with quality 95), or an "
        "annotated video",
    )
    parser.add_argument(
        "--labels",
        choices=LABELS,
        help="the text of --draw: all classes with their probabilities, "
        "classes in one short line, or none (default: all)",
    )
    parser.add_argument(
        "--crops",
        metavar="DIR",
        help="write each face upright in ArcFace's five-point position, as "
        "PHOTO_faceN.png (of a video, NAME_frameN_faceTRACK.png)",
    )
    parser.add_argument(
        "--crop-size",
        metavar="N",
        type=whole_number,
        help=f"pixels a side of --crops, 1 to 1024 (default: {CROP_SIZE})",
    )
    parser.add_argument(
        "--quiet",
        action="store_true",
        help="print errors only",
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
        "(takes longer)",
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
        "--max-faces",
        metavar="N",
        type=whole_number,
        help="keep only the N largest faces of each photo or frame",
    )
    parser.add_argument(
        "--second-look",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="predict rotated, off-centre or badly scaled faces in a second "
        "pass (default: yes)",
    )
