"""`python -m facemtl.studies.worker CONFIG FOLDER`: one run in a process.

It ends with the study or search that started it, and waits for another one
that is at the same run.
"""

import os
import sys
import threading
from pathlib import Path

from facemtl.cli import load_tensorflow, run
from facemtl.errors import RunFailed


def main(argv: list[str] | None = None) -> int:
    """Train, or go on with, the run of a configuration."""
    file, folder, *flags = argv or sys.argv[1:]
    end_with_parent()
    load_tensorflow()
    from facemtl.config import load_config
    from facemtl.folder_lock import locked
    from facemtl.runs import train_locked
    from facemtl.studies.run import failure

    with locked(Path(folder), wait=True):
        report = train_locked(
            load_config(file=file),
            Path(folder),
            resume=True,
            skip_bad="--skip-bad" in flags,
            verbose=2,
            test="--no-test" not in flags,
        )
    if failure(report):
        raise RunFailed(failure(report))
    return 0


def end_with_parent() -> None:
    """From now on, end when the process at the other end of the pipe does.

    The parent never writes to this process's standard input: the pipe ends
    when the parent does, even if it was killed.
    """

    def wait() -> None:
        sys.stdin.read()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    run(main)  # type: ignore[arg-type]
