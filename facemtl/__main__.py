"""`facemtl VERB …`, the same as `python -m facemtl.VERB …`."""

import sys
from collections.abc import Sequence
from importlib import import_module

from facemtl.process.cli import run

VERBS = {
    "fit": "train a network on faces, and score it",
    "evaluate": "score a trained network on labelled faces",
    "compare": "train the variants of a study and compare them",
    "tune": "search the settings of a network with KerasTuner",
    "data": "look at labelled faces, and convert other formats",
    "predict": "find faces in photos or a video, and answer about them",
    "export": "write a network as files that apps load, and check them",
}
USAGE = "usage: facemtl VERB [arguments]\n\n" + "\n".join(
    f"  {verb:<10} {what}" for verb, what in VERBS.items()
)


def main(argv: Sequence[str] | None = None) -> int:
    """Hand the arguments to the verb's own command."""
    args = list(sys.argv[1:] if argv is None else argv)
    verb = args[0] if args else "--help"
    if verb in ("-h", "--help"):
        print(USAGE)
        return 0
    if verb not in VERBS:
        print(f"error: unknown verb '{verb}'.\n{USAGE}", file=sys.stderr)
        return 2
    return import_module(f"facemtl.{verb}").main(args[1:])


def console() -> None:
    """The console command `facemtl`."""
    run(main)


if __name__ == "__main__":
    console()
