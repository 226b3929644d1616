"""Make paths that OpenCV can open as videos."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def opencv_path(file: str | Path) -> Iterator[str]:
    """Yield a path by which OpenCV can open a video.

    OpenCV ends the process for a name that is not UTF-8. Such a file gets a
    temporary link; an opened file stays open without it.

    Args:
        file: the video; need not exist.

    Yields:
        The absolute path, or that of the link.

    Example:

        with opencv_path("film.mp4") as path:
            capture = cv2.VideoCapture(path)
    """
    path = Path(file).absolute()
    try:
        str(path).encode()
    except UnicodeEncodeError:
        with tempfile.TemporaryDirectory() as folder:
            ending = path.suffix if path.suffix.isascii() else ""
            link = Path(folder) / f"video{ending}"
            link.symlink_to(path)
            yield str(link)
    else:
        yield str(path)
