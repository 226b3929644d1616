"""`python -m facemtl.studies.worker CONFIG FOLDER`: one run of a study.

It ends with the study that started it, and waits for another study that is
at the same run.
"""

import os
import sys
import threading
from pathlib import Path

from facemtl.cli import load_tensorflow, run


def main(argv: list[str] | None = None) -> int:
    """Train, or go on with, the run of a configuration."""
    file, folder, *flags = argv or sys.argv[1:]
    threading.Thread(target=_end_with_parent, daemon=True).start()
    load_tensorflow()
    from filelock import FileLock

    from facemtl.config import load_config
    from facemtl.runs import train

    with FileLock(Path(folder).with_suffix(".lock")):
        train(
            load_config(file=file),
            folder,
            resume=True,
            skip_bad="--skip-bad" in flags,
            verbose=2,
        )
    return 0


def _end_with_parent() -> None:
    """The parent never writes: its pipe ends when it does, even if killed."""
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    run(main)  # type: ignore[arg-type]
