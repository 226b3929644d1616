"""The part of the check in the older TensorFlow. This file needs no facemtl.

    python -m older_tensorflow.check REFERENCE --result result.json

`check.sh` calls it with the older environment's Python. The exit status is 1 if
a difference exceeds its limit in `limits.py`.
"""

import argparse
import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tensorflow as tf

from .answers import compare_network
from .augmentation import compare_augmentation
from .limits import ANSWERS, AUGMENTATION, faults

COMMAND = "export/apps/older_tensorflow/check.sh"
PACKAGES = ("tensorflow", "keras", "tensorflow-addons", "numpy")


def measure(reference: Path) -> dict[str, Any]:
    """Compute the result from a folder of `reference.py`."""
    about = json.loads((reference / "about.json").read_text("utf-8"))
    older = {name: version(name) for name in PACKAGES}
    return {
        "command": COMMAND,
        "machine": about["machine"],
        "today": about["versions"],
        "older": {**older, "python": platform.python_version()},
        "limits": {"answers": ANSWERS, "augmentation": AUGMENTATION},
        "networks": {
            name: compare_network(reference / name)
            for name in about["networks"]
        },
        "augmentation": compare_augmentation(reference / "augmentation.npz"),
    }


def _cannot_write(file: Path) -> str:
    """Return why a file is not writable, or ""; facemtl is not available."""
    try:
        if file.exists() and not file.is_file():
            return "Expected a file to write. Received a folder or a device."
    except OSError as error:  # such as a too long name
        return str(error.strerror)
    if not os.access(file.parent, os.W_OK | os.X_OK):
        return f"Expected a folder that can be written: {file.parent}."
    return ""


def main() -> int:
    """Compare, write the result, and print differences beyond limits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reference", type=Path)
    parser.add_argument("--result", type=Path, required=True)
    args = parser.parse_args()
    if reason := _cannot_write(args.result):
        print(f"error: --result {args.result}: {reason}", file=sys.stderr)
        return 2
    tf.get_logger().setLevel("ERROR")
    try:
        result = measure(args.reference)
    except (OSError, KeyError, ValueError, tf.errors.OpError) as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        print(f"error: {args.reference}: {reason}", file=sys.stderr)
        return 2
    text = json.dumps(result, indent=2, ensure_ascii=False) + "\n"
    args.result.write_text(text, "utf-8")
    print(text, end="")
    wrong = faults(result)
    for fault in wrong:
        print(f"error: {fault}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
