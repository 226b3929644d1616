"""The start of a run: a folder for it, or what is there of it already."""

from pathlib import Path
from typing import Any

from facemtl.config import Config, load_config, write_config
from facemtl.dotted_names import differences
from facemtl.errors import InputError
from facemtl.files.kept import read_kept, read_object
from facemtl.training.run_rows import FILE as ROWS
from facemtl.training.run_rows import PLACES

# What a run writes after its first epoch and at its end.
TRACES = ("history.csv", "report.json")


def open_run(
    folder: Path, config: Config, resume: bool
) -> dict[str, Any] | None:
    """Make or check a run folder.

    Args:
        folder: of the run, which nobody else writes into.
        config: of the run.
        resume: go on with a run that is there.

    Returns:
        The report, if the run is finished.

    Raises:
        InputError: if the folder holds a run that is not to be resumed, another
            run, or a network without the run that it came from.
    """
    if not any(folder.glob("**/state.npz")):
        _check_network(folder, config, resume)
        # A run that failed before its first epoch ended has nothing to lose.
        (folder / ROWS).unlink(missing_ok=True)
        write_config(config, folder / "config.toml")
        return None
    if not resume:
        raise InputError(
            f"{folder} holds a run already. Go on with it by resume=True "
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
    """The report of a run; None where it is not finished.

    Raises:
        InputError: for a damaged report.
    """
    file = folder / "report.json"
    if not file.is_file():
        return None
    advice = "Remove it: the run, resumed, scores its network again."
    return read_kept(file, read_object, advice)


def _check_network(folder: Path, config: Config, resume: bool) -> None:
    """Raise where a new run would write over a trained network."""
    network = folder / "model.keras"
    if not network.exists():
        return
    begun = (folder / "config.toml").is_file() and not any(
        (folder / name).exists() for name in TRACES
    )
    # It was cut off in its first epoch, and trains to the same weights.
    if begun and resume and not _changed(folder, config):
        return
    raise InputError(
        f"{network} is a trained network, and there is no state.npz to go on "
        "from: a new run would write over it. Give another folder (--out on "
        "the command line), or move the network away."
    )


def _changed(folder: Path, config: Config) -> list[str]:
    """Settings of the folder's run that differ from a configuration."""
    known = load_config(file=folder / "config.toml")
    return [x for x in differences(known, config) if x not in PLACES]
