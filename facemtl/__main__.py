"""`facemtl VERB …`, the same as `python -m facemtl.VERB …`."""

import sys
from collections.abc import Sequence
from importlib import import_module

import facemtl
from facemtl.pages import guide
from facemtl.process.cli import run

VERBS = {
    "fit": "train a network on faces, and score it",
    "evaluate": "score a trained network on labelled faces",
    "compare": "train the variants of a study and compare them",
    "tune": "search the settings of a network with KerasTuner",
    "data": "check labelled faces, and convert other formats",
    "predict": "detect faces in photos or a video, and predict their labels",
    "demo": "try networks on photos and the camera, on a local page",
    "export": "write a network as files that apps load, and check them",
}
USAGE = "usage: facemtl VERB [arguments]\n\n{}\n\n{}".format(
    "\n".join(f"  {verb:<10} {what}" for verb, what in VERBS.items()),
    guide("docs/index.md"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Call the verb's command with the remaining arguments."""
    args = list(sys.argv[1:] if argv is None else argv)
    verb = args[0] if args else "--help"
    if verb in ("-h", "--help"):
        print(USAGE)
        return 0
    if verb == "--version":
        print(f"facemtl {facemtl.__version__}")
        return 0
    if verb not in VERBS:
        print(f"error: unknown verb '{verb}'.\n{USAGE}", file=sys.stderr)
        return 2
    return import_module(f"facemtl.{verb}").main(args[1:])


def console() -> None:
    """Run the console command `facemtl`."""
    run(main)


if __name__ == "__main__":
    console()
