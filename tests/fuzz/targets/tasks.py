"""A `tasks.toml`."""

from pathlib import Path

from facemtl.data.convert.write import tasks_toml
from facemtl.data.csv.tasks import Declared, read_declared
from facemtl.tasks import load_tasks

from ..oracle import unless_refused, whole, written

SEEDS = (
    whole("tasks.toml"),
    b'[codes.smile]\n"0" = "no"\n"1" = "yes"\n',
    b'[[task]]\nname = "a"\nkind = "value"\nmirror = "same"\n',
)


def one_input(data: bytes) -> None:
    """Tasks are read as they were written."""
    declared = unless_refused(_read, written(data, "tasks.toml"))
    if declared is None or not declared.tasks:
        return
    text = tasks_toml(declared.tasks).encode()
    assert load_tasks(written(text, "again.toml")) == declared.tasks


def _read(file: Path) -> Declared:
    declared = read_declared(file)
    declared.check_codes(())
    return declared
