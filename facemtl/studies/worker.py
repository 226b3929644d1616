"""`python -m facemtl.studies.worker CONFIG FOLDER`: one run in one process.

The process ends with the study or search that started it. If another worker is
training the same run, it waits for that worker.
"""

import argparse
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from facemtl.errors import RunFailed
from facemtl.process.cli import load_tensorflow, run


def main(argv: Sequence[str] | None = None) -> int:
    """Start or resume the run of a configuration."""
    parser = argparse.ArgumentParser(
        prog="python -m facemtl.studies.worker",
        description="One run of a study or search, which starts this command.",
    )
    parser.add_argument("config", metavar="CONFIG", help="a whole TOML")
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    parser.add_argument("--skip-bad", action="store_true")
    parser.add_argument("--no-test", action="store_true")
    args = parser.parse_args(argv)
    end_with_parent()
    load_tensorflow()
    from facemtl.config import load_config
    from facemtl.files.lock import locked
    from facemtl.studies.run import failure
    from facemtl.training.runs import train_locked

    with locked(args.folder, wait=True):
        report = train_locked(
            load_config(file=args.config),
            args.folder,
            resume=True,
            skip_bad=args.skip_bad,
            verbose=2,
            test=not args.no_test,
        )
    if failure(report):
        raise RunFailed(failure(report))
    return 0


def end_with_parent() -> None:
    """End this process when the process at the other end of its pipe ends.

    The parent never writes to the standard input of this process. The pipe
    closes when the parent ends, even if it is killed.
    """

    def wait() -> None:
        sys.stdin.read()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    run(main)
