"""`python -m facemtl.data`: run `check` or `convert`."""

import sys
from collections.abc import Sequence
from importlib import import_module

PARTS = {
    "check": "check labelled faces, and report what may be wrong with them",
    "convert": "write labels of another format as a CSV of facemtl",
}
USAGE = "usage: facemtl data PART [arguments]\n\n" + "\n".join(
    f"  {part:<10} {what}" for part, what in PARTS.items()
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run `check` or `convert`, and return its exit status."""
    args = list(sys.argv[1:] if argv is None else argv)
    part = args[0] if args else "--help"
    if part in ("-h", "--help"):
        print(USAGE)
        return 0
    if part not in PARTS:
        print(f"error: unknown part '{part}'.\n{USAGE}", file=sys.stderr)
        return 2
    return import_module(f"facemtl.data.{part}.command").main(args[1:])
