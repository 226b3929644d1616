"""What every command does alike: quiet logs, errors in one line."""

import os
import sys
from collections.abc import Callable, Sequence

from facemtl.errors import InputError


def run(main: Callable[[Sequence[str] | None], int]) -> None:
    """Run a command's `main` and exit with its status.

    An `InputError` is printed in one line, status 2; Ctrl-C is status 130.
    """
    # TensorFlow's own start-up lines say nothing to a user of a command.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("ABSL_MIN_LOG_LEVEL", "3")
    try:
        status = main(None)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        status = 2
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        status = 130
    sys.exit(status)
