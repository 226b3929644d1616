"""`python -m fuzz.one TARGET FINDINGS …`, in `tests`: one target, by atheris.

Further arguments are libFuzzer's. A finding is kept, as its input and its
traceback, and the target goes on; one of the same place is not kept again.
What ends the process, such as too much time, libFuzzer keeps.
"""

import hashlib
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import atheris

OURS = ["facemtl", "fuzz.targets"]


def keeping(
    one_input: Callable[[bytes], None], folder: Path
) -> Callable[[bytes], None]:
    """The target, which keeps what it raises in a folder, each kind once."""
    known: set[str] = set()

    def call(data: bytes) -> None:
        try:
            one_input(data)
        except Exception as error:
            places = traceback.extract_tb(error.__traceback__)[-3:]
            lines = [f"{place.filename}:{place.lineno}" for place in places]
            text = f"{type(error).__name__} {lines}"
            name = hashlib.sha256(text.encode()).hexdigest()[:12]
            if name not in known:
                known.add(name)
                (folder / f"raised-{name}").write_bytes(data)
                words = traceback.format_exc()
                (folder / f"raised-{name}.txt").write_text(words, "utf-8")

    return call


def main(argv: Sequence[str]) -> None:
    """Fuzz until libFuzzer ends it."""
    target, folder, *options = argv
    with atheris.instrument_imports(include=OURS):
        module = import_module(f"fuzz.targets.{target}")
    corpus = Path(options[0])
    for i, seed in enumerate(module.SEEDS):
        (corpus / f"seed{i}").write_bytes(seed)
    atheris.Setup(
        [sys.argv[0], *options], keeping(module.one_input, Path(folder))
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
