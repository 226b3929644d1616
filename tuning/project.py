"""The folder of a search, which only the same search may continue."""

import argparse
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from facemtl.config import read_toml
from facemtl.errors import InputError
from facemtl.files.writing import write_whole
from facemtl.tuning.space import DEFAULT

ORACLE = "oracle.json"  # KerasTuner's state, in the folder of the trials
DAMAGED = "Give another --out: the search cannot go on from it."
TUNERS = ("hyperband", "bayesian", "random", "grid")


@dataclass(frozen=True)
class Search:
    """The identity of a search; its duration is not part of it.

    Args:
        tuner: one of `TUNERS`.
        objective: a name of `OBJECTIVES`.
        source: the source of faces, as in `facemtl.fit`.
        seed: from 0.
        space: content of the space's TOML file.
    """

    tuner: str
    objective: str
    source: str
    seed: int
    space: dict[str, Any]


def read_search(args: argparse.Namespace) -> Search:
    """Return the search of a command's arguments."""
    content = read_toml(args.space or DEFAULT)
    return Search(args.tuner, args.objective, args.data, args.seed, content)


def open_folder(folder: Path, search: Search, resume: bool) -> None:
    """Create the folder of a search, or check that it holds the same search.

    Raises:
        InputError: if it holds another search, or `resume` is False.
    """
    import tomli_w

    file = folder / "search.toml"
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(tomli_w.dumps(asdict(search)), file)
        return
    kept = read_toml(file)
    changed = [k for k, v in asdict(search).items() if kept.get(k) != v]
    if changed:
        raise InputError(
            f"{folder} holds a search with another {', '.join(changed)}. "
            "Give another --out."
        )
    if not resume:
        raise InputError(
            f"{folder} holds a search already. Give --resume to go on with "
            "it, or another --out."
        )
