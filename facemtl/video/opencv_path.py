"""Names of files that OpenCV's videos can take."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def opencv_path(file: str | Path) -> Iterator[str]:
    """A path to a file by which OpenCV can open a video.

    OpenCV ends the process at a name that is no UTF-8. Such a file gets a link
    of another name meanwhile; an open file outlives it.

    Args:
        file: it need not be there.

    Yields:
        The absolute path, or the link's.

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
