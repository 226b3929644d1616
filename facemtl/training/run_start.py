"""The start of a run: a new run folder, or the check of an existing one."""

from pathlib import Path
from typing import Any

from facemtl.config import Config, load_config, write_config
from facemtl.dotted_names import differences
from facemtl.errors import InputError
from facemtl.files.kept import read_kept, read_object
from facemtl.training.run_rows import FILE as ROWS
from facemtl.training.run_rows import PLACES

# Files that a run writes after its first epoch and at its end.
TRACES = ("history.csv", "report.json")


def open_run(
    folder: Path, config: Config, resume: bool
) -> dict[str, Any] | None:
    """Create or check a run folder.

    Args:
        folder: the run folder, locked by the caller.
        config: configuration of the run.
        resume: whether to continue an existing run.

    Returns:
        The report if the run is finished, otherwise None.

    Raises:
        InputError: if the folder holds a run and `resume` is False, a run with
            another configuration, or a network without its run.
    """
    if not any(folder.glob("**/state.npz")):
        _check_network(folder, config, resume)
        # A run that failed in its first epoch has nothing to keep.
        (folder / ROWS).unlink(missing_ok=True)
        write_config(config, folder / "config.toml")
        return None
    if not resume:
        raise InputError(
            f"{folder} already holds a run. Continue it with resume=True "
            "(--resume on the command line), or give another folder (--out)."
        )
    changed = _changed(folder, config)
    if changed:
        raise InputError(
            f"{folder} holds a run with other settings of "
            f"{', '.join(changed)}. Give another folder (--out on the command "
            "line)."
        )
    return read_report(folder)


def read_report(folder: Path) -> dict[str, Any] | None:
    """Return the report of a run, or None if the run is not finished.

    Raises:
        InputError: for a damaged report.
    """
    file = folder / "report.json"
    if not file.is_file():
        return None
    advice = "Remove it: the run, resumed, scores its network again."
    return read_kept(file, read_object, advice)


def _check_network(folder: Path, config: Config, resume: bool) -> None:
    """Raise if a new run would overwrite a trained network."""
    network = folder / "model.keras"
    if not network.exists():
        return
    begun = (folder / "config.toml").is_file() and not any(
        (folder / name).exists() for name in TRACES
    )
    # A run interrupted in its first epoch trains to the same weights.
    if begun and resume and not _changed(folder, config):
        return
    raise InputError(
        f"{network} is a trained network, and there is no state.npz to go on "
        "from: a new run would write over it. Give another folder (--out on "
        "the command line), or move the network away."
    )


def _changed(folder: Path, config: Config) -> list[str]:
    """Return the settings in which the folder's run differs from `config`."""
    known = load_config(file=folder / "config.toml")
    return differences(comparable(known), comparable(config))


def comparable(config: Config) -> Config:
    """Leave out where the rows of a run lie: they may move.

    Example:

    >>> comparable(load_config())["data"]["more"]
    []
    """
    data = {**config["data"], "more": list(config["data"]["more"].values())}
    kept = {k: v for k, v in data.items() if f"data.{k}" not in PLACES}
    return {**config, "data": kept}
