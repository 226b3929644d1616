"""Record the current photo of a worker, to detect photos that kill workers.

A decoder that crashes or runs out of memory ends the process. Without a
journal, the next worker on the same shard would die too. No Ray here.
"""

from collections import Counter
from pathlib import Path
from types import TracebackType

from facemtl.files.places import PART

START = "-"
DEATHS = 2  # A single death may be chance, such as a machine failure.


class Journal:
    """A file with a line for each started photo, next to the shard's file.

    Args:
        file: file of the shard.

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
        """Record a started photo."""
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
    """Return the photos at which workers died repeatedly.

    Example:

    >>> deadly("-\\n0\\n1\\n-\\n0\\n1\\n")
    {1}
    """
    tries = [x.split() for x in journal.split(START)]
    deaths = Counter(int(photos[-1]) for photos in tries if photos)
    return {photo for photo, times in deaths.items() if times >= DEATHS}
