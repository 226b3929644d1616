"""At which photo a worker is, so that a photo that kills workers is found.

A decoder that crashes or takes all memory ends the process; the shard is given
to another worker, which would die in turn. No Ray here.
"""

from collections import Counter
from pathlib import Path
from types import TracebackType

from facemtl.files.places import PART

START = "-"
DEATHS = 2  # One may be chance: the machine went, someone killed the worker.


class Journal:
    """A line for each photo that is begun, in a file beside the shard's.

    Args:
        file: the shard's.

    Example:

        with Journal(file) as journal:
            for i, photo in enumerate(photos):
                if i not in journal.deadly:
                    journal.at(i)
                    ...
    """

    def __init__(self, file: Path) -> None:
        self.file = file.with_name(f"{PART}at-{file.name}")
        self.deadly: set[int] = set()

    def __enter__(self) -> "Journal":
        if self.file.exists():
            self.deadly = deadly(self.file.read_text("utf-8"))
        self._out = self.file.open("ab", buffering=0)
        self._out.write(f"{START}\n".encode())
        return self

    def at(self, photo: int) -> None:
        """Say which photo is begun."""
        self._out.write(f"{photo}\n".encode())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._out.close()
        self.file.unlink(missing_ok=True)


def deadly(journal: str) -> set[int]:
    """The photos at which workers died, again and again.

    Example:

    >>> deadly("-\\n0\\n1\\n-\\n0\\n1\\n")
    {1}
    """
    tries = [x.split() for x in journal.split(START)]
    deaths = Counter(int(photos[-1]) for photos in tries if photos)
    return {photo for photo, times in deaths.items() if times >= DEATHS}
