"""Whether programs can open windows."""

import os
import sys


def has_display() -> bool:
    """Return whether there seems to be a display.

    On Linux and other systems with X11 or Wayland, their environment variables
    say so. There, OpenCV's windows end the process without a display.
    """
    if sys.platform in ("win32", "darwin"):
        return True
    return any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
