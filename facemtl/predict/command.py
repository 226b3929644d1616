"""`python -m facemtl.predict`: faces in photos, a video or a camera."""

from collections.abc import Sequence

from facemtl.predict.parser import parser

__all__ = ["main", "parser"]


def main(argv: Sequence[str] | None = None) -> int:
    """Predict; return the exit status."""
    # Photos may stand before, between and after options.
    args = parser().parse_intermixed_args(argv)
    # Local imports, because --help must answer at once.
    from facemtl.detection.detector import FaceDetector
    from facemtl.inference.predictor import Predictor
    from facemtl.inference.runtimes import load_network
    from facemtl.predict.checks import check_arguments

    inputs = check_arguments(args)

    network = load_network(args.model)
    if args.crops:
        from facemtl.inference.templates import check_network

        check_network(network.tasks, "--crops")
    detector = None
    if not args.boxes:
        detector = FaceDetector(
            args.min_score,
            args.detector_size,
            args.turned,
            max_faces=args.max_faces,
        )
    predictor = Predictor(network, detector, args.second_look)
    if args.video:
        from facemtl.predict.video_command import predict_video
        from facemtl.video.following import FaceFollower

        follower = FaceFollower(predictor, args.detect_every)
        return predict_video(args, follower)
    from facemtl.predict.photo_command import predict_photos

    return predict_photos(args, inputs, predictor)
